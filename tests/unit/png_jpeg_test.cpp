// Compares what the PNG and JPEG readers deliver with known pixels, in files that libpng and libjpeg-turbo themselves
// wrote.
#include <cstdio>

#include <png.h>
// libjpeg's header needs stdio.h before it.
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <jpeglib.h>

#include "core/error.hpp"
#include "formats/descriptions.hpp"
#include "formats/row_reader.hpp"
#include "formats/row_writer.hpp"
#include "support/jpeg_fixture.hpp"

namespace haloedge {
namespace {

using Samples = std::vector<std::byte>;
using FilePointer = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

constexpr std::int64_t width = 37;
constexpr std::int64_t height = 23;

std::string scratch(const std::string& ending) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string(test->test_suite_name()) + "_" + test->name();
  for (char& c : name) c = c == '/' ? '_' : c;
  return testing::TempDir() + name + ending;
}

Samples random_bytes(std::size_t count) {
  std::mt19937 random(3);
  Samples bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

/// Returns all rows, read a few at a time.
Samples read_all(RowReader& reader) {
  const ImageInfo& image = reader.image();
  const std::int64_t row_bytes = image.width * image.pixel_bytes();
  Samples samples(static_cast<std::size_t>(row_bytes * image.height));
  for (std::int64_t row = 0; row < image.height; row += 5) {
    reader.read(samples.data() + row * row_bytes, row_bytes, std::min<std::int64_t>(5, image.height - row));
  }
  return samples;
}

/// Writes a PNG. `rows` are in the form that the file stores, packed and big-endian.
void write_png(const std::string& path, int bits, int colour, bool interlaced, Samples rows,
               std::vector<std::uint8_t> exif = {}, std::string author = "") {
  const FilePointer file(std::fopen(path.c_str(), "wb"), &std::fclose);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, file.get());
  png_set_IHDR(png, info, width, height, bits, colour, interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (colour == PNG_COLOR_TYPE_PALETTE) {
    std::vector<png_color> palette;
    for (int i = 0; i < 1 << bits; ++i) {
      const auto n = static_cast<png_byte>(i);
      palette.push_back({n, static_cast<png_byte>(255 - n), static_cast<png_byte>(n / 2)});
    }
    png_set_PLTE(png, info, palette.data(), 1 << bits);
  }
  if (!exif.empty()) png_set_eXIf_1(png, info, static_cast<png_uint_32>(exif.size()), exif.data());
  std::string key = "Author";
  png_text text{.compression = PNG_TEXT_COMPRESSION_NONE, .key = key.data(), .text = author.data()};
  if (!author.empty()) png_set_text(png, info, &text, 1);
  png_set_pHYs(png, info, 11811, 5906, PNG_RESOLUTION_METER);
  png_write_info(png, info);
  std::vector<png_bytep> pointers;
  for (std::size_t row = 0; row < height; ++row) {
    pointers.push_back(reinterpret_cast<png_bytep>(rows.data() + row * rows.size() / height));
  }
  png_write_image(png, pointers.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
}

struct PngKind {
  const char* name;
  int bits;
  int colour;
  int samples;  ///< samples of a pixel in the file
};

class Png : public testing::TestWithParam<std::tuple<PngKind, bool>> {};

/// Returns the samples that the reader must deliver for the rows of a file.
Samples expected_of(const PngKind& kind, const Samples& rows) {
  Samples expected;
  const std::size_t row_bytes = rows.size() / height;
  for (std::size_t row = 0; row < height; ++row) {
    const std::byte* from = rows.data() + row * row_bytes;
    for (std::size_t i = 0; i < static_cast<std::size_t>(width * kind.samples); ++i) {
      if (kind.bits == 16) {
        expected.push_back(from[2 * i + 1]);
        expected.push_back(from[2 * i]);
        continue;
      }
      const std::size_t bit = i * static_cast<std::size_t>(kind.bits);
      const unsigned shift = static_cast<unsigned>(8 - kind.bits) - static_cast<unsigned>(bit % 8);
      const unsigned sample = std::to_integer<unsigned>(from[bit / 8]) >> shift & ((1U << kind.bits) - 1);
      if (kind.colour == PNG_COLOR_TYPE_PALETTE) {
        for (const unsigned value : {sample, 255 - sample, sample / 2})
          expected.push_back(static_cast<std::byte>(value));
      } else {
        expected.push_back(static_cast<std::byte>(sample * 255 / ((1U << kind.bits) - 1)));
      }
    }
  }
  return expected;
}

TEST_P(Png, Pixels) {
  const auto& [kind, interlaced] = GetParam();
  const std::int64_t row_bytes = (width * kind.samples * kind.bits + 7) / 8;
  const Samples rows = random_bytes(static_cast<std::size_t>(row_bytes * height));
  const std::string path = scratch(".png");
  write_png(path, kind.bits, kind.colour, interlaced, rows);
  const auto reader = open_png(path);
  EXPECT_EQ(reader->image().width, width);
  EXPECT_EQ(reader->image().height, height);
  EXPECT_EQ(reader->image().channels, kind.colour == PNG_COLOR_TYPE_PALETTE ? 3 : kind.samples);
  EXPECT_EQ(reader->image().type, kind.bits == 16 ? kernels::SampleType::u16 : kernels::SampleType::u8);
  EXPECT_TRUE(read_all(*reader) == expected_of(kind, rows));
  ASSERT_TRUE(reader->image().metadata.resolution);
  EXPECT_NEAR(reader->image().metadata.resolution->x, 118.11, 1e-9);
  EXPECT_TRUE(!interlaced || reader->working_bytes() > width * height);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Png,
    testing::Combine(
        testing::Values(PngKind{"gray1", 1, PNG_COLOR_TYPE_GRAY, 1}, PngKind{"gray2", 2, PNG_COLOR_TYPE_GRAY, 1},
                        PngKind{"gray4", 4, PNG_COLOR_TYPE_GRAY, 1}, PngKind{"gray8", 8, PNG_COLOR_TYPE_GRAY, 1},
                        PngKind{"gray16", 16, PNG_COLOR_TYPE_GRAY, 1},
                        PngKind{"graya8", 8, PNG_COLOR_TYPE_GRAY_ALPHA, 2}, PngKind{"rgb8", 8, PNG_COLOR_TYPE_RGB, 3},
                        PngKind{"rgb16", 16, PNG_COLOR_TYPE_RGB, 3}, PngKind{"rgba8", 8, PNG_COLOR_TYPE_RGB_ALPHA, 4},
                        PngKind{"rgba16", 16, PNG_COLOR_TYPE_RGB_ALPHA, 4},
                        PngKind{"palette2", 2, PNG_COLOR_TYPE_PALETTE, 1},
                        PngKind{"palette8", 8, PNG_COLOR_TYPE_PALETTE, 1}),
        testing::Bool()),
    [](const auto& parameter) {
      return std::string(std::get<0>(parameter.param).name) + (std::get<1>(parameter.param) ? "_interlaced" : "");
    });

/// Writes a JPEG. `before` may change the encoder's settings.
void write_jpeg(const std::string& path, J_COLOR_SPACE colour, int components, const Samples& samples,
                const std::function<void(jpeg_compress_struct&)>& before, const std::vector<JOCTET>& app1 = {}) {
  const FilePointer file(std::fopen(path.c_str(), "wb"), &std::fclose);
  jpeg_compress_struct encoder{};
  jpeg_error_mgr errors{};
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  jpeg_stdio_dest(&encoder, file.get());
  encoder.image_width = width;
  encoder.image_height = height;
  encoder.input_components = components;
  encoder.in_color_space = colour;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, 95, TRUE);
  before(encoder);
  jpeg_start_compress(&encoder, TRUE);
  if (!app1.empty()) jpeg_write_marker(&encoder, JPEG_APP0 + 1, app1.data(), static_cast<unsigned>(app1.size()));
  for (std::int64_t row = 0; row < height; ++row) {
    auto* line = reinterpret_cast<JSAMPROW>(const_cast<std::byte*>(samples.data() + row * width * components));
    jpeg_write_scanlines(&encoder, &line, 1);
  }
  jpeg_finish_compress(&encoder);
  jpeg_destroy_compress(&encoder);
}

Samples smooth_rgb(int components) {
  Samples samples;
  for (std::int64_t row = 0; row < height; ++row) {
    for (std::int64_t column = 0; column < width; ++column) {
      for (int i = 0; i < components; ++i) samples.push_back(static_cast<std::byte>(row * 5 + column * (i + 2)));
    }
  }
  return samples;
}

TEST(Jpeg, Orientation) {
  const std::string path = scratch(".jpg");
  for (std::uint16_t orientation = 1; orientation <= 8; ++orientation) {
    write_jpeg(
        path, JCS_RGB, 3, smooth_rgb(3), [](auto&) {}, exif_block(orientation, orientation % 2 == 0));
    const auto reader = open_jpeg(path, File::open_to_read(path));
    EXPECT_EQ(reader->image().metadata.orientation, orientation);
    EXPECT_EQ(reader->image().width, width);
  }
}

TEST(Png, Orientation) {
  const std::string path = scratch(".png");
  const Samples rows = random_bytes(width * height);
  for (std::uint16_t orientation = 1; orientation <= 8; ++orientation) {
    std::vector<std::uint8_t> exif = exif_block(orientation, orientation % 2 == 0);
    exif.erase(exif.begin(), exif.begin() + 6);  // a PNG has no "Exif" before it
    write_png(path, 8, PNG_COLOR_TYPE_GRAY, false, rows, exif);
    EXPECT_EQ(open_png(path)->image().metadata.orientation, orientation);
  }
}

TEST(Png, TextsAreRead) {
  const std::string path = scratch(".png");
  write_png(path, 8, PNG_COLOR_TYPE_GRAY, false, random_bytes(width * height), {}, "J\xf6rg");
  const std::vector<TiffTag> texts = open_png(path)->image().metadata.texts;
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts[0].id, 315);
  EXPECT_STREQ(reinterpret_cast<const char*>(texts[0].value.data()), "J\xc3\xb6rg");
}

/// Writes an image with metadata, and returns the metadata that is read of it.
template <class MakeWriter, class Open>
Metadata read_back(const std::string& path, const Metadata& metadata, MakeWriter make_writer, Open open) {
  const Samples samples = random_bytes(width * height);
  const auto writer = make_writer({.path = path, .width = width, .height = height, .metadata = metadata}, nullptr);
  writer->write({samples.data(), width, width, height, kernels::SampleType::u8, 1});
  writer->finish();
  return open(path)->image().metadata;
}

TEST(PngJpeg, MetadataComesBack) {
  Metadata metadata;
  metadata.resolution = {.x = 118.11, .y = 59.055, .unit = 3};  // 300 and 150 dots an inch
  metadata.xmp = R"(<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>text</a></x:xmpmeta>)";
  for (const std::uint16_t tag : text_tags) add_text(tag, "text " + std::to_string(tag), metadata.texts);
  const Metadata png = read_back(scratch(".png"), metadata, make_png_row_writer, open_png);
  EXPECT_EQ(png.xmp, metadata.xmp);
  EXPECT_NEAR(png.resolution.value().x, 118.11, 1e-9);
  ASSERT_EQ(png.texts.size(), 4U);  // PNG has no key for a date in EXIF's form
  for (const TiffTag& tag : png.texts) {
    EXPECT_EQ(reinterpret_cast<const char*>(tag.value.data()), "text " + std::to_string(tag.id));
    EXPECT_EQ(tag.count, tag.value.size());
  }
  const Metadata jpeg = read_back(scratch(".jpg"), metadata, make_jpeg_row_writer,
                                  [](const std::string& path) { return open_jpeg(path, File::open_to_read(path)); });
  EXPECT_EQ(jpeg.xmp, metadata.xmp);
  ASSERT_TRUE(jpeg.resolution);
  EXPECT_EQ(jpeg.resolution->unit, 2);  // the unit in which the numbers are whole
  EXPECT_EQ(jpeg.resolution->x, 300);
  EXPECT_EQ(jpeg.resolution->y, 150);
}

TEST(PngJpeg, BrokenProfileIsLeftOut) {
  Metadata metadata;
  metadata.icc_profile.resize(128);
  std::memcpy(metadata.icc_profile.data() + 16, "GRAY", 4);
  EXPECT_TRUE(read_back(scratch(".png"), metadata, make_png_row_writer, open_png).icc_profile.empty());
}

TEST(Jpeg, Cmyk) {
  const std::string path = scratch(".jpg");
  // Adobe stores the part of the light that is left: half of the red, all green and no blue, then a quarter of all of
  // it.
  Samples samples;
  for (std::int64_t i = 0; i < width * height; ++i) {
    for (const int value : {128, 255, 0, 64}) samples.push_back(static_cast<std::byte>(value));
  }
  write_jpeg(path, JCS_CMYK, 4, samples, [](jpeg_compress_struct& encoder) { encoder.write_Adobe_marker = TRUE; });
  const auto reader = open_jpeg(path, File::open_to_read(path));
  ASSERT_EQ(reader->image().channels, 3);
  const Samples shown = read_all(*reader);
  EXPECT_NEAR(std::to_integer<int>(shown[0]), 32, 1);
  EXPECT_NEAR(std::to_integer<int>(shown[1]), 64, 1);
  EXPECT_NEAR(std::to_integer<int>(shown[2]), 0, 1);
}

TEST(Jpeg, Progressive) {
  const std::string path = scratch(".jpg");
  const Samples samples = smooth_rgb(1);
  write_jpeg(path, JCS_GRAYSCALE, 1, samples, [](auto&) {});
  const Samples baseline = read_all(*open_jpeg(path, File::open_to_read(path)));
  const std::int64_t small = open_jpeg(path, File::open_to_read(path))->working_bytes();
  write_jpeg(path, JCS_GRAYSCALE, 1, samples, [](jpeg_compress_struct& encoder) { jpeg_simple_progression(&encoder); });
  const auto reader = open_jpeg(path, File::open_to_read(path));
  EXPECT_TRUE(read_all(*reader) == baseline);
  EXPECT_LE(small - 2 * 64 * width, reader->working_bytes() - 2 * height * width);
}

template <class Open>
void expect_truncation_is_an_error(const std::string& path, const Open& open) {
  std::ifstream file(path, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(file), {}};
  for (std::size_t size = 0; size + 12 < whole.size(); size += whole.size() / 60 + 1) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << whole.substr(0, size);
    EXPECT_THROW(
        {
          const auto reader = open(path);
          (void)read_all(*reader);
        },
        Error)
        << size << " of " << whole.size() << " bytes";
  }
}

TEST(Jpeg, Truncated) {
  const std::string path = scratch(".jpg");
  const Samples noise = random_bytes(width * height * 3);
  write_jpeg(path, JCS_RGB, 3, noise, [](auto&) {});
  expect_truncation_is_an_error(path, [](const std::string& cut) { return open_jpeg(cut, File::open_to_read(cut)); });
  write_jpeg(path, JCS_RGB, 3, noise, [](jpeg_compress_struct& encoder) { jpeg_simple_progression(&encoder); });
  expect_truncation_is_an_error(path, [](const std::string& cut) { return open_jpeg(cut, File::open_to_read(cut)); });
}

TEST(Png8, Truncated) {
  const std::string path = scratch(".png");
  for (const bool interlaced : {false, true}) {
    write_png(path, 8, PNG_COLOR_TYPE_RGB, interlaced, random_bytes(width * height * 3));
    expect_truncation_is_an_error(path, open_png);
  }
}

}  // namespace
}  // namespace haloedge
