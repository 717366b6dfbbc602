#pragma once

#include <chrono>
#include <cstdint>

#include "comm/communicator.hpp"
#include "run/options.hpp"

namespace haloedge {

/// A bar on standard error of rank 0 that shows how far all ranks together are; silent where nobody would see it.
class Progress {
 public:
  /// Collective. `total` is what the ranks' work adds up to, `pixels_each` what one of it is in pixels.
  Progress(const CommonOptions& options, Communicator& communicator, std::int64_t total, std::int64_t pixels_each);

  /// Takes note of how much this rank has done in all; draws on rank 0, now and then.
  void update(std::int64_t done);

  /// Collective: shows the other ranks' progress until all is done, then clears the line.
  void finish();

 private:
  void draw();

  using Clock = std::chrono::steady_clock;
  Communicator& communicator_;
  std::int64_t total_;
  std::int64_t pixels_each_;
  bool shown_ = false;
  std::int64_t done_ = 0;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_{};
};

}  // namespace haloedge
