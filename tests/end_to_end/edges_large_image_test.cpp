// Tests an image with more pixels than a 32-bit number counts, within little memory. The input is a sparse file, which
// takes almost no disk space.
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/image.hpp"
#include "formats/tiff_layout.hpp"
#include "pictures.hpp"
#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

constexpr std::int64_t side = 46'592;  // 182 tiles of 256; squared, more than 2^31
constexpr std::int64_t tile = 256;

/// Writes an uncompressed tiled BigTIFF that is black except for one white tile far beyond 2 GiB.
void write_sparse_tiff(const std::filesystem::path& path) {
  const TiledImage image{
      .width = side, .height = side, .tile_rows = tile, .tile_columns = tile, .metadata = {}, .software = "test"};
  const TiffLayout layout = lay_out_tiff(image, 1);
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(layout.head.data()), static_cast<std::streamsize>(layout.head.size()));
  std::vector<std::uint64_t> offsets;
  const std::vector<std::uint32_t> counts(static_cast<std::size_t>(image.tile_count()), tile * tile);
  for (std::int64_t i = 0; i < image.tile_count(); ++i) {
    offsets.push_back(static_cast<std::uint64_t>(layout.data_offset + i * tile * tile));
  }
  file.seekp(layout.offsets_at);
  file.write(reinterpret_cast<const char*>(offsets.data()), static_cast<std::streamsize>(offsets.size() * 8));
  file.seekp(layout.counts_at);
  file.write(reinterpret_cast<const char*>(counts.data()), static_cast<std::streamsize>(counts.size() * 4));
  const std::string white(tile * tile, '\xff');
  file.seekp(static_cast<std::streamoff>(offsets[180 * 182 + 100]));
  file.write(white.data(), tile * tile);
  file.close();
  std::filesystem::resize_file(path,
                               static_cast<std::uintmax_t>(layout.data_offset + image.tile_count() * tile * tile));
}

TEST(LargeImage, MoreThan31BitsOfPixels) {
  const ScratchFolder scratch;
  write_sparse_tiff(scratch / "in.tif");
  const RunResult run = run_haloedge(
      fmt::format("edges {0}/in.tif -o {0}/out.tif -q --memory 256M --compression zstd --report {0}/r.json",
                  scratch.path().string()),
      {.ranks = 2, .preload = message_watch(), .timeout_seconds = 500});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.err.find("message_watch: largest count"), std::string::npos) << run.err;
  EXPECT_EQ(run.err.find("has a count of"), std::string::npos) << run.err;

  const auto report = nlohmann::json::parse(file_content(scratch / "r.json"));
  for (const auto& rank : report.at("per_rank")) {
    EXPECT_TRUE(is_sanitized || rank.at("peak_resident_bytes") < 400'000'000);
  }

  // There is the outline of the white tile, two pixels thick (a row inside and a row outside), and nothing else.
  const RunResult sum = run_shell(fmt::format("tiffinfo {}/out.tif", scratch.path().string()));
  EXPECT_NE(sum.out.find(fmt::format("Image Width: {0} Image Length: {0}", side)), std::string::npos) << sum.out;
  EXPECT_EQ(count_bright_pixels(scratch / "out.tif"), 4 * 2 * tile);
}

}  // namespace
}  // namespace haloedge
