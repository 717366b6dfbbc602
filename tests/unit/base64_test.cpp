#include "core/base64.hpp"

#include <array>
#include <string_view>

#include <gtest/gtest.h>

namespace haloedge {
namespace {

std::string encoded(std::string_view text) { return base64(std::as_bytes(std::span(text))); }

TEST(Base64, TheExamplesOfRfc4648) {
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foob"), "Zm9vYg==");
  EXPECT_EQ(encoded("fooba"), "Zm9vYmE=");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
}

TEST(Base64, BytesOfAnyValue) {
  constexpr std::array bytes{std::byte{0xfb}, std::byte{0xff}, std::byte{0xfe}, std::byte{0x00}};
  EXPECT_EQ(base64(bytes), "+//+AA==");
}

}  // namespace
}  // namespace haloedge
