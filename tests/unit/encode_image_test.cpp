// Tests that a whole edge map that is encoded at once is the same file that a sink writes tile by tile.
#include <fstream>
#include <iterator>
#include <ostream>

#include <gtest/gtest.h>

#include "comm/communicator.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "sink/image_encoder.hpp"
#include "sink/sink.hpp"
#include "support/samples.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

using kernels::ConstPixels;
using kernels::SampleType;

struct Case {
  std::string ending;
  SampleType type = SampleType::u8;
  Compression compression = Compression::none;
  int quality = 90;

  friend std::ostream& operator<<(std::ostream& stream, const Case& one) {
    return stream << one.ending << " type " << static_cast<int>(one.type) << " compression "
                  << static_cast<int>(one.compression) << " quality " << one.quality;
  }
};

class EncodeImage : public testing::TestWithParam<Case> {
 protected:
  [[nodiscard]] OutputSpec spec(std::int64_t width, std::int64_t height, std::int64_t tile) const {
    OutputSpec spec{.output = parse_output((scratch_ / ("x" + GetParam().ending)).string()),
                    .image = {.width = width,
                              .height = height,
                              .tile_rows = tile,
                              .tile_columns = tile,
                              .type = GetParam().type,
                              .compression = GetParam().compression,
                              .quality = GetParam().quality,
                              .software = "haloedge test"},
                    .tiles_come_in_order = true,
                    .shares = {{0, height}}};
    spec.image.metadata.resolution = {.x = 300, .y = 150, .unit = 2};
    return spec;
  }

  /// Returns the bytes of the file that the sink of a single rank writes.
  [[nodiscard]] static std::string written(const OutputSpec& spec, const ConstPixels& edges) {
    const auto alone = make_single_communicator();
    Trace trace(false);
    {
      const auto sink = open_sink(spec, *alone, trace);
      std::vector<std::byte> tile(static_cast<std::size_t>(spec.image.tile_bytes()));
      for (std::int64_t row = 0; row < spec.image.tiles_down(); ++row) {
        for (std::int64_t column = 0; column < spec.image.tiles_across(); ++column) {
          copy_tile(spec.image, edges, row, column, tile);
          sink->put({row, column}, tile);
        }
        sink->end_round();
      }
      sink->finish();
    }
    std::ifstream file(partial_path(spec.output.file), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  [[nodiscard]] static std::vector<std::byte> encoded(const OutputSpec& spec, const ConstPixels& edges) {
    return encode_image(spec.output.format, spec.output.name, spec.image, edges);
  }

  ScratchFolder scratch_;
};

TEST_P(EncodeImage, SameAsSink) {
  const std::pair<std::int64_t, std::int64_t> sizes[] = {{1, 1}, {16, 16}, {17, 1}, {1, 300}, {333, 217}, {700, 64}};
  for (const auto& [width, height] : sizes) {
    for (const std::int64_t tile : {16, 256}) {
      const OutputSpec output = spec(width, height, tile);
      const std::int64_t row_bytes = width * kernels::sample_bytes(output.image.type);
      std::vector<std::byte> samples = random_samples(width * height, output.image.type, 7);
      // Half of the image is flat, so that it can be compressed.
      std::fill(samples.begin() + std::ssize(samples) / 2, samples.end(), std::byte{0});
      const ConstPixels edges{samples.data(), row_bytes, width, height, output.image.type, 1};
      const std::vector<std::byte> bytes = encoded(output, edges);
      const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      const std::string expected = written(output, edges);
      ASSERT_FALSE(expected.empty());
      EXPECT_TRUE(text == expected) << width << " x " << height << ", tiles of " << tile << ": " << text.size()
                                    << " bytes and " << expected.size();
      EXPECT_LE(std::ssize(bytes), encoding_bytes(output.image)) << "more than was said beforehand";
    }
  }
}

TEST_P(EncodeImage, PaddedRows) {
  const OutputSpec output = spec(50, 40, 16);
  const std::int64_t row_bytes = 50 * kernels::sample_bytes(output.image.type);
  const std::vector<std::byte> close = random_samples(50 * 40, output.image.type, 3);
  std::vector<std::byte> apart;
  for (std::int64_t row = 0; row < 40; ++row) {
    apart.insert(apart.end(), close.begin() + row * row_bytes, close.begin() + (row + 1) * row_bytes);
    apart.insert(apart.end(), 24, std::byte{0x5a});
  }
  EXPECT_EQ(encoded(output, {close.data(), row_bytes, 50, 40, output.image.type, 1}),
            encoded(output, {apart.data(), row_bytes + 24, 50, 40, output.image.type, 1}));
}

INSTANTIATE_TEST_SUITE_P(Formats, EncodeImage,
                         testing::Values(Case{".tif"}, Case{".tif", SampleType::u16}, Case{".tif", SampleType::f32},
                                         Case{".tif", SampleType::u8, Compression::deflate},
                                         Case{".tif", SampleType::f32, Compression::deflate},
                                         Case{".tif", SampleType::u16, Compression::lzw},
                                         Case{".tif", SampleType::u8, Compression::zstd}, Case{".png"},
                                         Case{".png", SampleType::u16}, Case{".jpg"},
                                         Case{".jpg", SampleType::u8, Compression::none, 35}));

TEST(EncodeImageErrors, FormatLimits) {
  const std::vector<std::byte> samples(64);
  const TiledImage image{.width = 4, .height = 4, .tile_rows = 16, .tile_columns = 16, .type = SampleType::f32};
  const ConstPixels edges{samples.data(), 16, 4, 4, SampleType::f32, 1};
  EXPECT_THROW((void)encode_image(OutputFormat::png, "x.png", image, edges), UsageError);
  EXPECT_THROW((void)encode_image(OutputFormat::jpeg, "x.jpg", image, edges), UsageError);
}

}  // namespace
}  // namespace haloedge
