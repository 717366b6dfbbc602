#pragma once

#include <cstdint>

#include "core/buffer.hpp"
#include "core/crew.hpp"
#include "stream/queue_pair.hpp"
#include "stream/stream_job.hpp"
#include "stream/throttle.hpp"

namespace haloedge {

/// Frames that leave as fast as they come, whatever the filter does:
///
///   reader -> frames -> writer                    every frame, in order
///     `-> newest -> filters -> annotations -´     what there is time for
///
/// Each arrow is a pair of queues over its own slots. The writer never waits for a filter: it paints what edges it has.
class LiveFlow {
 public:
  explicit LiveFlow(StreamJob& job);

  /// Until the input's end, or until nobody reads the output any more. Throws what readers, writers and filters throw.
  void run();

  /// What run() holds beside the filters.
  [[nodiscard]] static std::int64_t memory_bytes(const FrameFormat& frame, const FrameFormat& painted,
                                                 std::int64_t filters);

 private:
  /// A frame's luma, or its edges.
  struct Plane {
    std::int64_t number = 0;
    Buffer samples;
  };

  void read();
  void filter(FrameFilter& filter);
  void write();
  /// Goes on to the newest annotation that is of this frame or of one before. One that is for a later frame, which only
  /// a hesitating output makes possible, holds back those that came after it.
  void advance_annotation(std::int64_t frame);
  void end();

  StreamJob& job_;
  QueuePair<Frame> frames_;
  QueuePair<Plane> newest_;
  QueuePair<Plane> annotations_;
  Throttle throttle_;
  Buffer painted_;
  // The writer's.
  Plane* shown_ = nullptr;
  Plane* next_ = nullptr;
};

}  // namespace haloedge
