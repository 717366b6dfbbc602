#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <mpi.h>

#include "comm/communicator.hpp"

namespace haloedge {

/// Throws Error with MPI's own text unless `code` is MPI_SUCCESS.
void check_mpi(int code, const char* call);

/// No message piece is larger: MPI counts are int.
inline constexpr std::int64_t largest_piece = std::int64_t{1} << 30;

/// Tests `done` until it is true, sleeping in between, first microseconds, later up to half a millisecond: a rank that
/// waits must leave its core to those that work. Calls `look_up` before each sleep, which may throw.
void wait_politely(const std::function<bool()>& done, const std::function<void()>& look_up);

/// The requests of one message, cut into pieces.
class MpiTransfer final : public Communicator::Transfer {
 public:
  enum class Kind { send, receive };

  /// `look_up` is called while waiting and must outlive the transfer.
  MpiTransfer(Kind kind, std::function<void()> look_up) : kind_(kind), look_up_(std::move(look_up)) {}
  MpiTransfer(const MpiTransfer&) = delete;
  MpiTransfer& operator=(const MpiTransfer&) = delete;
  ~MpiTransfer() override;

  /// The next piece's request, to be filled by MPI.
  [[nodiscard]] MPI_Request* add() { return &requests_.emplace_back(MPI_REQUEST_NULL); }
  void finish() override;

 private:
  [[nodiscard]] bool all_done();

  Kind kind_;
  std::function<void()> look_up_;
  std::vector<MPI_Request> requests_;
};

}  // namespace haloedge
