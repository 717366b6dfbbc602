#include "formats/georeference.hpp"

#include <cstring>

#include <gtest/gtest.h>

namespace haloedge {
namespace {

TiffTag tag_of(std::uint16_t id, const std::vector<double>& numbers) {
  constexpr std::uint16_t double_type = 12;
  TiffTag tag{id, double_type, numbers.size(), std::vector<std::byte>(numbers.size() * sizeof(double))};
  std::memcpy(tag.value.data(), numbers.data(), tag.value.size());
  return tag;
}

/// Returns the numbers of a tag that belongs to the part at row 20, column 100.
std::vector<double> numbers_of_part(std::uint16_t id, const std::vector<double>& numbers) {
  const std::vector<TiffTag> tags = georeference_of_part({tag_of(id, numbers)}, 20, 100);
  std::vector<double> changed(numbers.size());
  std::memcpy(changed.data(), tags.at(0).value.data(), tags.at(0).value.size());
  return changed;
}

TEST(Georeference, TiePoints) {
  EXPECT_EQ(numbers_of_part(33922, {0, 0, 0, 500, 600, 0, 150.5, 30, 0, 7, 8, 9}),
            (std::vector<double>{-100, -20, 0, 500, 600, 0, 50.5, 10, 0, 7, 8, 9}));
}

TEST(Georeference, Transformation) {
  // x = 2 column + 3 row + 1000, y = 4 column + 5 row + 2000
  EXPECT_EQ(numbers_of_part(34264, {2, 3, 0, 1000, 4, 5, 0, 2000, 0, 0, 0, 0, 0, 0, 0, 1}),
            (std::vector<double>{2, 3, 0, 1260, 4, 5, 0, 2500, 0, 0, 0, 0, 0, 0, 0, 1}));
}

TEST(Georeference, RationalPolynomials) {
  EXPECT_EQ(numbers_of_part(50844, {-1, -1, 60, 80, 45, 15}), (std::vector<double>{-1, -1, 40, -20, 45, 15}));
}

TEST(Georeference, OthersAndBrokenOnes) {
  EXPECT_EQ(numbers_of_part(33550, {2, 3, 0}), (std::vector<double>{2, 3, 0}));  // the scale
  EXPECT_EQ(numbers_of_part(34264, {2, 3, 0}), (std::vector<double>{2, 3, 0}));
  EXPECT_EQ(numbers_of_part(33922, {}), (std::vector<double>{}));
}

}  // namespace
}  // namespace haloedge
