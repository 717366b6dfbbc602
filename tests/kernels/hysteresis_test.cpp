// Compares connected components of candidates with a flood fill.
#include "kernels/hysteresis.hpp"

#include <cstddef>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/reference/reference.hpp"

namespace haloedge::kernels {
namespace {

struct Classes {
  std::int64_t width = 0;
  std::int64_t rows = 0;
  std::vector<std::byte> at;

  [[nodiscard]] Plane plane() { return {at.data(), width, width, rows, SampleType::u8}; }
};

/// Random candidates with this probability, a few of them strong.
Classes random_classes(std::int64_t width, std::int64_t rows, double candidates, double strong, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> part;
  Classes classes{width, rows, {}};
  for (std::int64_t i = 0; i < width * rows; ++i) {
    const double p = part(random);
    const int value = p < candidates * strong ? candidate_bit | strong_bit : p < candidates ? candidate_bit : 0;
    classes.at.push_back(static_cast<std::byte>(value));
  }
  return classes;
}

TEST(Hysteresis, WholeImages) {
  unsigned seed = 0;
  for (const std::int64_t width : {1, 2, 7, 8, 63, 64, 65, 128, 200}) {
    for (const std::int64_t rows : {1, 2, 3, 50}) {
      for (const double candidates : {0.0, 0.1, 0.3, 0.4, 0.6, 1.0}) {
        Classes fast = random_classes(width, rows, candidates, 0.02, ++seed);
        Classes slow = fast;
        keep_connected(fast.plane());
        reference::flood_edges(slow.plane());
        ASSERT_TRUE(fast.at == slow.at) << width << " x " << rows << ", " << candidates;
      }
    }
  }
}

TEST(Hysteresis, Diagonals) {
  Classes classes{3, 3, std::vector<std::byte>(9)};
  classes.at[0] = std::byte{candidate_bit | strong_bit};
  classes.at[4] = classes.at[8] = std::byte{candidate_bit};
  classes.at[6] = std::byte{candidate_bit};
  keep_connected(classes.plane());
  for (const std::size_t edge : {std::size_t{0}, std::size_t{4}, std::size_t{6}, std::size_t{8}})
    EXPECT_EQ(classes.at[edge], std::byte{255});
  EXPECT_EQ(classes.at[2], std::byte{0});
}

TEST(Hysteresis, Sides) {
  // A weak column in the middle, a weak pixel inside, a strong row at the lower side.
  Classes classes{9, 6, std::vector<std::byte>(54)};
  for (int y = 0; y < 3; ++y) classes.at[static_cast<std::size_t>(9 * y + 4)] = std::byte{candidate_bit};
  classes.at[9 * 2 + 7] = std::byte{candidate_bit};
  for (int x = 0; x < 9; ++x) classes.at[static_cast<std::size_t>(9 * 5 + x)] = std::byte{candidate_bit};
  classes.at[9 * 5] = std::byte{candidate_bit | strong_bit};
  std::vector<std::uint64_t> words(static_cast<std::size_t>(CandidateBits::word_count(9, 6)));
  const CandidateBits bits{words.data(), 9, 6};
  pack_candidates({classes.at.data(), 9, 9, 6, SampleType::u8, 1}, bits);
  ComponentFinder finder;
  const TileContacts contacts = finder.settle(bits, {});
  EXPECT_EQ(contacts.undecided, 1U);
  ASSERT_EQ(contacts.above.size(), 1U);
  EXPECT_EQ(contacts.above[0].begin, 4);
  EXPECT_EQ(contacts.above[0].end, 5);
  EXPECT_EQ(contacts.above[0].component, 1U);
  ASSERT_EQ(contacts.below.size(), 1U);
  EXPECT_EQ(contacts.below[0].component, 0U) << "strong";
  EXPECT_EQ(contacts.left.size(), 1U);
  EXPECT_EQ(contacts.right.size(), 1U);
  EXPECT_EQ(bits.candidates(2)[0], 1U << 4) << "the pixel that reaches nothing is none";
  EXPECT_EQ(bits.strong(5)[0], 0x1FFU) << "all that touch a strong one are strong";

  finder.decide(bits, std::vector<char>{1});
  for (int y = 0; y < 3; ++y) EXPECT_EQ(bits.strong(y)[0], 1U << 4);
}

TEST(Hysteresis, ImageEnds) {
  Classes classes{5, 5, std::vector<std::byte>(25, std::byte{candidate_bit})};
  std::vector<std::uint64_t> words(static_cast<std::size_t>(CandidateBits::word_count(5, 5)));
  const CandidateBits bits{words.data(), 5, 5};
  pack_candidates({classes.at.data(), 5, 5, 5, SampleType::u8, 1}, bits);
  ComponentFinder finder;
  EXPECT_EQ(finder.settle(bits, {true, true, true, true}).undecided, 0U);
  EXPECT_EQ(bits.candidates(2)[0], 0U);
}

}  // namespace
}  // namespace haloedge::kernels
