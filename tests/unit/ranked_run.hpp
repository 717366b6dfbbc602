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

  /// Waits for the rank's end. Returns the message of its error, or nothing.
  [[nodiscard]] std::string failure();
  [[nodiscard]] std::int64_t filtered() const { return stats_.totals().filtered.count; }

 private:
  std::vector<std::unique_ptr<FrameFilter>> filters_;
  StreamStats stats_;
  std::string failure_;
  std::jthread thread_;
};

/// An ordered flow over ranks, each of which is a few threads: rank 0, with two filters, and the ranks that serve it.
class RankedRun {
 public:
  using Before = std::function<void(int)>;

  /// `remote_filters` are those of run_ordered_flow(). `before_remote` are the functions that the filters of the other
  /// ranks call, by rank; the last one is also for all ranks after it.
  RankedRun(const std::filesystem::path& input, const std::filesystem::path& output, std::vector<int> remote_filters,
            const Before& before, const std::vector<Before>& before_remote);

  /// Runs the flow. Returns the message of each rank's error, or nothing.
  [[nodiscard]] std::vector<std::string> failures();

  [[nodiscard]] FlowRun& flow() { return flow_; }
  [[nodiscard]] Communicator& at(int rank) { return ranks_.at(rank); }
  [[nodiscard]] const std::vector<std::unique_ptr<FrameServer>>& servers() const { return servers_; }
  /// Returns the most frames that were under way to the rank at a time: sent, without the edges having come back.
  [[nodiscard]] std::int64_t max_under_way(int rank) const;

 private:
  std::vector<int> remote_filters_;
  ThreadRanks ranks_;
  FlowRun flow_;
  std::vector<std::unique_ptr<FrameServer>> servers_;
};

/// Sleeps for up to 15 ms, depending on the frame's number.
void nap_now_and_then(int number);

/// Checks that all frames of the output are in order, each with its own edges. Returns their number.
std::int64_t expect_in_order(std::string_view output);

}  // namespace haloedge
