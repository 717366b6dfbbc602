#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "comm/communicator.hpp"
#include "stream/remote_filter.hpp"
#include "stream/slot_queues.hpp"
#include "stream/stream_job.hpp"

namespace haloedge {

/// A stream whose frames all leave with their own edges, in order: the reader fills a ring of frames, filters of this
/// rank and of others work on them, and the writer empties the ring. A fast thread waits for the slow ones, and so does
/// the source. For rank 0; the other ranks call serve_frames() meanwhile.
class OrderedFlow {
 public:
  /// `remote_filters` has the number of filters of rank 1, 2, ...; empty if rank 0 works alone.
  OrderedFlow(StreamJob& job, const std::vector<int>& remote_filters, Communicator& communicator);

  /// Runs until the input ends or nobody reads the output any more. Throws what the reader, the writer, the filters and
  /// messages throw.
  void run();

  /// Bytes that a flow holds beside its filters.
  [[nodiscard]] static std::int64_t memory_bytes(const FrameFormat& frame, const FrameFormat& painted,
                                                 std::int64_t filters, const std::vector<int>& remote_filters);

 private:
  void read();
  void filter(FrameFilter& filter);
  /// Sends frames to another rank.
  void feed(RemoteFilter& remote);
  /// Receives their edges.
  void collect(RemoteFilter& remote);
  void finish(FrameWork& work);
  void write();
  void end();

  StreamJob& job_;
  Communicator& communicator_;
  std::vector<std::unique_ptr<RemoteFilter>> remotes_;
  OrderedRing<FrameWork> ring_;
  Throttle throttle_;
};

}  // namespace haloedge
