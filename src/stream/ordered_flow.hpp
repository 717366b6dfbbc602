#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "comm/communicator.hpp"
#include "core/buffer.hpp"
#include "core/crew.hpp"
#include "stream/ordered_ring.hpp"
#include "stream/remote_filter.hpp"
#include "stream/stream_job.hpp"
#include "stream/throttle.hpp"

namespace haloedge {

/// Frames that all leave with their own edges, in order: a ring of frames, which the reader fills, filters of this rank
/// and of others work on, and the writer empties. Who is fast waits for who is slow, the source too. On rank 0; all
/// others meanwhile serve_frames().
class OrderedFlow {
 public:
  /// `remote_filters`: how many filters each other rank has; none of rank 1, 2, ... if empty.
  OrderedFlow(StreamJob& job, const std::vector<int>& remote_filters, Communicator& communicator);

  /// Until the input's end, or until nobody reads the output any more. Throws what readers, writers, filters and
  /// messages throw.
  void run();

  /// What run() holds beside the filters.
  [[nodiscard]] static std::int64_t memory_bytes(const FrameFormat& frame, const FrameFormat& painted,
                                                 std::int64_t filters, const std::vector<int>& remote_filters);

 private:
  void read();
  void filter(FrameFilter& filter);
  void feed(RemoteFilter& remote);
  void collect(RemoteFilter& remote);
  void write();
  void finish(FrameWork& work);
  void end();

  StreamJob& job_;
  Communicator& communicator_;
  std::vector<std::unique_ptr<RemoteFilter>> remotes_;
  OrderedRing<FrameWork> ring_;
  Throttle throttle_;
};

}  // namespace haloedge
