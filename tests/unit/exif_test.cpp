#include "formats/exif.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/jpeg_fixture.hpp"

namespace haloedge {
namespace {

/// Returns the EXIF block of the fixture, without the "Exif" that stands before it in a JPEG.
std::vector<std::uint8_t> block_of(int orientation, bool big_endian) {
  std::vector<std::uint8_t> block = exif_block(orientation, big_endian);
  block.erase(block.begin(), block.begin() + 6);
  return block;
}

Metadata metadata_of(const std::vector<std::uint8_t>& block) {
  Metadata metadata;
  add_exif(std::as_bytes(std::span(block)), metadata);
  return metadata;
}

TEST(Exif, Broken) {
  EXPECT_FALSE(metadata_of({}).orientation);
  for (const bool big : {false, true}) {
    std::vector<std::uint8_t> block = block_of(6, big);
    EXPECT_EQ(metadata_of(block).orientation, 6);
    for (std::size_t size = 0; size < 20; ++size) {
      EXPECT_FALSE(metadata_of({block.begin(), block.begin() + static_cast<std::ptrdiff_t>(size)}).orientation) << size;
    }
    EXPECT_FALSE(metadata_of(block_of(0, big)).orientation);
    EXPECT_FALSE(metadata_of(block_of(9, big)).orientation);
    block[4] = block[5] = block[6] = block[7] = 0xFF;  // the offset of a directory far outside
    EXPECT_FALSE(metadata_of(block).orientation);
  }
}

TEST(Exif, OrientationOfOtherTypes) {
  for (const bool big : {false, true}) {
    for (const int type : {1, 4}) {
      std::vector<std::uint8_t> block = block_of(6, big);
      block[big ? 13 : 12] = static_cast<std::uint8_t>(type);
      for (std::size_t i = 18; i < 22; ++i) block[i] = 0;
      block[big && type == 4 ? 21 : 18] = 6;
      EXPECT_EQ(metadata_of(block).orientation, 6) << (big ? "big-endian, type " : "little-endian, type ") << type;
    }
  }
}

TEST(Exif, Texts) {
  // Two entries: a short ImageDescription, which is in its entry, and an Artist, which stands behind the directory.
  const std::string bytes(
      "II*\0\x08\0\0\0\x02\0"
      "\x0e\x01\x02\0\x04\0\0\0abc\0"
      "\x3b\x01\x02\0\x08\0\0\0\x26\0\0\0"
      "\0\0\0\0A. Name\0",
      46);
  std::vector<std::uint8_t> block(bytes.begin(), bytes.end());
  const Metadata metadata = metadata_of(block);
  ASSERT_EQ(metadata.texts.size(), 2U);
  EXPECT_EQ(metadata.texts[0].id, 270);
  EXPECT_STREQ(reinterpret_cast<const char*>(metadata.texts[0].value.data()), "abc");
  EXPECT_EQ(metadata.texts[1].id, 315);
  EXPECT_STREQ(reinterpret_cast<const char*>(metadata.texts[1].value.data()), "A. Name");
  block.pop_back();  // the text ends beyond the block
  EXPECT_EQ(metadata_of(block).texts.size(), 1U);
}

}  // namespace
}  // namespace haloedge
