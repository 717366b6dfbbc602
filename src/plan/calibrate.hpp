#pragma once

#include <string>
#include <vector>

#include "edges/options.hpp"
#include "plan/predict.hpp"

namespace haloedge {

/// The measurements in the report of one `edges` run. Phases are in seconds of threads, summed over the ranks. A phase
/// is 0 if the run did not have it, or had another compression than the job to be planned.
struct MeasuredRun {
  Job job;
  Spread spread;
  int cores = 1;        ///< cores of a node
  double overhead = 0;  ///< the fewest seconds of a rank in no phase, its start included
  double decode = 0;
  double filter = 0;  ///< with the conversion to gray
  double encode = 0;
  double write = 0;
  double send = 0;         ///< seconds of all ranks but rank 0, if they sent their tiles to it
  double sent_pixels = 0;  ///< pixels that these ranks sent

  /// Returns true if every thread had a core for itself, so that phases do not include waiting for a core.
  [[nodiscard]] bool had_cores() const;
};

/// Replaces the numbers of `machine` that `runs` have measured. Each rate is an average over all runs with had_cores().
/// The contention needs two runs that kept different numbers of cores of a node busy:
///
///     thread seconds per pixel (decode, gray, filter) of a run = those of one thread (1 + contention (k - 1))
///
/// Runs without had_cores() are ignored.
[[nodiscard]] Machine calibrate(Machine machine, const std::vector<MeasuredRun>& runs);

/// The kind of the job to be planned. Rates of runs of another kind are not used.
struct JobKind {
  Compression output = Compression::none;
  std::optional<bool> input_compressed{};  ///< unknown if there is no file
};

/// Returns true if a file is clearly smaller than its decoded pixels.
[[nodiscard]] bool is_compressed(double file_bytes, double decoded_bytes);

/// Reads the --report of an `edges` run, for a job of `kind`. Throws Error with the file's name if it is not a report,
/// or one of an older haloedge, of a resumed run, or of a run on a device.
[[nodiscard]] MeasuredRun read_measured_run(const std::string& path, const JobKind& kind);

}  // namespace haloedge
