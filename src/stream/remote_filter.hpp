#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "comm/communicator.hpp"
#include "stream/frame_filter.hpp"
#include "stream/slot_queues.hpp"
#include "stream/stream_stats.hpp"

namespace haloedge {

/// The filters of another rank, as rank 0 uses them: it sends frames, and their edges come back in the same order. A
/// word before each frame says that a frame follows, or that there are no more. One thread sends, another receives.
class RemoteFilter {
 public:
  RemoteFilter(int rank, int filters, Communicator& communicator);

  /// The most frames that are under way at one time: one for each filter, one on its way to the rank, and one on its
  /// way back.
  [[nodiscard]] static std::int64_t most_under_way(int filters) { return filters + 2; }

  /// Waits until fewer than the most frames are under way, and sends the frame's luma. False if abandoned.
  [[nodiscard]] bool send(FrameWork& work);
  /// Says that there are no more frames.
  void send_end();

  /// Waits for the edges of the oldest frame under way, stores them in it, and returns it. Null after the last one.
  [[nodiscard]] FrameWork* receive();
  /// Ends the waits of both threads, after one of them failed.
  void abandon() { under_way_.abandon(); }

 private:
  int rank_;
  Communicator& communicator_;
  QueuePair<FrameWork*> under_way_;
};

/// Finds the edges of the frames that rank 0 sends, with a thread for each filter, until there are no more frames. For
/// the other ranks. Throws what filters and messages throw.
void serve_frames(const FrameFormat& format, std::vector<std::unique_ptr<FrameFilter>>& filters, StreamStats& stats,
                  Communicator& communicator);

/// Bytes that serve_frames() holds beside the filters.
[[nodiscard]] std::int64_t serve_frames_bytes(const FrameFormat& format, std::int64_t filters);

}  // namespace haloedge
