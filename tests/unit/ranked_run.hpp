#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "stream_fixture.hpp"
#include "thread_ranks.hpp"

namespace haloedge {

/// A rank that serves small_frames.
class FrameServer {
 public:
  FrameServer(Communicator& communicator, int filters, const std::function<void(int)>& before);

  /// Waits for its end: what it failed with, or nothing.
  [[nodiscard]] std::string failure();
  [[nodiscard]] std::int64_t filtered() const { return stats_.totals().filtered.count; }

 private:
  std::vector<std::unique_ptr<FrameFilter>> filters_;
  StreamStats stats_;
  std::string failure_;
  std::jthread thread_;
};

/// An ordered flow over ranks, each of which is some threads: rank 0's, with two filters, and those that serve it.
class RankedRun {
 public:
  using Before = std::function<void(int)>;

  /// `remote_filters`: as OrderedFlow has them. `before_remote`: what their filters call, by rank; the last one is that
  /// of all ranks behind it, too.
  RankedRun(const std::filesystem::path& input, const std::filesystem::path& output, std::vector<int> remote_filters,
            const Before& before, const std::vector<Before>& before_remote);

  /// Runs it: what each rank failed with, or nothing.
  [[nodiscard]] std::vector<std::string> failures();

  [[nodiscard]] FlowRun& flow() { return flow_; }
  [[nodiscard]] Communicator& at(int rank) { return ranks_.at(rank); }
  [[nodiscard]] const std::vector<std::unique_ptr<FrameServer>>& servers() const { return servers_; }
  /// The most frames that were ever sent to the rank before the first one's edges were there.
  [[nodiscard]] std::int64_t most_under_way(int rank) const;

 private:
  std::vector<int> remote_filters_;
  ThreadRanks ranks_;
  FlowRun flow_;
  std::vector<std::unique_ptr<FrameServer>> servers_;
};

/// Takes from 0 to 15 ms, by the frame's number.
void nap_now_and_then(int number);

/// All that left must be in order, each frame with its own edges; how many did.
std::int64_t expect_in_order(std::string_view output);

}  // namespace haloedge
