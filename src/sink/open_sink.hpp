#pragma once

#include <filesystem>
#include <memory>

#include "comm/communicator.hpp"
#include "core/profile.hpp"
#include "sink/output_spec.hpp"
#include "sink/sink.hpp"

namespace haloedge {

enum class WriteMode : std::uint8_t { automatic, gather, parallel };

/// Throws UsageError for what `mode` cannot be with this output. Pure.
void check_write_mode(const OutputSpec& spec, WriteMode mode);

/// Whether all ranks write into one file, or rank 0 alone writes. `automatic` is together where the format allows it
/// and all ranks see `folder`, which rank 0 has made beside the output, as one file system. Collective. Throws Error
/// where `parallel` cannot be.
[[nodiscard]] bool writes_together(const OutputSpec& spec, WriteMode mode, const std::filesystem::path& folder,
                                   Communicator& communicator);

/// Makes the sink for an output whose format its name tells. The output grows under its partial name, which the caller
/// changes into its own after Sink::finish(). Collective. Throws Error before any work is done.
[[nodiscard]] std::unique_ptr<Sink> open_sink(const OutputSpec& spec, bool together, Communicator& communicator,
                                              Profile& profile);

/// Upper bound of what the sink itself holds on a rank, where no compressed tile is larger than its samples. Pure.
[[nodiscard]] SinkMemory sink_memory(const OutputSpec& spec, bool together, int rank);

}  // namespace haloedge
