#include <array>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "source/open_source.hpp"
#include "support/scratch_folder.hpp"
#include "support/source_reader.hpp"
#include "support/tiff_fixture.hpp"
#include "support/tiff_promise.hpp"

namespace haloedge {
namespace {

struct Kind {
  const char* name;
  TiffPage page;
  int channels;
};

std::ostream& operator<<(std::ostream& out, const Kind& kind) { return out << kind.name; }

constexpr std::uint16_t white_is_0 = PHOTOMETRIC_MINISWHITE;
constexpr std::uint16_t rgb = PHOTOMETRIC_RGB;
constexpr std::uint16_t palette = PHOTOMETRIC_PALETTE;
constexpr std::uint16_t ieee = SAMPLEFORMAT_IEEEFP;
constexpr std::uint16_t integer = SAMPLEFORMAT_INT;
constexpr std::uint16_t gray = PHOTOMETRIC_MINISBLACK;

TiffPage kind_of_page(std::uint16_t samples, std::uint16_t bits, std::uint16_t photometric = PHOTOMETRIC_MINISBLACK,
                      std::uint16_t format = SAMPLEFORMAT_UINT) {
  TiffPage page{.width = 53, .height = 41, .samples = samples, .bits = bits, .format = format};
  page.photometric = photometric;
  return page;
}

void add_colour_map(TiffPage& page, bool wide) {
  const std::uint32_t entries = 1U << page.bits;
  for (std::uint32_t i = 0; i < 3 * entries; ++i) {
    page.colour_map.push_back(static_cast<std::uint16_t>(wide ? (i * 40503U + 300) % 65536 : (i * 37U) % 256));
  }
}

class TiffKinds : public ::testing::TestWithParam<Kind> {};

struct Codec {
  std::uint16_t compression;
  std::uint16_t predictor;
};

std::vector<Codec> codecs_for(const TiffPage& page) {
  std::vector<Codec> codecs{{COMPRESSION_NONE, 1},          {COMPRESSION_PACKBITS, 1}, {COMPRESSION_LZW, 1},
                            {COMPRESSION_ADOBE_DEFLATE, 1}, {COMPRESSION_DEFLATE, 1},  {COMPRESSION_ZSTD, 1}};
  if (page.bits == 8 || page.bits == 16 || page.bits >= 32) {
    for (const int codec : {COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_ZSTD}) {
      codecs.push_back({static_cast<std::uint16_t>(codec), PREDICTOR_HORIZONTAL});
      if (page.format == ieee) codecs.push_back({static_cast<std::uint16_t>(codec), PREDICTOR_FLOATINGPOINT});
    }
  }
  return codecs;
}

struct Blocks {
  std::uint32_t tile_width;
  std::uint32_t rows;
};
constexpr std::array<Blocks, 5> all_blocks{{{0, 1}, {0, 7}, {0, 0}, {16, 16}, {32, 48}}};

void check_file(const std::filesystem::path& path, const TiffPage& page, int channels) {
  const auto source = open_tiff_source(path);
  ASSERT_TRUE(source->any_order());
  ASSERT_EQ(source->image().width, page.width);
  ASSERT_EQ(source->image().height, page.height);
  ASSERT_EQ(source->image().channels, channels);
  ASSERT_EQ(source->image().type, promised_type(page));
  for (const RowRange rows : {RowRange{0, page.height}, RowRange{0, 20}, RowRange{20, 23}, RowRange{23, page.height}}) {
    for (const std::int64_t target_rows : {1, 16, 1000}) {
      ASSERT_EQ(read_rows(*source, rows, target_rows), promised_rows(page, channels, rows))
          << rows.begin << " " << target_rows;
    }
  }
}

TEST_P(TiffKinds, Pixels) {
  const ScratchFolder folder;
  TiffPage page = GetParam().page;
  fill_random(page, 1);
  for (const int planar : {PLANARCONFIG_CONTIG, PLANARCONFIG_SEPARATE}) {
    for (const Codec codec : codecs_for(page)) {
      for (const Blocks blocks : all_blocks) {
        for (const char* mode : {"wl", "wb8"}) {
          // libtiff writes this in an order that it does not read itself: it swaps bytes before it predicts.
          if (codec.predictor == PREDICTOR_FLOATINGPOINT && mode[1] == 'b') continue;
          page.planar = static_cast<std::uint16_t>(planar);
          page.compression = codec.compression;
          page.predictor = codec.predictor;
          page.tile_width = blocks.tile_width;
          page.block_rows = blocks.rows;
          SCOPED_TRACE(::testing::Message()
                       << "planar " << planar << ", compression " << codec.compression << "/" << codec.predictor
                       << ", blocks " << blocks.tile_width << " x " << blocks.rows << ", mode " << mode);
          write_tiff(folder / "image.tif", {page}, mode);
          check_file(folder / "image.tif", page, GetParam().channels);
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

std::vector<Kind> all_kinds() {
  std::vector<Kind> kinds{
      {"gray_1", kind_of_page(1, 1), 1},
      {"gray_2", kind_of_page(1, 2), 1},
      {"gray_4", kind_of_page(1, 4), 1},
      {"gray_8", kind_of_page(1, 8), 1},
      {"gray_16", kind_of_page(1, 16), 1},
      {"gray_float", kind_of_page(1, 32, gray, ieee), 1},
      {"white_is_0_1", kind_of_page(1, 1, white_is_0), 1},
      {"white_is_0_4", kind_of_page(1, 4, white_is_0), 1},
      {"white_is_0_8", kind_of_page(1, 8, white_is_0), 1},
      {"white_is_0_16", kind_of_page(1, 16, white_is_0), 1},
      {"white_is_0_float", kind_of_page(1, 32, white_is_0, ieee), 1},
      {"white_is_0_alpha_8", kind_of_page(2, 8, white_is_0), 2},
      {"gray_alpha_8", kind_of_page(2, 8), 2},
      {"gray_alpha_16", kind_of_page(2, 16), 2},
      {"gray_3", kind_of_page(1, 3), 1},
      {"gray_6", kind_of_page(1, 6), 1},
      {"gray_10", kind_of_page(1, 10), 1},
      {"gray_12", kind_of_page(1, 12), 1},
      {"gray_14", kind_of_page(1, 14), 1},
      {"gray_24", kind_of_page(1, 24), 1},
      {"gray_32", kind_of_page(1, 32), 1},
      {"gray_64", kind_of_page(1, 64), 1},
      {"gray_half", kind_of_page(1, 16, gray, ieee), 1},
      {"gray_double", kind_of_page(1, 64, gray, ieee), 1},
      {"signed_8", kind_of_page(1, 8, gray, integer), 1},
      {"signed_12", kind_of_page(1, 12, gray, integer), 1},
      {"signed_16", kind_of_page(1, 16, gray, integer), 1},
      {"signed_32", kind_of_page(1, 32, gray, integer), 1},
      {"signed_64", kind_of_page(1, 64, gray, integer), 1},
      {"white_is_0_10", kind_of_page(1, 10, white_is_0), 1},
      {"white_is_0_double", kind_of_page(1, 64, white_is_0, ieee), 1},
      {"rgb_4", kind_of_page(3, 4, rgb), 3},
      {"rgb_10", kind_of_page(3, 10, rgb), 3},
      {"rgb_32", kind_of_page(3, 32, rgb), 3},
      {"rgb_double", kind_of_page(3, 64, rgb, ieee), 3},
      {"rgb_signed_16", kind_of_page(3, 16, rgb, integer), 3},
      {"rgba_12", kind_of_page(4, 12, rgb), 4},
      {"rgb_8", kind_of_page(3, 8, rgb), 3},
      {"rgb_16", kind_of_page(3, 16, rgb), 3},
      {"rgb_float", kind_of_page(3, 32, rgb, ieee), 3},
      {"rgba_8", kind_of_page(4, 8, rgb), 4},
      {"rgba_16", kind_of_page(4, 16, rgb), 4},
      {"rgb_and_two_more_8", kind_of_page(5, 8, rgb), 4},
      {"palette_1", kind_of_page(1, 1, palette), 3},
      {"palette_2", kind_of_page(1, 2, palette), 3},
      {"palette_4", kind_of_page(1, 4, palette), 3},
      {"palette_8", kind_of_page(1, 8, palette), 3},
      {"palette_8_of_bytes", kind_of_page(1, 8, palette), 3},
      {"palette_alpha_8", kind_of_page(2, 8, palette), 3},
  };
  for (Kind& kind : kinds) {
    if (kind.page.photometric == palette) {
      add_colour_map(kind.page, std::string(kind.name).find("bytes") == std::string::npos);
    }
  }
  return kinds;
}

INSTANTIATE_TEST_SUITE_P(Tiff, TiffKinds, ::testing::ValuesIn(all_kinds()),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace haloedge
