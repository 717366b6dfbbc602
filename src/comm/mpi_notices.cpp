#include "comm/mpi_notices.hpp"

#include "comm/mpi_transfer.hpp"

namespace haloedge {

MpiNotices::MpiNotices(MPI_Comm comm) : comm_(comm) {
  MPI_Comm_rank(comm_, &rank_);
  MPI_Comm_size(comm_, &size_);
  if (rank_ == 0) by_rank_.resize(static_cast<std::size_t>(size_));
}

void MpiNotices::tell_others(Notice notice) {
  for (int peer = 0; peer < size_; ++peer) {
    if (peer == rank_) continue;
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Isend(nullptr, 0, MPI_BYTE, peer, static_cast<int>(notice), comm_, &request);
    MPI_Request_free(&request);
  }
}

bool MpiNotices::take(Notice notice) {
  int there = 0;
  MPI_Status status{};
  check_mpi(MPI_Iprobe(MPI_ANY_SOURCE, static_cast<int>(notice), comm_, &there, &status), "MPI_Iprobe");
  if (there != 0) {
    MPI_Recv(nullptr, 0, MPI_BYTE, status.MPI_SOURCE, static_cast<int>(notice), comm_, MPI_STATUS_IGNORE);
  }
  return there != 0;
}

bool MpiNotices::tell_progress(const Communicator::Counts& counts) {
  if (rank_ == 0) {
    by_rank_.front() = counts;
    return true;
  }
  int free = 0;
  check_mpi(MPI_Test(&request_, &free, MPI_STATUS_IGNORE), "MPI_Test");
  if (free == 0) return false;
  on_their_way_ = counts;
  check_mpi(MPI_Isend(on_their_way_.data(), static_cast<int>(counts.size()), MPI_INT64_T, 0,
                      static_cast<int>(Notice::progress), comm_, &request_),
            "MPI_Isend");
  return true;
}

Communicator::Counts MpiNotices::progress() {
  constexpr int tag = static_cast<int>(Notice::progress);
  for (;;) {
    int there = 0;
    MPI_Status status{};
    check_mpi(MPI_Iprobe(MPI_ANY_SOURCE, tag, comm_, &there, &status), "MPI_Iprobe");
    if (there == 0) break;
    Communicator::Counts& counts = by_rank_.at(static_cast<std::size_t>(status.MPI_SOURCE));
    check_mpi(MPI_Recv(counts.data(), static_cast<int>(counts.size()), MPI_INT64_T, status.MPI_SOURCE, tag, comm_,
                       MPI_STATUS_IGNORE),
              "MPI_Recv");
  }
  Communicator::Counts sum{};
  for (const Communicator::Counts& counts : by_rank_) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum.at(i) += counts.at(i);
  }
  return sum;
}

}  // namespace haloedge
