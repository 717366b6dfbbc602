#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "run/run.hpp"
#include "stream/options.hpp"
#include "stream/stream_stats.hpp"
#include "stream/y4m.hpp"

namespace haloedge {

/// Shows a line on standard error with the frames and rates of a stream that runs, if the options ask for it, or if
/// somebody would see it and it would not mix with what a player prints. Runs on a thread of its own, so that a blocked
/// terminal does not block the frames.
class StreamStatus {
 public:
  StreamStatus(const StreamCommand& command, const StreamStats& stats);

 private:
  std::jthread thread_;
};

/// A stream that has come to its end, as this rank saw it.
struct StreamResult {
  Y4mHeader header;  ///< header of the input
  StreamStats::Totals totals;
  std::int64_t filters = 1;    ///< number of filters on this rank
  std::string ended_by;        ///< "end of input", "SIGINT", ...
  std::string damage;          ///< what is wrong with the input; empty: nothing
  bool is_closed = false;      ///< the reader has closed the output
  bool input_is_file = false;  ///< a regular file
};

/// Collects the report, whose keys the man page describes. Collective. Returns null on other ranks than 0.
[[nodiscard]] nlohmann::json gather_stream_report(const StreamResult& result, const StreamCommand& command, Run& run);

/// Says in one line what was done.
[[nodiscard]] std::string stream_summary(const StreamResult& result);

}  // namespace haloedge
