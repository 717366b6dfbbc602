#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include <mpi.h>

#include "comm/communicator.hpp"

namespace haloedge {

/// Throws Error with MPI's own text unless `code` is MPI_SUCCESS.
void check_mpi(int code, const char* call);

/// The largest piece of a message in bytes: MPI counts are int.
inline constexpr std::size_t largest_piece = std::size_t{1} << 30;

/// Tests `done` until it is true. Sleeps in between, first for microseconds, later for up to half a millisecond, so
/// that waiting ranks leave their cores to working ones. Calls `check_cancelled`, which may throw, before each sleep.
void wait_with_backoff(const std::function<bool()>& done, const std::function<void()>& check_cancelled);

/// The requests of one message, which is sent in pieces.
class MpiTransfer final : public Communicator::Transfer {
 public:
  enum class Kind { send, receive };

  /// `check_cancelled` is called while waiting, and what it refers to must outlive the transfer.
  MpiTransfer(Kind kind, std::function<void()> check_cancelled)
      : kind_(kind), check_cancelled_(std::move(check_cancelled)) {}
  MpiTransfer(const MpiTransfer&) = delete;
  MpiTransfer& operator=(const MpiTransfer&) = delete;
  ~MpiTransfer() override;

  /// Adds a request for the next piece, for MPI to fill in.
  [[nodiscard]] MPI_Request* add() { return &requests_.emplace_back(MPI_REQUEST_NULL); }
  void finish() override;

 private:
  Kind kind_;
  std::function<void()> check_cancelled_;
  std::vector<MPI_Request> requests_;
};

/// Short messages between ranks that nobody waits for: a rank has failed, a rank asks for a stop, the progress of a
/// rank. They have a communicator of their own, so that they do not mix with other messages.
class MpiNotices {
 public:
  enum class Notice : int { failure = 1, stop, progress };

  explicit MpiNotices(MPI_Comm comm);

  void tell_others(Notice notice);
  /// Receives one notice of this kind, and returns whether there was one. For failure and stop.
  [[nodiscard]] bool take(Notice notice);

  /// These do what Communicator's functions of the same names do.
  bool send_progress(const Communicator::Counts& counts);
  [[nodiscard]] Communicator::Counts progress();

 private:
  MPI_Comm comm_;
  int rank_ = 0;
  int size_ = 1;
  std::vector<Communicator::Counts> by_rank_;  ///< on rank 0 only
  Communicator::Counts on_their_way_{};
  MPI_Request request_ = MPI_REQUEST_NULL;
};

}  // namespace haloedge
