#pragma once

#include <thread>

#include "stream/options.hpp"
#include "stream/stream_log.hpp"

namespace haloedge {

/// A line on standard error that tells, now and then, how a stream goes; silent where nobody would see it, or where it
/// would mix with a player's own. From a thread of its own: a terminal that is held up does not hold up the frames.
class StreamStatus {
 public:
  StreamStatus(const StreamCommand& command, const StreamLog& log);

 private:
  std::jthread thread_;
};

}  // namespace haloedge
