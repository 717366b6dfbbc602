#pragma once

#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>

#include "comm/communicator.hpp"
#include "core/bounded_queue.hpp"
#include "tables/score_table.hpp"

namespace haloedge {

/// Brings the rows of all ranks to rank 0, where one thread writes them, many at a time. Rows wait in a bounded queue;
/// of a rank's rows no more than one message is under way, so that no rank runs ahead of the writing.
class ScoreWriter {
 public:
  /// Writes rows in one go; called on rank 0, on the writer's thread.
  using Write = std::function<void(std::span<const ScoredImage>)>;

  /// Made by all ranks. `write` is not called on others than rank 0.
  ScoreWriter(Communicator& communicator, Write write);
  ScoreWriter(const ScoreWriter&) = delete;
  ScoreWriter& operator=(const ScoreWriter&) = delete;
  /// Without finish(), announces the failure that this is the end of; on rank 0, rows that have come are still written.
  ~ScoreWriter();

  /// Waits for room. Throws what the writing failed with, as RunError, or PeerFailure. Any thread.
  void add(ScoredImage row);

  /// All ranks call it when they have no more rows. On rank 0, returns when the rows of all are written. Throws as
  /// add().
  void finish();

 private:
  /// Writes what waits here, or sends it.
  void deliver();
  void send(std::span<const ScoredImage> rows);
  /// On rank 0: takes the others' messages until all are at their end.
  void receive();
  /// Of one of the threads here.
  void fail(std::exception_ptr error);
  void rethrow();

  Communicator& communicator_;
  Write write_;
  BoundedQueue<ScoredImage> queue_;
  std::mutex guard_;
  std::exception_ptr error_;
  bool finished_ = false;
  std::jthread receiver_;
  std::jthread deliverer_;
};

}  // namespace haloedge
