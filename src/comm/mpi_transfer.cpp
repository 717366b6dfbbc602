#include "comm/mpi_transfer.hpp"

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

void wait_politely(const std::function<bool()>& done, const std::function<void()>& check_cancelled) {
  using std::chrono::microseconds;
  constexpr microseconds longest{500};
  microseconds nap{1};
  while (!done()) {
    check_cancelled();
    std::this_thread::sleep_for(nap);
    nap = std::min(longest, nap * 2);
  }
}

bool MpiTransfer::all_done() {
  int done = 0;
  check_mpi(MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &done, MPI_STATUSES_IGNORE),
            "MPI_Testall");
  return done != 0;
}

void MpiTransfer::finish() {
  wait_politely([this] { return all_done(); }, check_cancelled_);
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

}  // namespace haloedge
