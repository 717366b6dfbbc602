#include <string>

#include <gtest/gtest.h>

#include "stream/painter.hpp"

namespace haloedge {
namespace {

std::string dots_of(char letter) {
  std::string dots;
  for (int row = 0; row < letter_rows; ++row) {
    for (int column = 0; column < letter_columns; ++column) dots += has_dot(letter, column, row) ? '#' : '.';
  }
  return dots;
}

TEST(BitmapFont, Letters) {
  const std::string letters = " ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-/%";
  for (const char one : letters) {
    for (const char other : letters) {
      // At least two dots must differ, so that no letter is taken for another.
      const std::string dots = dots_of(one);
      int differ = 0;
      for (std::size_t i = 0; i < dots.size(); ++i) differ += dots[i] != dots_of(other)[i] ? 1 : 0;
      EXPECT_TRUE(one == other || differ >= 2) << one << other;
    }
  }
}

TEST(BitmapFont, OtherCharacters) {
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    EXPECT_EQ(dots_of(letter), dots_of(static_cast<char>(letter - 'a' + 'A'))) << letter;
  }
  for (const char other : {'\0', '\n', '!', '@', '[', '`', '{', '\x7F', '\x80', '\xFF'}) {
    EXPECT_EQ(dots_of(other), std::string(35, '.')) << static_cast<int>(other);
  }
}

}  // namespace
}  // namespace haloedge
