#include <filesystem>
#include <fstream>
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

namespace haloedge {
namespace {

/// Returns the message of the error with which reading all of a file fails, or an empty text if it does not fail.
std::string complaint(const std::filesystem::path& path, std::vector<std::byte>* pixels = nullptr) {
  try {
    const auto source = open_tiff_source(path);
    std::vector<std::byte> read = read_image(*source);
    if (pixels != nullptr) *pixels = std::move(read);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void expect_in(const std::string& message, const std::string& part) {
  EXPECT_NE(message.find(part), std::string::npos) << "'" << part << "' is not in: " << message;
}

TiffPage tiled_page(int compression, int samples = 1) {
  TiffPage page{.width = 100, .height = 80, .samples = static_cast<std::uint16_t>(samples)};
  page.photometric = samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
  page.compression = static_cast<std::uint16_t>(compression);
  page.tile_width = page.block_rows = 32;
  fill_random(page, 11);
  return page;
}

void overwrite(const std::filesystem::path& path, std::streamoff at, const std::string& bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(at);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

class TiffTruncated : public ::testing::TestWithParam<std::uint16_t> {};

TEST_P(TiffTruncated, Anywhere) {
  const ScratchFolder folder;
  for (const bool directory_first : {true, false}) {
    // libtiff makes the tables of JPEG when it writes pixels, which is too late if the directory is written first.
    if (directory_first && GetParam() == COMPRESSION_JPEG) continue;
    for (const bool tiled : {true, false}) {
      TiffPage page = tiled_page(GetParam(), 3);
      page.directory_first = directory_first;
      if (!tiled) {
        page.tile_width = 0;
        page.block_rows = 16;
      }
      write_tiff(folder / "whole.tif", {page});
      std::vector<std::byte> whole;
      ASSERT_EQ(complaint(folder / "whole.tif", &whole), "");
      const auto size = static_cast<std::int64_t>(std::filesystem::file_size(folder / "whole.tif"));
      int errors = 0;
      constexpr int cuts = 97;
      for (std::int64_t cut = 0; cut < cuts; ++cut) {
        const std::int64_t left = cut < 30 ? cut * 10 : cut < 60 ? size - 1 - (cut - 30) * 3 : size * (cut - 60) / 37;
        std::filesystem::copy_file(folder / "whole.tif", folder / "cut.tif",
                                   std::filesystem::copy_options::overwrite_existing);
        std::filesystem::resize_file(folder / "cut.tif", static_cast<std::uintmax_t>(left));
        std::vector<std::byte> pixels;
        const std::string message = complaint(folder / "cut.tif", &pixels);
        if (message.empty()) {
          EXPECT_TRUE(pixels == whole) << "cut to " << left << " of " << size << " bytes: other pixels, and no error";
          continue;
        }
        ++errors;
        expect_in(message, "cut.tif");
      }
      EXPECT_GT(errors, cuts / 2);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Tiff, TiffTruncated,
                         ::testing::Values(COMPRESSION_NONE, COMPRESSION_PACKBITS, COMPRESSION_LZW,
                                           COMPRESSION_ADOBE_DEFLATE, COMPRESSION_ZSTD, COMPRESSION_JPEG));

class TiffCorruptTile : public ::testing::TestWithParam<std::uint16_t> {};

TEST_P(TiffCorruptTile, Named) {
  const ScratchFolder folder;
  const auto path = folder / "broken.tif";
  write_tiff(path, {tiled_page(GetParam())});
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  {
    const std::unique_ptr<TIFF, decltype(&TIFFClose)> tiff(TIFFOpen(path.c_str(), "r"), &TIFFClose);
    offset = TIFFGetStrileOffset(tiff.get(), 10);
    bytes = TIFFGetStrileByteCount(tiff.get(), 10);
  }
  // In a JPEG, this is an early end of the image in the entropy-coded data, about which libjpeg itself only warns.
  const bool jpeg = GetParam() == COMPRESSION_JPEG;
  overwrite(path, static_cast<std::streamoff>(jpeg ? offset + bytes / 2 : offset),
            jpeg ? std::string("\xff\xd9", 2) : std::string(bytes, '\xff'));
  const std::string message = complaint(path);
  expect_in(message, "broken.tif");
  expect_in(message, "tile 10 ");
  expect_in(message, "rows 64 to 79");
  expect_in(message, "columns 64 to 95");
}

INSTANTIATE_TEST_SUITE_P(Tiff, TiffCorruptTile,
                         ::testing::Values(COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_ZSTD,
                                           COMPRESSION_JPEG));

struct Lie {
  const char* name;
  std::vector<std::pair<std::uint16_t, std::uint32_t>> tags;
};

std::ostream& operator<<(std::ostream& out, const Lie& lie) { return out << lie.name; }

class TiffLyingHeader : public ::testing::TestWithParam<Lie> {};

TEST_P(TiffLyingHeader, Refused) {
  const ScratchFolder folder;
  for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_JPEG}) {
    for (const int samples : {1, 3}) {
      write_tiff(folder / "lie.tif", {tiled_page(compression, samples)});
      for (const auto& [tag, value] : GetParam().tags) patch_tag(folder / "lie.tif", tag, value);
      expect_in(complaint(folder / "lie.tif"), "lie.tif");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Tiff, TiffLyingHeader,
    ::testing::Values(Lie{"two_to_the_31", {{TIFFTAG_IMAGEWIDTH, 0x7fffffff}, {TIFFTAG_IMAGELENGTH, 0x7fffffff}}},
                      Lie{"two_to_the_32", {{TIFFTAG_IMAGEWIDTH, 0xffffffff}, {TIFFTAG_IMAGELENGTH, 0xffffffff}}},
                      Lie{"no_width", {{TIFFTAG_IMAGEWIDTH, 0}}}, Lie{"no_height", {{TIFFTAG_IMAGELENGTH, 0}}},
                      Lie{"too_wide", {{TIFFTAG_IMAGEWIDTH, 60000}, {TIFFTAG_IMAGELENGTH, 60000}}},
                      Lie{"vast_tiles", {{TIFFTAG_TILEWIDTH, 1 << 20}, {TIFFTAG_TILELENGTH, 1 << 20}}},
                      Lie{"no_tile_width", {{TIFFTAG_TILEWIDTH, 0}}},
                      Lie{"offsets_nowhere", {{TIFFTAG_TILEOFFSETS, 0x7ffffff0}}},
                      Lie{"no_samples", {{TIFFTAG_SAMPLESPERPIXEL, 0}}}, Lie{"64_bits", {{TIFFTAG_BITSPERSAMPLE, 64}}},
                      Lie{"unknown_codec", {{TIFFTAG_COMPRESSION, 60000}}}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(TiffDamage, SamplesPerPixel) {
  const ScratchFolder folder;
  const auto path = folder / "colours.tif";
  write_tiff(path, {tiled_page(COMPRESSION_JPEG, 1)});
  patch_tag(path, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_YCBCR);
  expect_in(complaint(path), "colours.tif");
  write_tiff(path, {tiled_page(COMPRESSION_LZW, 1)});
  patch_tag(path, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  expect_in(complaint(path), "colour image with 1 sample");
}

TEST(TiffDamage, ComplexSamples) {
  const ScratchFolder folder;
  for (const int format : {SAMPLEFORMAT_COMPLEXINT, SAMPLEFORMAT_COMPLEXIEEEFP}) {
    TiffPage page{.width = 8, .height = 8, .bits = 64, .format = static_cast<std::uint16_t>(format)};
    page.values.resize(64);
    write_tiff(folder / "waves.tif", {page});
    expect_in(complaint(folder / "waves.tif"), "waves.tif");
    expect_in(complaint(folder / "waves.tif"), "complex samples");
    expect_in(complaint(folder / "waves.tif"), "gdal_calc.py");
  }
}

TEST(TiffDamage, NoTiff) {
  const ScratchFolder folder;
  std::ofstream(folder / "text.tif") << "this is no picture";
  expect_in(complaint(folder / "text.tif"), "text.tif");
  expect_in(complaint(folder / "missing.tif"), "missing.tif");
}

}  // namespace
}  // namespace haloedge
