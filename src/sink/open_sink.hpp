#pragma once

#include <memory>

#include "comm/communicator.hpp"
#include "core/profile.hpp"
#include "sink/output_spec.hpp"
#include "sink/sink.hpp"

namespace haloedge {

enum class WriteMode : std::uint8_t { automatic, gather, parallel };

/// Makes the sink for an output whose format its name tells. `automatic` is parallel where the format allows it and all
/// ranks see the output's folder as one file system, else gather. Nothing appears under the output's name before
/// Sink::finish(). Collective. Throws Error or UsageError before any work is done.
[[nodiscard]] std::unique_ptr<Sink> open_sink(const OutputSpec& spec, WriteMode mode, Communicator& communicator,
                                              Profile& profile);

/// Upper bound of what the sink itself holds on a rank. Pure.
[[nodiscard]] SinkMemory sink_memory(const OutputSpec& spec, int rank);

}  // namespace haloedge
