// A library to be preloaded into a run. It reports on standard error each MPI call that has a count over 2^30, and at
// the end the largest count. It uses MPI's own profiling interface: every MPI_X may be replaced by a function that
// calls PMPI_X.
#include <atomic>
#include <cstdio>

#include <mpi.h>

namespace {

constexpr int limit = 1 << 30;
std::atomic<int> largest{0};

void look_at(const char* call, int count) {
  if (count > limit || count < 0) std::fprintf(stderr, "message_watch: %s has a count of %d\n", call, count);
  int seen = largest;
  while (count > seen && !largest.compare_exchange_weak(seen, count)) {
  }
}

}  // namespace

extern "C" {

int MPI_Isend(const void* buffer, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,
              MPI_Request* request) {
  look_at("MPI_Isend", count);
  return PMPI_Isend(buffer, count, type, peer, tag, comm, request);
}

int MPI_Irecv(void* buffer, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm, MPI_Request* request) {
  look_at("MPI_Irecv", count);
  return PMPI_Irecv(buffer, count, type, peer, tag, comm, request);
}

int MPI_Mrecv(void* buffer, int count, MPI_Datatype type, MPI_Message* message, MPI_Status* status) {
  look_at("MPI_Mrecv", count);
  return PMPI_Mrecv(buffer, count, type, message, status);
}

int MPI_Ibcast(void* buffer, int count, MPI_Datatype type, int root, MPI_Comm comm, MPI_Request* request) {
  look_at("MPI_Ibcast", count);
  return PMPI_Ibcast(buffer, count, type, root, comm, request);
}

int MPI_Finalize() {
  std::fprintf(stderr, "message_watch: largest count %d\n", largest.load());
  return PMPI_Finalize();
}
}
