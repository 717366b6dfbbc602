#pragma once

#include <string>

#include "core/image.hpp"
#include "plan/calibrate.hpp"
#include "plan/options.hpp"

namespace haloedge {

/// What the job to be planned is like: rates of another kind of run are not its rates.
struct JobKind {
  Compression output = Compression::none;
  std::optional<bool> input_compressed{};  ///< not known where there is no file
};

/// True if the file is clearly smaller than its pixels.
[[nodiscard]] bool is_compressed(double file_bytes, double decoded_bytes);

/// What the --report of a run of `edges` tells for a job of `kind`. Throws Error, naming the file, if it is none, or
/// one of an older haloedge, of a resumed run, or of a device.
[[nodiscard]] MeasuredRun read_measured_run(const std::string& path, const JobKind& kind);

}  // namespace haloedge
