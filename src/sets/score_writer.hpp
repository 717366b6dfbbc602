#pragma once

#include <functional>
#include <optional>
#include <span>

#include "comm/communicator.hpp"
#include "comm/funnel.hpp"
#include "core/bounded_queue.hpp"
#include "core/crew.hpp"
#include "tables/image_rows.hpp"

namespace haloedge {

/// Brings the rows of all ranks to rank 0, where one thread writes them, many at a time. The rows wait in a bounded
/// queue, and a rank has few rows under way, so that no rank runs ahead of the writing.
class ScoreWriter {
 public:
  /// Writes rows in one go. Called on rank 0, on the thread of the writer.
  using Write = std::function<void(std::span<const ScoredImage>)>;

  /// Made by all ranks. `write` is called on rank 0 only.
  ScoreWriter(Communicator& communicator, Write write);
  ScoreWriter(const ScoreWriter&) = delete;
  ScoreWriter& operator=(const ScoreWriter&) = delete;
  /// Without finish(), announces a failure. Rank 0 still writes the rows that it has.
  ~ScoreWriter();

  /// Waits if too many rows are not written. Throws the error of the writing as RunError, or PeerFailure. Any thread.
  void add(ScoredImage row);

  /// Called by all ranks when they have no more rows. On rank 0, waits until the rows of all ranks are written. Throws
  /// as add().
  void finish();

 private:
  void write_all();

  Communicator& communicator_;
  Write write_;
  BoundedQueue<ScoredImage> queue_;  ///< rows on rank 0
  Crew crew_;
  std::optional<Funnel> funnel_;
};

}  // namespace haloedge
