#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "sets/options.hpp"

namespace haloedge {

/// How far a run over a set is, on standard error of rank 0: one line that rewrites itself on a terminal, elsewhere (if
/// asked for) a line every few seconds. Counts are images ended, images failed, bytes of their files, ranks that have
/// ended, and what waits in each queue.
class SetProgress {
 public:
  /// Collective. `queues` are the names of the stages that items wait for.
  SetProgress(const CommonOptions& options, Communicator& communicator, std::int64_t images, std::int64_t bytes,
              std::vector<std::string> queues);

  /// Tells the others of this rank's counts; draws on rank 0, now and then.
  void update(const Communicator::Counts& counts);

  /// Collective: shows the other ranks' progress until all have come here.
  void finish(Communicator::Counts counts);

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] std::string line(const Communicator::Counts& sum) const;
  void draw();

  Communicator& communicator_;
  std::int64_t images_;
  std::int64_t bytes_;
  std::vector<std::string> queues_;
  bool shown_ = false;
  bool on_terminal_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

}  // namespace haloedge
