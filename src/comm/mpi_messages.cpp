#include "comm/mpi_messages.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "core/error.hpp"

namespace haloedge {

void check_mpi(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  throw Error(fmt::format("{} failed: {}", call, std::string(text.data(), static_cast<std::size_t>(length))));
}

void wait_with_backoff(const std::function<bool()>& done, const std::function<void()>& check_cancelled) {
  using std::chrono::microseconds;
  constexpr microseconds longest{500};
  microseconds nap{1};
  while (!done()) {
    check_cancelled();
    std::this_thread::sleep_for(nap);
    nap = std::min(longest, nap * 2);
  }
}

void MpiTransfer::finish() {
  const auto all_done = [this] {
    int done = 0;
    check_mpi(MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &done, MPI_STATUSES_IGNORE),
              "MPI_Testall");
    return done != 0;
  };
  wait_with_backoff(all_done, check_cancelled_);
  requests_.clear();
}

MpiTransfer::~MpiTransfer() {
  // Requests are left only after a failure. A receive without a message can be cancelled. Open MPI cannot cancel a
  // send: one that is being received gets time to end before its memory is freed, one without a receiver is never read.
  constexpr std::chrono::milliseconds patience{200};
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (MPI_Request& request : requests_) {
    int done = request == MPI_REQUEST_NULL ? 1 : 0;
    if (done == 0 && kind_ == Kind::receive) MPI_Cancel(&request);
    while (done == 0 && std::chrono::steady_clock::now() < deadline) {
      if (MPI_Test(&request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) break;
      if (done == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    if (request != MPI_REQUEST_NULL) MPI_Request_free(&request);
  }
}

MpiNotices::MpiNotices(MPI_Comm comm) : comm_(comm) {
  check_mpi(MPI_Comm_rank(comm_, &rank_), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(comm_, &size_), "MPI_Comm_size");
  if (rank_ == 0) by_rank_.resize(static_cast<std::size_t>(size_));
}

void MpiNotices::tell_others(Notice notice) {
  for (int peer = 0; peer < size_; ++peer) {
    if (peer == rank_) continue;
    // Destructors announce failures, so nothing is thrown here. A notice that cannot be sent is lost.
    MPI_Request request = MPI_REQUEST_NULL;
    if (MPI_Isend(nullptr, 0, MPI_BYTE, peer, static_cast<int>(notice), comm_, &request) == MPI_SUCCESS) {
      MPI_Request_free(&request);
    }
  }
}

bool MpiNotices::take(Notice notice) {
  int there = 0;
  MPI_Status status{};
  check_mpi(MPI_Iprobe(MPI_ANY_SOURCE, static_cast<int>(notice), comm_, &there, &status), "MPI_Iprobe");
  if (there != 0) {
    check_mpi(MPI_Recv(nullptr, 0, MPI_BYTE, status.MPI_SOURCE, static_cast<int>(notice), comm_, MPI_STATUS_IGNORE),
              "MPI_Recv");
  }
  return there != 0;
}

bool MpiNotices::send_progress(const Communicator::Counts& counts) {
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
