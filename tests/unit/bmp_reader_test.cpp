// Compares what the BMP reader delivers with the pixels of files that are put together here, byte by byte.
#include <cstdint>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "formats/row_reader.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

using Bytes = std::vector<std::uint8_t>;

void add(Bytes& bytes, std::uint32_t number, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

/// A BMP with a header of 40 bytes. `tables` are the masks or the palette behind it.
Bytes bmp(std::uint32_t width, std::uint32_t height, std::uint32_t bits, std::uint32_t compression, const Bytes& tables,
          const Bytes& rows) {
  Bytes bytes{'B', 'M'};
  const auto data_at = static_cast<std::uint32_t>(54 + tables.size());
  for (const std::uint32_t number :
       {static_cast<std::uint32_t>(data_at + rows.size()), 0U, data_at, 40U, width, height}) {
    add(bytes, number, 4);
  }
  add(bytes, 1, 2);
  add(bytes, bits, 2);
  for (const std::uint32_t number : {compression, static_cast<std::uint32_t>(rows.size()), 0U, 0U, 0U, 0U}) {
    add(bytes, number, 4);
  }
  bytes.insert(bytes.end(), tables.begin(), tables.end());
  bytes.insert(bytes.end(), rows.begin(), rows.end());
  return bytes;
}

class Bmp : public testing::Test {
 protected:
  /// Returns the pixels of the file; those of the first row are not read but skipped if `skips`.
  [[nodiscard]] Bytes pixels(const Bytes& file, bool skips = false) const {
    const std::filesystem::path path = scratch_ / "a.bmp";
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(file.data()), std::ssize(file));
    const auto reader = open_bmp(path, File::open_to_read(path));
    const ImageInfo& image = reader->image();
    const std::int64_t rows = image.height - (skips ? 1 : 0);
    if (skips) reader->skip(1);
    Bytes pixels(static_cast<std::size_t>(rows * image.row_bytes()));
    reader->read(reinterpret_cast<std::byte*>(pixels.data()), image.row_bytes(), rows);
    return pixels;
  }

  ScratchFolder scratch_;
};

TEST_F(Bmp, TrueColour) {
  // Two rows of two pixels, blue, green, red; a row is padded to 8 bytes.
  const Bytes rows{1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0};
  EXPECT_EQ(pixels(bmp(2, 2, 24, 0, {}, rows)), (Bytes{9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4})) << "from the bottom";
  EXPECT_EQ(pixels(bmp(2, -2U, 24, 0, {}, rows)), (Bytes{3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10})) << "from the top";
  EXPECT_EQ(pixels(bmp(2, 2, 24, 0, {}, rows), true), (Bytes{3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(pixels(bmp(1, 1, 32, 0, {}, {1, 2, 3, 99})), (Bytes{3, 2, 1}));
}

TEST_F(Bmp, Masks) {
  EXPECT_EQ(pixels(bmp(1, 1, 16, 0, {}, {0x1F, 0x7C, 0, 0})), (Bytes{255, 0, 255})) << "5 bits of each colour";
  Bytes masks;
  for (const std::uint32_t mask : {0xF800U, 0x07E0U, 0x001FU}) add(masks, mask, 4);
  EXPECT_EQ(pixels(bmp(1, 1, 16, 3, masks, {0xE0, 0x07, 0, 0})), (Bytes{0, 255, 0})) << "6 bits of green";
  EXPECT_THROW((void)pixels(bmp(1, 1, 32, 3, Bytes(12, 0), {1, 2, 3, 4})), Error);
}

TEST_F(Bmp, Palettes) {
  Bytes palette;
  for (std::uint32_t i = 0; i < 16; ++i) add(palette, (i << 16) | ((2 * i) << 8) | (3 * i), 4);
  EXPECT_EQ(pixels(bmp(3, 1, 4, 0, palette, {0x5A, 0xF0, 0, 0})), (Bytes{5, 10, 15, 10, 20, 30, 15, 30, 45}));
  const Bytes two(palette.begin(), palette.begin() + 8);
  EXPECT_EQ(pixels(bmp(3, 1, 1, 0, two, {0xA0, 0, 0, 0})), (Bytes{1, 2, 3, 0, 0, 0, 1, 2, 3}));
}

TEST_F(Bmp, Refused) {
  const Bytes row{1, 2, 3, 0};
  EXPECT_THROW((void)pixels(bmp(1, 1, 8, 1, {}, row)), Error) << "run lengths";
  EXPECT_THROW((void)pixels(bmp(1, 1, 7, 0, {}, row)), Error);
  EXPECT_THROW((void)pixels(bmp(1, 2, 24, 0, {}, row)), Error) << "a row is missing";
  EXPECT_THROW((void)pixels(bmp(0x7FFFFFFF, 0x7FFFFFFF, 32, 0, {}, row)), Error);
  EXPECT_THROW((void)pixels(bmp(1, 0x80000000, 24, 0, {}, row)), Error);
  const Bytes whole = bmp(1, 1, 24, 0, {}, row);
  for (std::ptrdiff_t size = 0; size < std::ssize(whole) - 1; ++size) {
    EXPECT_THROW((void)pixels({whole.begin(), whole.begin() + size}), Error) << size;
  }
}

}  // namespace
}  // namespace haloedge
