#pragma once

#include <cstdint>
#include <string>

#include "run/run.hpp"
#include "stream/options.hpp"
#include "stream/stream_stats.hpp"
#include "stream/y4m.hpp"

namespace haloedge {

/// A stream that has come to its end, as this rank saw it.
struct StreamResult {
  Y4mHeader header;  ///< header of the input
  StreamStats::Totals totals;
  std::int64_t filters = 1;    ///< number of filters on this rank
  std::string ended_by;        ///< "end of input", "SIGINT", ...
  std::string damage;          ///< what is wrong with the input; empty: nothing
  bool is_closed = false;      ///< the reader has closed the output
  bool input_is_file = false;  ///< the input is a regular file
};

/// Runs one stream from its first line to its last frame, on the backend that it chooses. Rank 0 reads, paints and
/// writes the frames, and all ranks find edges for it. Collective; SIGPIPE must be ignored. Throws what the input, the
/// output, the filters and messages throw; rank 0 then keeps the frames that were written to a file.
[[nodiscard]] StreamResult run_stream_session(const StreamCommand& command, Run& run);

/// Gathers what the ranks did, and writes the report, whose keys the man page describes, if one is asked for.
/// Collective. Throws Error.
void report_stream(const StreamResult& result, const StreamCommand& command, Run& run);

/// Describes the stream in one line, for the user.
[[nodiscard]] std::string stream_summary(const StreamResult& result);

}  // namespace haloedge
