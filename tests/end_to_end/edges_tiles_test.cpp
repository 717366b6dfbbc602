// Tests tile files whose names and sizes say their order, or leave it open: no mosaic is put together the wrong way.
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tiffio.h>

#include "pictures.hpp"
#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

class TileFilesOf : public testing::Test {
 protected:
  /// Cuts a picture into tiles of 50 x 50 px, and less at its right and lower edge, names each with its row and column,
  /// and makes the edge map of the whole picture.
  void cut(std::int64_t width, std::int64_t height, const std::string& name) {
    constexpr std::int64_t side = 50;
    const Picture picture = make_picture(width, height, 3);
    write_png(picture, scratch_ / "whole.png");
    for (std::int64_t y = 0; y < height; y += side) {
      for (std::int64_t x = 0; x < width; x += side) {
        const std::string file = fmt::format(fmt::runtime(name), fmt::arg("r", y / side), fmt::arg("c", x / side));
        std::filesystem::create_directories((scratch_ / file).parent_path());
        write_png(crop(picture, y, x, std::min(side, height - y), std::min(side, width - x)), scratch_ / file);
      }
    }
    ASSERT_EQ(run_haloedge(fmt::format("edges {0}/whole.png -o {0}/whole.tif -q", folder())).exit_code, 0);
  }

  /// Checks that the tiles give the edge map of the whole picture.
  void expect_whole(const std::string& input, const std::string& options) {
    for (const int ranks : {0, 3}) {
      const RunResult run = run_haloedge(
          fmt::format("edges '{}' -o {}/out.tif --overwrite {}", input, folder(), options), {.ranks = ranks});
      ASSERT_EQ(run.exit_code, 0) << run.err;
      EXPECT_TRUE(read_tiff(scratch_ / "out.tif") == read_tiff(scratch_ / "whole.tif")) << input << ' ' << options;
    }
  }

  [[nodiscard]] std::string refusal(const std::string& input, const std::string& options) const {
    const RunResult run = run_haloedge(fmt::format("edges '{}' -o {}/out.tif {}", input, folder(), options));
    EXPECT_EQ(run.exit_code, 2) << run.err;
    return run.err;
  }

  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }
  [[nodiscard]] std::string path(const std::string& name) const { return (scratch_ / name).string(); }
  ScratchFolder scratch_;
};

TEST_F(TileFilesOf, SameSize) {
  cut(150, 150, "{c}_{r}.png");
  const std::string tiles = path("?_?.png");
  const std::string message = refusal(tiles, "--grid 3x3");
  EXPECT_NE(message.find("--order rows if " + path("0_1.png") + " is to the right of " + path("0_0.png")),
            std::string::npos)
      << message;
  expect_whole(tiles, "--grid 3x3 --order columns");
}

TEST_F(TileFilesOf, SmallerLastTiles) {
  cut(150, 140, "{c}_{r}.png");
  expect_whole(path("?_?.png"), "--grid 3x3");
  const std::string words = "they fit with --order columns";
  const RunResult run =
      run_haloedge(fmt::format("edges '{0}/?_?.png' -o {0}/out2.tif --grid 3x3 --order rows", folder()));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find(words), std::string::npos) << run.err;
}

TEST_F(TileFilesOf, ShapeOfTheGrid) {
  cut(150, 100, "tiles/7/{c}/{r}.png");
  expect_whole(path("tiles/7/*/*.png"), "--grid 2x3");
  EXPECT_NE(refusal(path("tiles/7/*/*.png"), "--grid 1x6").find("does not fit the names"), std::string::npos);
}

TEST_F(TileFilesOf, WordsAndSplit) {
  cut(100, 100, "x{c}y{r}.png");
  expect_whole(path("x*y*.png"), "--grid 2x2");
  ASSERT_EQ(run_haloedge(fmt::format("split {0}/whole.png -o {0}/parts --grid 2x2", folder())).exit_code, 0);
  expect_whole(path("parts/part_*.tif"), "--grid 2x2");
}

TEST_F(TileFilesOf, List) {
  cut(150, 100, "{r}{c}.png");
  std::ofstream(scratch_ / "list.txt") << path("00.png") << "\r\n"
                                       << path("01.png") << "\r\n"
                                       << path("02.png") << "\r\n"
                                       << path("10.png") << "\r\n"
                                       << path("11.png") << "\r\n"
                                       << path("12.png") << "\r\n";
  expect_whole("@" + path("list.txt"), "--grid 2x3");
  std::ofstream(scratch_ / "down.txt") << path("00.png\n") << path("10.png\n") << path("01.png\n") << path("11.png\n")
                                       << path("02.png\n") << path("12.png\n");
  expect_whole("@" + path("down.txt"), "--grid 2x3 --order columns");
  EXPECT_NE(refusal("@" + path("list.txt"), "").find("a list of tile files, which needs --grid"), std::string::npos);
  EXPECT_NE(refusal("@" + path("list.txt"), "--grid 2x2").find("lists 6 files, but --grid 2x2 needs 4"),
            std::string::npos);
  EXPECT_NE(refusal(path("whole.png"), "--order rows").find("--grid"), std::string::npos);
}

TEST_F(TileFilesOf, ResumeNeedsTheSameOrder) {
  cut(100, 100, "{c}_{r}.png");
  const std::string job = fmt::format("edges '{0}/?_?.png' --grid 2x2 -o {0}/out.tif --order ", folder());
  ASSERT_EQ(run_haloedge(job + "columns").exit_code, 0);
  EXPECT_EQ(run_haloedge(job + "columns --resume").exit_code, 0);
  const RunResult other = run_haloedge(job + "rows --resume");
  EXPECT_EQ(other.exit_code, 2) << other.err;
  EXPECT_NE(other.err.find("--order"), std::string::npos) << other.err;
}

}  // namespace
}  // namespace haloedge
