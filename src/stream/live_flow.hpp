#pragma once

#include <cstdint>

#include "core/buffer.hpp"
#include "stream/slot_queues.hpp"
#include "stream/stream_job.hpp"

namespace haloedge {

/// A stream whose frames leave as fast as they come, however slow the filters are:
///
///   reader -> frames -> writer                    every frame, in order
///     `-> newest -> filters -> annotations -´     the newest frame whenever a filter is free
///
/// Each arrow is a QueuePair. The writer never waits for a filter: it paints the newest edges that there are.
class LiveFlow {
 public:
  explicit LiveFlow(StreamJob& job);

  /// Runs until the input ends or nobody reads the output any more. Throws what the reader, the writer and the filters
  /// throw.
  void run();

  /// Bytes that a flow holds beside its filters.
  [[nodiscard]] static std::int64_t memory_bytes(const FrameFormat& frame, const FrameFormat& painted,
                                                 std::int64_t filters);

 private:
  /// A frame's luma, or its edges.
  struct Plane {
    explicit Plane(const FrameFormat& format) : samples(format.luma_bytes()) {}

    std::int64_t number = 0;
    Buffer samples;
  };

  void read();
  void filter(FrameFilter& filter);
  void write();
  /// Makes `shown_` the newest edges of this frame or an earlier one. Edges of a later frame, which are there only if
  /// the output is slow, hold back those behind them.
  void advance_annotation(std::int64_t frame);
  void end();

  StreamJob& job_;
  QueuePair<Frame> frames_;
  QueuePair<Plane> newest_;
  QueuePair<Plane> annotations_;
  Throttle throttle_;
  Buffer painted_;
  // For the writer only.
  Plane* shown_ = nullptr;
  Plane* next_ = nullptr;
};

}  // namespace haloedge
