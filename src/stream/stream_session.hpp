#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "core/stop_request.hpp"
#include "run/run.hpp"
#include "run/stop_watcher.hpp"
#include "stream/options.hpp"
#include "stream/stream_job.hpp"
#include "stream/stream_report.hpp"

namespace haloedge {

/// One stream from its first line to its last frame. Every rank makes a session: rank 0 reads, paints and writes the
/// frames, and all ranks find edges for it.
class StreamSession {
 public:
  /// Chooses the backend of `run`. Collective.
  StreamSession(const StreamCommand& command, Run& run);

  /// Runs the stream to its end. Collective; SIGPIPE must be ignored. Throws what the input, the output, the filters
  /// and messages throw; on rank 0, frames that were written to a file are kept then.
  [[nodiscard]] StreamResult run() { return communicator_.rank() == 0 ? lead() : serve(); }

 private:
  StreamResult lead();
  StreamResult serve();
  [[nodiscard]] std::int64_t flow_bytes(const FrameFormat& frame, const FrameFormat& painted, std::int64_t filters,
                                        const std::vector<int>& remote_filters) const;
  void flow(StreamJob& job, const std::vector<int>& remote_filters);
  void say_what_was_chosen(std::int64_t filters) const;
  [[nodiscard]] std::string ended_by(bool is_closed, const std::string& damage) const;

  const StreamCommand& command_;
  Run& run_;
  Communicator& communicator_;
  StopRequest request_{std::chrono::seconds(0)};
  StopWatcher watcher_{request_, [this] { communicator_.announce_stop(); }};
  StreamStop stop_;
  StreamStats stats_;
};

}  // namespace haloedge
