#pragma once

#include <vector>

#include <mpi.h>

#include "comm/communicator.hpp"

namespace haloedge {

/// Short messages between ranks that nobody waits for: a rank has failed, a rank asks for a stop, the progress of a
/// rank. They have a communicator of their own, so that they do not mix with other messages.
class MpiNotices {
 public:
  enum class Notice : int { failure = 1, stop, progress };

  explicit MpiNotices(MPI_Comm comm);

  void tell_others(Notice notice);
  /// Receives one notice of this kind, and returns whether there was one. For failure and stop.
  [[nodiscard]] bool take(Notice notice);

  /// See Communicator.
  bool tell_progress(const Communicator::Counts& counts);
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
