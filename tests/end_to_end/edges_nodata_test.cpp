// Tests that pixels without data make no edges: results that touch them have no data either, whatever the number of
// ranks, the backend and the command.
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pictures.hpp"
#include "program.hpp"
#include "support/scratch_folder.hpp"
#include "support/whole_image.hpp"

namespace haloedge {
namespace {

using kernels::Border;
using kernels::SampleType;

/// Returns true if a pixel of the test picture has no data: a collar, a hole across the borders of ranks and tiles, and
/// single pixels.
bool is_nodata(std::int64_t row, std::int64_t column) {
  if (column < 21 || row >= 270) return true;
  if (row > 90 && row < 140 && column > 60 && column < 190) return true;
  return row % 37 == 5 && column % 53 == 7;
}

/// Sets the samples of all pixels without data to 0, and no others.
void punch(Picture& picture) {
  for (std::int64_t row = 0; row < picture.height; ++row) {
    for (std::int64_t column = 0; column < picture.width; ++column) {
      for (int channel = 0; channel < picture.channels; ++channel) {
        std::byte& sample =
            picture.samples[static_cast<std::size_t>((row * picture.width + column) * picture.channels + channel)];
        if (is_nodata(row, column)) {
          sample = std::byte{0};
        } else if (sample == std::byte{0}) {
          sample = std::byte{1};
        }
      }
    }
  }
}

/// Returns true if a result has no data, found pixel by pixel.
bool touches_nodata(const Picture& picture, std::int64_t row, std::int64_t column, std::int64_t radius, Border border) {
  for (std::int64_t y = row - radius; y <= row + radius; ++y) {
    for (std::int64_t x = column - radius; x <= column + radius; ++x) {
      const std::int64_t inside_y = kernels::border_index(y, picture.height, border);
      const std::int64_t inside_x = kernels::border_index(x, picture.width, border);
      if (inside_y >= 0 && inside_x >= 0 && is_nodata(inside_y, inside_x)) return true;
    }
  }
  return false;
}

template <class Out>
void put_nodata(Picture& edges, Border border, Out value) {
  for (std::int64_t row = 0; row < edges.height; ++row) {
    for (std::int64_t column = 0; column < edges.width; ++column) {
      if (!touches_nodata(edges, row, column, 1, border)) continue;
      std::memcpy(edges.samples.data() + (row * edges.width + column) * static_cast<std::int64_t>(sizeof(Out)), &value,
                  sizeof(Out));
    }
  }
}

/// Returns the right answer, computed from the whole picture in memory.
template <class Out>
Picture expected_edges(const Picture& picture, SampleType out_type, Border border, Out value, std::uint16_t zero = 0) {
  kernels::EdgeFilter filter{.gray_type = picture.type, .gray_zero = zero, .out_type = out_type};
  filter.factor = kernels::finish_factor(filter, 1);
  Picture edges{picture.width, picture.height, out_type, 1,
                whole_image_edges(picture.view(), kernels::Gray::bt601, border, filter)};
  put_nodata(edges, border, value);
  return edges;
}

/// A photo with a collar and holes of black, and a copy of it that says that black is no data.
struct Scene {
  ScratchFolder scratch;
  Picture picture;

  explicit Scene(int channels, const std::string& gdal_options = "-a_nodata 0") : picture(photo(channels)) {
    write_tiff(picture, scratch / "plain.tif", TiffForm::tiles, 1);
    translate(gdal_options, "in.tif");
  }
  void translate(const std::string& options, const std::string& name) const {
    const auto run = run_shell(fmt::format("gdal_translate -q {} -co TILED=YES -co COMPRESS=DEFLATE {} {}", options,
                                           (scratch / "plain.tif").string(), (scratch / name).string()));
    EXPECT_EQ(run.exit_code, 0) << run.err;
  }
  static Picture photo(int channels) {
    Picture picture = make_picture(310, 290, channels);
    punch(picture);
    return picture;
  }
  [[nodiscard]] Picture edges(const std::string& options, int ranks) const {
    const auto run = run_haloedge(
        fmt::format("edges {0}/in.tif -o {0}/out.tif --overwrite -q --tile 64 {1}", scratch.path().string(), options),
        {.ranks = ranks});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run.exit_code == 0 ? read_tiff(scratch / "out.tif") : Picture{};
  }
};

class Nodata : public testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Ranks, Nodata, testing::Values(0, 1, 2, 3, 4),
                         [](const auto& parameter) { return "ranks_" + std::to_string(parameter.param); });

TEST_P(Nodata, Types) {
  const Scene scene(3);
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(scene.edges("", GetParam()) ==
              expected_edges<std::uint8_t>(scene.picture, SampleType::u8, Border::reflect, 0));
  EXPECT_TRUE(scene.edges("--type u16 --nodata-output 65535", GetParam()) ==
              expected_edges<std::uint16_t>(scene.picture, SampleType::u16, Border::reflect, 65535));
  EXPECT_TRUE(scene.edges("--type f32", GetParam()) ==
              expected_edges(scene.picture, SampleType::f32, Border::reflect, nan));
  EXPECT_TRUE(scene.edges("--type f32 --nodata-output -1", GetParam()) ==
              expected_edges(scene.picture, SampleType::f32, Border::reflect, -1.0F));
}

TEST_P(Nodata, Borders) {
  const Scene scene(1);
  for (const auto& [name, border] : {std::pair{"mirror", Border::mirror},
                                     {"nearest", Border::nearest},
                                     {"constant", Border::constant},
                                     {"wrap", Border::wrap}}) {
    EXPECT_TRUE(scene.edges(fmt::format("--border {}", name), GetParam()) ==
                expected_edges<std::uint8_t>(scene.picture, SampleType::u8, border, 0))
        << name;
  }
}

TEST_P(Nodata, SignedHeights) {
  const Scene scene(1, "-ot Int16 -a_nodata 0");
  Picture stored{scene.picture.width, scene.picture.height, SampleType::u16, 1, {}};
  for (const std::byte sample : scene.picture.samples) {
    const auto value = static_cast<std::uint16_t>(std::to_integer<int>(sample) + 32768);
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    stored.samples.insert(stored.samples.end(), bytes, bytes + sizeof value);
  }
  EXPECT_TRUE(
      scene.edges("--type f32 --border constant", GetParam()) ==
      expected_edges(stored, SampleType::f32, Border::constant, std::numeric_limits<float>::quiet_NaN(), 32768));
}

TEST_P(Nodata, CannyHasNoEdgesThere) {
  const Scene scene(3);
  for (const char* options : {"--operator canny --low 30 --high 60", "--operator canny --high auto --sigma 1.5"}) {
    const std::int64_t radius = std::string(options).ends_with("1.5") ? 2 + 5 : 2;
    const Picture edges = scene.edges(options, GetParam());
    if (GetParam() > 0) {
      EXPECT_TRUE(edges == scene.edges(options, 0)) << options;
      continue;
    }
    std::int64_t found = 0;
    for (std::int64_t row = 0; row < edges.height; ++row) {
      for (std::int64_t column = 0; column < edges.width; ++column) {
        if (edges.samples[static_cast<std::size_t>(row * edges.width + column)] == std::byte{}) continue;
        ++found;
        ASSERT_FALSE(touches_nodata(edges, row, column, radius, Border::nearest)) << row << ' ' << column;
      }
    }
    EXPECT_GT(found, 100) << "there are edges elsewhere";
  }
}

TEST(NodataOutput, SaysWhatItIs) {
  const Scene scene(3);
  const auto info = [&] { return run_shell("gdalinfo " + (scene.scratch / "out.tif").string()).out; };
  (void)scene.edges("", 0);
  EXPECT_NE(info().find("NoData Value=0"), std::string::npos) << info();
  (void)scene.edges("--type f32", 2);
  EXPECT_NE(info().find("NoData Value=nan"), std::string::npos) << info();
  (void)scene.edges("--nodata-output 254", 0);
  EXPECT_NE(info().find("NoData Value=254"), std::string::npos) << info();
  (void)scene.edges("--nodata none", 0);
  EXPECT_EQ(info().find("NoData"), std::string::npos) << info();
  (void)scene.edges("--operator canny", 0);
  EXPECT_EQ(info().find("NoData"), std::string::npos) << "all pixels that are no edges would be no data: " << info();
}

TEST(NodataOption, TakesTheValueThatIsAskedFor) {
  const Scene scene(3, "");
  EXPECT_TRUE(scene.edges("", 0) != expected_edges<std::uint8_t>(scene.picture, SampleType::u8, Border::reflect, 0));
  EXPECT_TRUE(scene.edges("--nodata 0", 2) ==
              expected_edges<std::uint8_t>(scene.picture, SampleType::u8, Border::reflect, 0));
  const Scene tagged(3);
  const Picture all = tagged.edges("--nodata none", 0);
  EXPECT_TRUE(all == tagged.edges("--nodata -9999", 0)) << "no byte has this value";
}

TEST(NodataOption, Alpha) {
  const Scene scene(4, "-colorinterp red,green,blue,alpha");
  EXPECT_TRUE(scene.edges("--nodata alpha", 2) ==
              expected_edges<std::uint8_t>(scene.picture, SampleType::u8, Border::reflect, 0));
  EXPECT_TRUE(scene.edges("", 2) == scene.edges("--nodata none", 0)) << "alpha is ignored unless asked for";
  const Scene opaque(3);
  const auto run =
      run_haloedge(fmt::format("edges {0}/in.tif -o {0}/out.tif --nodata alpha", opaque.scratch.path().string()));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("no alpha"), std::string::npos) << run.err;
}

TEST(NodataMask, OfTheFile) {
  const Scene scene(4, "-b 1 -b 2 -b 3 -mask 4 --config GDAL_TIFF_INTERNAL_MASK YES");
  const Picture expected = expected_edges<std::uint8_t>(scene.picture, SampleType::u8, Border::reflect, 0);
  EXPECT_TRUE(scene.edges("", 0) == expected);
  EXPECT_TRUE(scene.edges("", 3) == expected);
  EXPECT_TRUE(scene.edges("--nodata none", 0) != expected);
}

TEST(NodataBatch, MakesTheSameFiles) {
  for (const char* options : {"", "--type f32", "--operator canny --high auto", "--border wrap --nodata-output 9"}) {
    const Scene scene(3);
    const auto run = run_haloedge(fmt::format("batch {0}/in.tif -o {0}/set --format tif -q --tile 64 {1}",
                                              scene.scratch.path().string(), options));
    ASSERT_EQ(run.exit_code, 0) << run.err;
    (void)scene.edges(options, 2);
    EXPECT_TRUE(file_content(scene.scratch / "set/in.tif") == file_content(scene.scratch / "out.tif")) << options;
  }
}

}  // namespace
}  // namespace haloedge
