#pragma once

#include <string>

#include "comm/communicator.hpp"
#include "core/profile.hpp"
#include "run/stage_log.hpp"

namespace haloedge {

/// Writes all ranks' intervals to `path` on rank 0, in the Trace Event Format that chrome://tracing and Perfetto read:
/// a rank is a process, its threads are threads. Collective. Throws Error if the file cannot be written.
void write_trace(const Profile& profile, const std::string& path, Communicator& communicator);

/// The same of a set's stages: their threads are named after them, intervals after what the thread did.
void write_trace(const StageLog& log, const std::string& path, Communicator& communicator);

}  // namespace haloedge
