// Tests that readers refuse headers that claim more than their file can hold, and believe all others: blank images,
// which codecs make smallest, are as dense as files can be.
#include "formats/claims.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>
#include <png.h>
#include <tiffio.h>
// libjpeg's header needs stdio.h before it.
#include <jpeglib.h>

#include "core/error.hpp"
#include "formats/row_reader.hpp"
#include "formats/tiff_reader.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;
using FilePointer = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

constexpr int side = 6000;

TEST(Claims, SidesAndSizes) {
  EXPECT_NO_THROW(check_claim("a.png", 1, largest_side, 100, 100));
  EXPECT_THROW(check_claim("a.png", 0, 5, 0, 100), Error);
  EXPECT_THROW(check_claim("a.png", 5, largest_side + 1, 0, 100), Error);
  try {
    check_claim("a.png", 70'000, 5, 101, 100);
    FAIL() << "the claim was believed";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "a.png: the header claims 70,000 x 5 px, which a file of 100 B cannot contain: it is damaged or "
                 "truncated");
  }
}

void write_blank_png(const fs::path& path, int bits, bool interlaced) {
  const FilePointer file(std::fopen(path.c_str(), "wb"), &std::fclose);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, file.get());
  png_set_compression_level(png, 9);
  png_set_filter(png, 0, PNG_FILTER_NONE);
  png_set_IHDR(png, info, side, side, bits, PNG_COLOR_TYPE_GRAY, interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  std::vector<png_byte> row(side * 2);
  std::vector<png_bytep> rows(side, row.data());
  png_write_image(png, rows.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
}

/// Writes a PNG with a header, a few bytes of data, and nothing else.
void write_claiming_png(const fs::path& path, png_uint_32 width, png_uint_32 height) {
  const FilePointer file(std::fopen(path.c_str(), "wb"), &std::fclose);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, file.get());
  png_set_user_limits(png, width, height);
  png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  const std::array<png_byte, 30> data{};
  png_write_chunk(png, reinterpret_cast<png_const_bytep>("IDAT"), data.data(), data.size());
  png_destroy_write_struct(&png, &info);
}

void write_blank_jpeg(const fs::path& path, int components, bool progressive) {
  const FilePointer file(std::fopen(path.c_str(), "wb"), &std::fclose);
  jpeg_compress_struct encoder{};
  jpeg_error_mgr errors{};
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  jpeg_stdio_dest(&encoder, file.get());
  encoder.image_width = encoder.image_height = side;
  encoder.input_components = components;
  encoder.in_color_space = components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&encoder);
  if (progressive) jpeg_simple_progression(&encoder);
  encoder.optimize_coding = TRUE;
  jpeg_start_compress(&encoder, TRUE);
  std::vector<JSAMPLE> row(static_cast<std::size_t>(side * components));
  JSAMPROW line = row.data();
  for (int i = 0; i < side; ++i) jpeg_write_scanlines(&encoder, &line, 1);
  jpeg_finish_compress(&encoder);
  jpeg_destroy_compress(&encoder);
}

void write_blank_tiff(const fs::path& path, int compression) {
  TIFF* tiff = TIFFOpen(path.c_str(), "w");
  const bool is_fax = compression == COMPRESSION_CCITTFAX3 || compression == COMPRESSION_CCITTFAX4;
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, side);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, side);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, is_fax ? 1 : 8);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, side);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, compression);
  std::vector<std::uint8_t> row(side);
  for (std::uint32_t i = 0; i < side; ++i) EXPECT_EQ(TIFFWriteScanline(tiff, row.data(), i), 1);
  TIFFClose(tiff);
}

/// Writes `value` over the bytes at an offset.
void patch(const fs::path& path, std::int64_t offset, const std::string& value) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(offset);
  file << value;
}

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Claims, BlankPngs) {
  const ScratchFolder scratch;
  for (const int bits : {1, 8, 16}) {
    for (const bool interlaced : {false, true}) {
      write_blank_png(scratch / "blank.png", bits, interlaced);
      EXPECT_EQ(open_png(scratch / "blank.png")->image().height, side) << bits << interlaced;
    }
  }
  write_claiming_png(scratch / "tall.png", 10, 0x7FFF'FFFF);
  EXPECT_THROW((void)open_png(scratch / "tall.png"), Error);
  write_claiming_png(scratch / "wide.png", 0x7FFF'FFFF, 1);
  EXPECT_THROW((void)open_png(scratch / "wide.png"), Error);
}

TEST(Claims, BlankJpegs) {
  const ScratchFolder scratch;
  const fs::path path = scratch / "blank.jpg";
  for (const int components : {1, 3}) {
    for (const bool progressive : {false, true}) {
      write_blank_jpeg(path, components, progressive);
      EXPECT_EQ(open_jpeg(path, File::open_to_read(path))->image().height, side) << components << progressive;
      const std::string whole = content(path);
      const std::size_t frame = whole.find(progressive ? "\xff\xc2" : "\xff\xc0");
      ASSERT_NE(frame, std::string::npos);
      patch(path, static_cast<std::int64_t>(frame) + 5, "\xff\xdc\xff\xdc");
      EXPECT_THROW((void)open_jpeg(path, File::open_to_read(path)), Error) << components << progressive;
    }
  }
}

TEST(Claims, BlankTiffs) {
  const ScratchFolder scratch;
  const fs::path path = scratch / "blank.tif";
  for (const int compression :
       {COMPRESSION_NONE, COMPRESSION_PACKBITS, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_JPEG,
        COMPRESSION_LZMA, COMPRESSION_ZSTD, COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4, COMPRESSION_LERC}) {
    if (TIFFIsCODECConfigured(static_cast<std::uint16_t>(compression)) != 1) continue;
    write_blank_tiff(path, compression);
    TiffHandle handle(path, 0);
    EXPECT_EQ(read_tiff_header(handle).image.height, side) << compression;
  }
}

}  // namespace
}  // namespace haloedge
