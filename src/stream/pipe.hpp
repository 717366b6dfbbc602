#pragma once

#include <fcntl.h>

namespace haloedge {

/// How long a wait for a pipe may take before it looks whether it should end.
inline constexpr int poll_period_ms = 50;

/// Gives a pipe the most room that every user may have on Linux: frames then pass with fewer changes from one process
/// to the other. What cannot be had is left.
inline void enlarge_pipe(int descriptor) {
#ifdef F_SETPIPE_SZ
  constexpr int most_bytes = 1 << 20;
  (void)::fcntl(descriptor, F_SETPIPE_SZ, most_bytes);
#endif
}

}  // namespace haloedge
