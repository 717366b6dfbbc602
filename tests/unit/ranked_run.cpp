#include "ranked_run.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <gtest/gtest.h>

#include "stream/stream_flow.hpp"

namespace haloedge {

namespace {

/// Runs a rank's work as the command does: if it fails, the other ranks are told so. Returns the error's message, or
/// nothing.
std::string failure_of(Communicator& communicator, const std::function<void()>& work) {
  try {
    work();
    return "";
  } catch (const std::exception& error) {
    communicator.announce_failure();
    return error.what();
  }
}

}  // namespace

FrameServer::FrameServer(Communicator& communicator, int filters, const std::function<void(int)>& before) {
  for (int i = 0; i < filters; ++i) filters_.push_back(std::make_unique<FakeFilter>(small_frames, before));
  thread_ = std::jthread([this, &communicator] {
    failure_ = failure_of(communicator, [&] { serve_frames(small_frames, filters_, stats_, communicator); });
  });
}

std::string FrameServer::failure() {
  if (thread_.joinable()) thread_.join();
  return failure_;
}

RankedRun::RankedRun(const std::filesystem::path& input, const std::filesystem::path& output,
                     std::vector<int> remote_filters, const Before& before, const std::vector<Before>& before_remote)
    : remote_filters_(std::move(remote_filters)),
      ranks_(static_cast<int>(remote_filters_.size()) + 1),
      flow_(input, output, 2, before, [this] { ranks_.at(0).check_peers(); }) {
  for (std::size_t i = 0; i < remote_filters_.size(); ++i) {
    servers_.push_back(std::make_unique<FrameServer>(ranks_.at(static_cast<int>(i) + 1), remote_filters_[i],
                                                     before_remote.at(std::min(i, before_remote.size() - 1))));
  }
}

std::vector<std::string> RankedRun::failures() {
  std::vector<std::string> all;
  all.push_back(failure_of(ranks_.at(0), [&] { flow_.run_over_ranks(remote_filters_, ranks_.at(0)); }));
  for (const auto& server : servers_) all.push_back(server->failure());
  return all;
}

std::int64_t RankedRun::max_under_way(int rank) const {
  using Kind = ThreadRanks::Event::Kind;
  std::int64_t now = 0;
  std::int64_t most = 0;
  for (const ThreadRanks::Event& event : ranks_.events()) {
    if (event.channel != Channel::frame) continue;
    if (event.kind == Kind::begun && event.receiver == rank) ++now;
    if (event.kind == Kind::received && event.sender == rank) --now;
    most = std::max(most, now);
  }
  return most;
}

void nap_now_and_then(int number) {
  std::this_thread::sleep_for(std::chrono::microseconds(number % 10 == 0 ? 15'000 : number * 977 % 3000));
}

std::int64_t expect_in_order(std::string_view output) {
  const std::vector<SeenFrame> seen = seen_frames(small_frames, output);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].number, static_cast<int>(i));
    EXPECT_EQ(seen[i].edges_of, seen[i].number);
  }
  return std::ssize(seen);
}

}  // namespace haloedge
