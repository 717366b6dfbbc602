#pragma once

#include <vector>

#include <mpi.h>

#include "comm/communicator.hpp"

namespace haloedge {

/// Short messages that ranks send each other beside their work, without waiting: a rank has failed, a rank asks for a
/// stop, a rank is so far. On a communicator of their own, so that they meet no other messages.
class MpiWords {
 public:
  enum class Word : int { failure = 1, stop, progress };

  explicit MpiWords(MPI_Comm comm);

  void tell_others(Word word);
  /// Takes one such word, if there is one. For failure and stop.
  [[nodiscard]] bool take(Word word);

  /// See Communicator.
  bool tell_progress(const Communicator::Counts& counts);
  [[nodiscard]] Communicator::Counts progress();

 private:
  MPI_Comm comm_;
  int rank_ = 0;
  int size_ = 1;
  std::vector<Communicator::Counts> by_rank_;  ///< rank 0 only
  Communicator::Counts on_their_way_{};
  MPI_Request request_ = MPI_REQUEST_NULL;
};

}  // namespace haloedge
