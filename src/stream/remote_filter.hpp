#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "comm/communicator.hpp"
#include "stream/frame_filter.hpp"
#include "stream/frame_work.hpp"
#include "stream/queue_pair.hpp"
#include "stream/stream_log.hpp"

namespace haloedge {

/// The filters of another rank, from rank 0: frames are sent to it, and their edges come back in the same order. Before
/// each frame goes a word that says that one comes, or that there are no more. One thread sends, one receives.
class RemoteFilter {
 public:
  RemoteFilter(int rank, int filters, Communicator& communicator);

  /// Frames that are sent before the first one's edges are there: one for each of its filters, one on its way to it,
  /// and one on its way back.
  [[nodiscard]] static std::int64_t most_under_way(int filters) { return filters + 2; }

  /// Waits until not too many are under way, and sends the frame's luma. False if it was abandoned.
  [[nodiscard]] bool send(FrameWork& work);
  /// Tells the rank that there are no more.
  void send_end();

  /// Waits for the edges of the frame that was sent longest ago: it has them then. Null after the last one.
  [[nodiscard]] FrameWork* receive();
  /// The receiving thread failed: nothing is to be waited for any more.
  void abandon() { under_way_.abandon(); }

 private:
  int rank_;
  Communicator& communicator_;
  QueuePair<FrameWork*> under_way_;
};

/// On a rank that is not rank 0: finds the edges of the frames that rank 0 sends, with a thread for each filter, until
/// there are no more. Throws what filters and messages throw.
void serve_frames(const FrameFormat& format, std::vector<std::unique_ptr<FrameFilter>>& filters, StreamLog& log,
                  Communicator& communicator);

/// What serve_frames() holds beside the filters.
[[nodiscard]] std::int64_t serve_frames_bytes(const FrameFormat& format, std::int64_t filters);

}  // namespace haloedge
