#include <array>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <tiffio.h>

#include "core/error.hpp"
#include "source/open_source.hpp"
#include "support/scratch_folder.hpp"
#include "support/source_reader.hpp"
#include "support/tiff_fixture.hpp"
#include "support/tiff_promise.hpp"

namespace haloedge {
namespace {

constexpr std::uint16_t rgb = PHOTOMETRIC_RGB;

/// Returns a page of 53 x 41 pixels, which no block size divides.
TiffPage odd_page(std::uint16_t samples, std::uint16_t bits, std::uint16_t photometric = PHOTOMETRIC_MINISBLACK) {
  TiffPage page{.width = 53, .height = 41, .samples = samples, .bits = bits};
  page.photometric = photometric;
  return page;
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

struct Blocks {
  std::uint32_t tile_width;
  std::uint32_t rows;
};

/// Returns the whole image as libtiff itself shows it, in gray or RGB.
std::vector<std::uint8_t> shown_by_libtiff(const std::filesystem::path& path, const TiffPage& page) {
  const std::unique_ptr<TIFF, decltype(&TIFFClose)> tiff(TIFFOpen(path.c_str(), "r"), &TIFFClose);
  std::vector<std::uint32_t> pixels(std::size_t{page.width} * page.height);
  EXPECT_EQ(TIFFReadRGBAImageOriented(tiff.get(), page.width, page.height, pixels.data(), ORIENTATION_TOPLEFT, 1), 1);
  std::vector<std::uint8_t> samples;
  for (const std::uint32_t pixel : pixels) {
    samples.push_back(static_cast<std::uint8_t>(TIFFGetR(pixel)));
    if (page.samples == 1) continue;
    samples.push_back(static_cast<std::uint8_t>(TIFFGetG(pixel)));
    samples.push_back(static_cast<std::uint8_t>(TIFFGetB(pixel)));
  }
  return samples;
}

TEST(TiffSource, Jpeg) {
  const ScratchFolder folder;
  struct Case {
    std::uint16_t samples;
    std::uint16_t photometric;
    std::uint16_t subsampling;
    std::uint16_t planar;
  };
  for (const Case each : {Case{1, PHOTOMETRIC_MINISBLACK, 1, 1}, Case{3, rgb, 1, 1}, Case{3, rgb, 1, 2},
                          Case{3, PHOTOMETRIC_YCBCR, 1, 1}, Case{3, PHOTOMETRIC_YCBCR, 2, 1}}) {
    for (const Blocks blocks : {Blocks{0, 16}, Blocks{0, 0}, Blocks{16, 16}, Blocks{48, 32}}) {
      TiffPage page = odd_page(each.samples, 8, each.photometric);
      page.compression = COMPRESSION_JPEG;
      page.subsampling = each.subsampling;
      page.planar = each.planar;
      page.tile_width = blocks.tile_width;
      page.block_rows = blocks.rows;
      fill_random(page, 3);
      write_tiff(folder / "jpeg.tif", {page});
      const auto source = open_tiff_source(folder / "jpeg.tif");
      const std::vector<std::byte> pixels = read_image(*source, 16);
      const std::vector<std::uint8_t> shown = shown_by_libtiff(folder / "jpeg.tif", page);
      ASSERT_EQ(pixels.size(), shown.size());
      EXPECT_EQ(std::memcmp(pixels.data(), shown.data(), shown.size()), 0)
          << each.samples << " " << each.photometric << " " << each.subsampling << " " << blocks.tile_width;
    }
  }
}

TEST(TiffSource, Threads) {
  const ScratchFolder folder;
  for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW}) {
    TiffPage page{.width = 700, .height = 500, .samples = 3, .photometric = rgb};
    page.compression = static_cast<std::uint16_t>(compression);
    page.tile_width = page.block_rows = 32;
    fill_random(page, 4);
    write_tiff(folder / "image.tif", {page}, "wb");
    const auto source = open_tiff_source(folder / "image.tif");
    const std::vector<std::byte> promised = promised_rows(page, 3, {0, page.height});
    for (int round = 0; round < 3; ++round) EXPECT_TRUE(read_image(*source, 200, 8) == promised);
  }
}

TEST(TiffSource, Units) {
  const ScratchFolder folder;
  TiffPage page = odd_page(1, 8);
  page.compression = COMPRESSION_LZW;
  page.tile_width = page.block_rows = 16;
  fill_random(page, 5);
  write_tiff(folder / "image.tif", {page});
  const auto source = open_tiff_source(folder / "image.tif");
  const std::vector<RowRange> two_blocks{{3, 32}, {32, 41}};
  EXPECT_EQ(source->units({3, 41}, 40), two_blocks);
  const std::vector<RowRange> one_block{{3, 16}, {16, 32}, {32, 41}};
  EXPECT_EQ(source->units({3, 41}, 1), one_block);
}

TEST(TiffSource, SmallTiles) {
  const ScratchFolder folder;
  TiffPage page{.width = 1600, .height = 16};
  page.tile_width = page.block_rows = 16;
  fill_random(page, 6);
  write_tiff(folder / "image.tif", {page});
  EXPECT_EQ(open_tiff_source(folder / "image.tif")->task_count({0, 16}), 1);
}

TEST(TiffSource, Pages) {
  const ScratchFolder folder;
  std::vector<TiffPage> pages;
  for (const std::uint32_t width : {10U, 20U, 30U}) {
    TiffPage page{.width = width, .height = 5};
    fill_random(page, width);
    pages.push_back(page);
  }
  write_tiff(folder / "stack.tif", pages);
  for (int i = 0; i < 3; ++i) {
    const auto source = open_tiff_source(folder / "stack.tif", {.page = i});
    EXPECT_EQ(read_image(*source), promised_rows(pages.at(static_cast<std::size_t>(i)), 1, {0, 5}));
  }
  const std::string message = message_of([&] { (void)open_tiff_source(folder / "stack.tif", {.page = 3}); });
  EXPECT_NE(message.find("stack.tif"), std::string::npos) << message;
  EXPECT_NE(message.find("3 page"), std::string::npos) << message;
}

TEST(TiffSource, HugeStrip) {
  const ScratchFolder folder;
  const auto path = folder / "huge.tif";
  TiffPage page{.width = 60000, .height = 1};
  page.directory_first = true;
  fill_random(page, 7);
  write_tiff(path, {page});
  constexpr std::uint32_t height = 60'000;
  const std::uint32_t pixels_at = tag_value(path, TIFFTAG_STRIPOFFSETS);
  patch_tag(path, TIFFTAG_IMAGELENGTH, height);
  patch_tag(path, TIFFTAG_ROWSPERSTRIP, height);
  patch_tag(path, TIFFTAG_STRIPBYTECOUNTS, height * page.width);
  std::filesystem::resize_file(path, pixels_at + std::uintmax_t{height} * page.width);

  const auto source = open_tiff_source(path);
  EXPECT_TRUE(source->any_order());
  EXPECT_LT(source->working_bytes(1), std::int64_t{2} << 20);
  EXPECT_EQ(read_rows(*source, {0, 1}, 1), promised_rows(page, 1, {0, 1}));
  EXPECT_EQ(read_rows(*source, {height - 3, height}, 2), std::vector<std::byte>(std::size_t{3} * page.width));
}

TEST(TiffSource, LargeCompressedStrip) {
  const ScratchFolder folder;
  TiffPage page{.width = 4200, .height = 4000, .bits = 32, .format = SAMPLEFORMAT_IEEEFP};
  page.compression = COMPRESSION_PACKBITS;
  for (std::uint32_t row = 0; row < page.height; ++row) page.values.insert(page.values.end(), page.width, row % 251);
  write_tiff(folder / "strip.tif", {page});
  const auto source = open_tiff_source(folder / "strip.tif");
  EXPECT_FALSE(source->any_order());
  EXPECT_EQ(source->sequences(), (std::vector<RowRange>{{0, page.height}}));
  // libtiff reads all compressed bytes of a strip at once.
  EXPECT_GE(source->working_bytes(1), tag_value(folder / "strip.tif", TIFFTAG_STRIPBYTECOUNTS));
  const RowRange rows{100, 200};
  EXPECT_EQ(read_rows(*source, rows, 30), promised_rows(page, 1, rows));
}

TEST(TiffSource, Metadata) {
  const ScratchFolder folder;
  const auto path = folder / "meta.tif";
  const std::array<double, 3> scale{0.5, 0.25, 0};
  const std::string profile = std::string(16, 'x') + "GRAY" + std::string(108, 'x');
  {
    TiffPage page = odd_page(1, 8);
    fill_random(page, 8);
    write_tiff(path, {page});
    (void)open_tiff_source(path);  // makes the GeoTIFF tags known to libtiff
    const std::unique_ptr<TIFF, decltype(&TIFFClose)> tiff(TIFFOpen(path.c_str(), "r+"), &TIFFClose);
    TIFFSetField(tiff.get(), TIFFTAG_XRESOLUTION, 100.0F);
    TIFFSetField(tiff.get(), TIFFTAG_YRESOLUTION, 200.0F);
    TIFFSetField(tiff.get(), TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER);
    TIFFSetField(tiff.get(), TIFFTAG_ORIENTATION, ORIENTATION_BOTLEFT);
    TIFFSetField(tiff.get(), TIFFTAG_ICCPROFILE, static_cast<std::uint32_t>(profile.size()), profile.data());
    TIFFSetField(tiff.get(), 33550, 3, scale.data());
    TIFFSetField(tiff.get(), 34737, "WGS 84|");
    ASSERT_EQ(TIFFRewriteDirectory(tiff.get()), 1);
  }
  const auto source = open_tiff_source(path);
  const Metadata& metadata = source->image().metadata;
  ASSERT_TRUE(metadata.resolution.has_value());
  EXPECT_EQ(metadata.resolution->x, 100);
  EXPECT_EQ(metadata.resolution->y, 200);
  EXPECT_EQ(metadata.resolution->unit, RESUNIT_CENTIMETER);
  EXPECT_EQ(metadata.orientation, ORIENTATION_BOTLEFT);
  EXPECT_EQ(metadata.icc_profile.size(), profile.size());
  EXPECT_TRUE(metadata.icc_fits(1));
  EXPECT_FALSE(metadata.icc_fits(3));
  ASSERT_EQ(metadata.geo_tags.size(), 2U);
  EXPECT_EQ(metadata.geo_tags[0].id, 33550);
  EXPECT_EQ(metadata.geo_tags[0].count, 3U);
  std::array<double, 3> carried{};
  ASSERT_EQ(metadata.geo_tags[0].value.size(), sizeof carried);
  std::memcpy(carried.data(), metadata.geo_tags[0].value.data(), sizeof carried);
  EXPECT_EQ(carried, scale);
  EXPECT_EQ(metadata.geo_tags[1].id, 34737);
  EXPECT_STREQ(reinterpret_cast<const char*>(metadata.geo_tags[1].value.data()), "WGS 84|");
}

TEST(TiffSource, Description) {
  const ScratchFolder folder;
  TiffPage page = odd_page(3, 16, rgb);
  page.compression = COMPRESSION_LZW;
  page.predictor = PREDICTOR_HORIZONTAL;
  page.planar = PLANARCONFIG_SEPARATE;
  page.tile_width = 32;
  page.block_rows = 16;
  fill_random(page, 9);
  write_tiff(folder / "image.tif", {page, page}, "wb8");
  std::string text;
  const auto source = open_tiff_source(folder / "image.tif", {.page = 1});
  for (const auto& [key, value] : source->image().description) {
    text.append(key).append(": ").append(value).append("\n");
  }
  for (const char* part : {"BigTIFF", "big-endian", "page: 1 of 2", "3 samples of 16 bits", "planes", "tiles: 32 x 16",
                           "LZW, predictor 2"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in:\n" << text;
  }
}

}  // namespace
}  // namespace haloedge
