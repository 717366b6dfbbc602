#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "comm/communicator.hpp"
#include "run/backend_choice.hpp"
#include "stream/options.hpp"
#include "stream/stream_log.hpp"
#include "stream/y4m_header.hpp"

namespace haloedge {

/// One finished stream, as this rank saw it.
struct StreamRun {
  const StreamCommand& command;
  const std::vector<std::string>& command_line;
  const Y4mHeader& header;
  const ChosenBackend& backend;
  const StreamLog::Totals totals;
  std::int64_t filters = 1;  ///< this rank's
  std::string ended_by;      ///< in words: "end of input", "SIGINT", ...
  std::string damage;        ///< of the input; empty: none
};

/// Collective: the report on rank 0, null elsewhere. Its keys are documented in the man page.
[[nodiscard]] nlohmann::json gather_stream_report(const StreamRun& run, Communicator& communicator);

/// What was done, in one line.
[[nodiscard]] std::string stream_summary(const StreamRun& run);

}  // namespace haloedge
