// Tests that `score` leaves older tables and other commands' files alone, and that it can be stopped during its longest
// work.
#include <cstring>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tiffio.h>

#include "pictures.hpp"
#include "program.hpp"
#include "score_rows.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;

class ScoreFolders : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(scratch_ / "set");
    for (int i = 0; i < 5; ++i) write_png(make_picture(120 + i, 90, 3), scratch_ / fmt::format("set/{}.png", i));
  }
  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }

  ScratchFolder scratch_;
};

TEST_F(ScoreFolders, EmptySet) {
  fs::create_directory(scratch_ / "none");
  ASSERT_EQ(run_haloedge(fmt::format("score {0}/set -o {0}/s.sqlite -q", folder())).exit_code, 0);
  const std::string rows = first_value(scratch_ / "s.sqlite", "SELECT count(*) FROM images");
  ASSERT_NE(rows, "0");
  (void)run_haloedge(fmt::format("score {0}/none -o {0}/s.sqlite -q --overwrite", folder()));
  EXPECT_EQ(first_value(scratch_ / "s.sqlite", "SELECT count(*) FROM images"), rows);
}

TEST_F(ScoreFolders, OtherFilesAreKept) {
  ASSERT_EQ(run_haloedge(fmt::format("batch {0}/set -o {0}/out -q", folder())).exit_code, 0);
  ASSERT_EQ(
      run_haloedge(fmt::format("score {0}/set -o {0}/s.sqlite --maps {0}/out --overwrite -q", folder())).exit_code, 0);
  EXPECT_TRUE(fs::exists(scratch_ / "out/.haloedge"));
  const RunResult again = run_haloedge(fmt::format("batch {0}/set -o {0}/out --resume", folder()));
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_NE(again.out.find("done earlier"), std::string::npos) << again.out;
  for (const auto& entry : fs::directory_iterator(scratch_ / "out")) {
    EXPECT_NE(entry.path().extension(), ".maps") << "left over";
  }
}

TEST_F(ScoreFolders, StopInDepthLevels) {
  fs::create_directories(scratch_ / "one");
  fs::create_directories(scratch_ / "depth");
  write_png(make_picture(1500, 1500, 3), scratch_ / "one/a.png");
  Picture depth = make_picture(1500, 1500, 1, kernels::SampleType::f32);
  for (std::size_t i = 0; i < depth.samples.size() / sizeof(float); ++i) {
    const auto value = static_cast<float>(i * 2654435761U % 4294967291U);  // all different
    std::memcpy(depth.samples.data() + i * sizeof(float), &value, sizeof(float));
  }
  write_tiff(depth, scratch_ / "depth/a.tif", TiffForm::tiles, COMPRESSION_NONE);
  const RunResult run = run_haloedge(
      fmt::format("score {0}/one -o {0}/d.sqlite --depth {0}/depth --clusters 256 --time-limit 1s", folder()));
  EXPECT_EQ(run.exit_code, 75) << run.out << run.err;
  EXPECT_LT(run.seconds, 15);
}

}  // namespace
}  // namespace haloedge
