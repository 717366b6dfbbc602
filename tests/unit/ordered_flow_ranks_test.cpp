#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "ranked_run.hpp"
#include "stream/stream_flow.hpp"
#include "support/scratch_folder.hpp"
#include "watchdog.hpp"

namespace haloedge {
namespace {

using namespace std::chrono_literals;

class RemoteFilterTest : public testing::Test {
 protected:
  void make_input(int frames) { write_text_file(in_, whole_stream(small_frames, frames)); }

  Watchdog watchdog_{"an ordered flow over ranks"};
  ScratchFolder folder_;
  std::filesystem::path in_ = folder_ / "in";
  std::filesystem::path out_ = folder_ / "out";
};

TEST_F(RemoteFilterTest, OwnEdges) {
  constexpr int frames = 200;
  make_input(frames);
  for (const std::vector<int>& remotes : {std::vector{1}, std::vector{4}, std::vector{3, 2}}) {
    RankedRun run(in_, out_, remotes, nap_now_and_then, {nap_now_and_then});
    EXPECT_EQ(run.failures(), std::vector<std::string>(remotes.size() + 1));
    EXPECT_EQ(expect_in_order(read_text_file(out_)), frames);
    EXPECT_EQ(run.flow().totals().filtered.count, frames);
    std::int64_t elsewhere = 0;
    for (const auto& server : run.servers()) {
      EXPECT_GT(server->filtered(), 0);
      elsewhere += server->filtered();
    }
    EXPECT_EQ(run.flow().totals().filter.count(), frames - elsewhere);
  }
}

TEST_F(RemoteFilterTest, FullSpeed) {
  make_input(2000);
  RankedRun run(in_, out_, {2, 2}, {}, {RankedRun::Before()});
  EXPECT_EQ(run.failures(), std::vector<std::string>(3));
  EXPECT_EQ(expect_in_order(read_text_file(out_)), 2000);
}

TEST_F(RemoteFilterTest, NoFrames) {
  make_input(0);
  RankedRun run(in_, out_, {2, 1}, {}, {RankedRun::Before()});
  EXPECT_EQ(run.failures(), std::vector<std::string>(3));
  EXPECT_FALSE(read_text_file(out_).empty());
  EXPECT_EQ(expect_in_order(read_text_file(out_)), 0);
}

TEST_F(RemoteFilterTest, BusyFilters) {
  const std::vector<int> remotes{3, 5};
  make_input(80);
  const auto slow = [](int) { std::this_thread::sleep_for(10ms); };
  RankedRun run(in_, out_, remotes, slow, {slow});
  EXPECT_EQ(run.failures(), std::vector<std::string>(3));
  EXPECT_EQ(expect_in_order(read_text_file(out_)), 80);
  for (std::size_t i = 0; i < remotes.size(); ++i) {
    const std::int64_t most = run.max_under_way(static_cast<int>(i) + 1);
    EXPECT_GE(most, remotes[i]);
    EXPECT_LE(most, max_frames_under_way(remotes[i]));
  }
}

}  // namespace
}  // namespace haloedge
