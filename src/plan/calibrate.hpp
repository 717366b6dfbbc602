#pragma once

#include <vector>

#include "plan/machine.hpp"

namespace haloedge {

/// What the report of one `edges` run tells. Phases are seconds of threads, summed over the ranks; 0 where the run
/// cannot tell: it had no such phase, or another compression than the job to be planned.
struct MeasuredRun {
  Job job;
  Spread spread;
  int cores = 1;        ///< of a node
  double overhead = 0;  ///< seconds of the least idle rank that are in no phase, and of its start
  double decode = 0;
  double filter = 0;  ///< and gray
  double encode = 0;
  double write = 0;
  double send = 0;         ///< of the ranks but rank 0, if they sent to it
  double sent_pixels = 0;  ///< by them

  /// Every thread had a core for itself: its phases are not longer because others ran.
  [[nodiscard]] bool had_cores() const;
};

/// `machine` with what `runs` tell, the others as they are. Each rate is that of all runs with had_cores() together;
/// how much slower threads get beside others needs two that kept different numbers of a node's cores busy:
///
///     seconds of thread for a pixel, of decode, gray and filter: a run's = one thread's (1 + contention (k - 1))
///
/// Pure. Runs without had_cores() tell nothing but what does not depend on it: sizes.
[[nodiscard]] Machine calibrate(Machine machine, const std::vector<MeasuredRun>& runs);

}  // namespace haloedge
