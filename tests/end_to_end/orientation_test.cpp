// Tests that images which are stored turned are read upright, whatever their format and the command.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tiffio.h>
#include <zlib.h>

#include "pictures.hpp"
#include "program.hpp"
#include "support/jpeg_fixture.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

/// Puts bytes into a file.
void insert(const std::filesystem::path& path, std::size_t at, const std::string& bytes) {
  std::string content = file_content(path);
  content.insert(at, bytes);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

std::string big_endian(std::uint32_t number, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text.push_back(static_cast<char>(number >> shift));
  return text;
}

/// Returns the picture as it must be stored to be shown as it is with orientation 6 (turned by 90 degrees to the right)
/// or 3 (by 180 degrees).
Picture stored(const Picture& shown, int orientation) {
  const auto pixel = static_cast<std::ptrdiff_t>(shown.channels * kernels::sample_bytes(shown.type));
  Picture picture = shown;
  if (orientation == 6) std::swap(picture.width, picture.height);
  auto to = picture.samples.begin();
  for (std::int64_t row = 0; row < picture.height; ++row) {
    for (std::int64_t column = 0; column < picture.width; ++column) {
      const std::int64_t shown_row = orientation == 6 ? column : shown.height - 1 - row;
      const std::int64_t shown_column = shown.width - 1 - (orientation == 6 ? row : column);
      const auto from = shown.samples.begin() + (shown_row * shown.width + shown_column) * pixel;
      to = std::copy(from, from + pixel, to);
    }
  }
  return picture;
}

class Orientation : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    if (!have_tool("tiffset")) GTEST_SKIP() << "tiffset is not installed";
    write_tiff(shown_, scratch_ / "upright.tif", TiffForm::tiles, COMPRESSION_LZW);
    std::filesystem::create_directory(scratch_ / "in");
    for (const auto& [name, form] :
         {std::pair("tiles.tif", TiffForm::tiles), std::pair("strips.tif", TiffForm::strips)}) {
      write_tiff(stored_, scratch_ / "in" / name, form, COMPRESSION_LZW);
      ASSERT_EQ(run_shell(fmt::format("tiffset -s 274 {} {}/{}", GetParam(), in(), name)).exit_code, 0);
    }
    std::vector<std::uint8_t> exif = exif_block(GetParam(), true);
    const std::string app1(exif.begin(), exif.end());
    write_jpeg(stored_, scratch_ / "in/photo.jpg");
    insert(scratch_ / "in/photo.jpg", 2,
           "\xff\xe1" + big_endian(static_cast<std::uint32_t>(app1.size()) + 2, 2) + app1);
    write_png(stored_, scratch_ / "in/photo.png");
    const std::string chunk = "eXIf" + app1.substr(6);
    const auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(chunk.data()), static_cast<uInt>(chunk.size()));
    constexpr std::size_t behind_ihdr = 33;
    insert(scratch_ / "in/photo.png", behind_ihdr,
           big_endian(static_cast<std::uint32_t>(chunk.size()) - 4, 4) + chunk +
               big_endian(static_cast<std::uint32_t>(crc), 4));
  }

  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }
  [[nodiscard]] std::string in() const { return folder() + "/in"; }
  /// Runs the program in the test's folder.
  void run(const std::string& arguments, int ranks = 0) const {
    const RunResult result = run_haloedge(arguments, {.ranks = ranks});
    ASSERT_EQ(result.exit_code, 0) << arguments << ": " << result.err;
  }

  Picture shown_ = make_picture(203, 157, 3);
  Picture stored_ = stored(shown_, GetParam());
  ScratchFolder scratch_;
  static constexpr std::array lossless{"tiles.tif", "strips.tif", "photo.png"};
};

TEST_P(Orientation, Edges) {
  run(fmt::format("edges {0}/upright.tif -o {0}/wanted.tif -q --operator canny --tile 32", folder()));
  const Picture wanted = read_tiff(scratch_ / "wanted.tif");
  for (const char* name : lossless) {
    for (const int ranks : {0, 3}) {
      run(fmt::format("edges {0}/in/{1} -o {0}/out.tif -q --operator canny --tile 32 --overwrite", folder(), name),
          ranks);
      EXPECT_TRUE(read_tiff(scratch_ / "out.tif") == wanted) << name << " on " << ranks << " ranks";
    }
  }
  const RunResult info = run_shell(fmt::format("tiffinfo {}/out.tif", folder()));
  EXPECT_EQ(info.out.find("Orientation: row 0"), std::string::npos) << info.out;
}

TEST_P(Orientation, Split) {
  for (const char* name : lossless) {
    run(fmt::format("split {0}/in/{1} -o {0}/parts --grid 1x1 --overwrite -q", folder(), name), 2);
    EXPECT_TRUE(read_tiff(scratch_ / "parts/part_0_0.tif") == shown_) << name;
  }
}

TEST_P(Orientation, Batch) {
  run(fmt::format("edges {0}/upright.tif -o {0}/wanted.tif -q", folder()));
  run(fmt::format("batch {0}/in -o {0}/maps --format png -q", folder()), 2);
  for (const char* name : {"tiles.png", "strips.png", "photo.png.png"}) {
    EXPECT_TRUE(read_png(scratch_ / "maps" / name) == read_tiff(scratch_ / "wanted.tif")) << name;
  }
}

TEST_P(Orientation, OneHash) {
  run(fmt::format("hash {0}/upright.tif {0}/in -o {0}/hashes.csv -q", folder()));
  std::istringstream rows(file_content(scratch_ / "hashes.csv"));
  std::set<std::uint64_t> hashes;
  std::uint64_t of_jpeg = 0;
  for (std::string row; std::getline(rows, row);) {
    if (row.starts_with("path,")) continue;
    const std::uint64_t hash = std::stoull(row.substr(row.find(',') + 1, 16), nullptr, 16);
    EXPECT_NE(row.find(",203,157,"), std::string::npos) << row;
    if (row.find(".jpg,") != std::string::npos) {
      of_jpeg = hash;
    } else {
      hashes.insert(hash);
    }
  }
  // The compression of a JPEG, which changes its pixels, changes a few bits.
  ASSERT_EQ(hashes.size(), 1U) << file_content(scratch_ / "hashes.csv");
  EXPECT_LE(std::popcount(of_jpeg ^ *hashes.begin()), 4) << file_content(scratch_ / "hashes.csv");
}

TEST_P(Orientation, InfoAndPlan) {
  for (const char* name : {"tiles.tif", "strips.tif", "photo.png", "photo.jpg"}) {
    const RunResult info = run_haloedge(fmt::format("info {}/{}", in(), name));
    EXPECT_NE(info.out.find("203 x 157 px"), std::string::npos) << info.out;
    EXPECT_NE(info.out.find(fmt::format("{}, turned upright", GetParam())), std::string::npos) << info.out;
    const RunResult plan = run_haloedge(fmt::format("plan {}/{} --ranks 2", in(), name));
    EXPECT_NE(plan.out.find("203 x 157 px"), std::string::npos) << plan.out << plan.err;
  }
}

INSTANTIATE_TEST_SUITE_P(Turns, Orientation, testing::Values(3, 6), testing::PrintToStringParamName());

}  // namespace
}  // namespace haloedge
