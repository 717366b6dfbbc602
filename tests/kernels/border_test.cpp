#include <string>

#include <gtest/gtest.h>

#include "kernels/kernels.hpp"

namespace haloedge::kernels {
namespace {

/// The samples at indices -6 .. 9 of the image "abcd"; '.' is the constant.
std::string around(Border border) {
  std::string text;
  for (std::int64_t i = -6; i < 10; ++i) {
    const std::int64_t from = border_index(i, 4, border);
    text += from < 0 ? '.' : static_cast<char>('a' + from);
  }
  return text;
}

TEST(BorderIndex, Scipy) {
  EXPECT_EQ(around(Border::reflect), "cddcbaabcddcbaab");
  EXPECT_EQ(around(Border::mirror), "abcdcbabcdcbabcd");
  EXPECT_EQ(around(Border::nearest), "aaaaaaabcddddddd");
  EXPECT_EQ(around(Border::constant), "......abcd......");
  EXPECT_EQ(around(Border::wrap), "cdabcdabcdabcdab");
}

TEST(BorderIndex, OnePixel) {
  for (const Border border : {Border::reflect, Border::mirror, Border::nearest, Border::wrap}) {
    for (std::int64_t i = -3; i < 4; ++i) EXPECT_EQ(border_index(i, 1, border), 0);
  }
  EXPECT_EQ(border_index(-1, 1, Border::constant), -1);
  EXPECT_EQ(border_index(0, 1, Border::constant), 0);
}

}  // namespace
}  // namespace haloedge::kernels
