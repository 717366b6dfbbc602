// Compares dHash with OpenCV, bit for bit.
#include "kernels/dhash.hpp"

#include <array>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "kernels/fixture_path.hpp"

namespace haloedge::kernels {
namespace {

/// The image of tests/oracles/make_fixtures.py.
std::uint8_t sample(std::uint64_t place, std::uint64_t width, std::uint64_t seed) {
  const std::uint64_t noise = ((place + seed) * 2654435761U % (std::uint64_t{1} << 32)) >> 27;
  return static_cast<std::uint8_t>(noise + place % width * 200 / width);
}

TEST(Dhash, OpenCv) {
  std::ifstream table(fixture_path("opencv_dhash.txt"));
  int images = 0;
  std::uint64_t width = 0;
  std::uint64_t height = 0;
  std::uint64_t seed = 0;
  for (std::string hash; table >> width >> height >> seed >> hash; ++images) {
    const Dhash dhash(static_cast<std::int64_t>(width), static_cast<std::int64_t>(height));
    std::vector<std::vector<std::uint8_t>> rows;
    std::vector<const std::uint8_t*> pointers;
    for (const std::int64_t row : dhash.rows()) {
      auto& samples = rows.emplace_back();
      for (std::uint64_t x = 0; x < width; ++x) {
        samples.push_back(sample(static_cast<std::uint64_t>(row) * width + x, width, seed));
      }
    }
    for (const auto& row : rows) pointers.push_back(row.data());
    ASSERT_EQ(dhash.of(pointers).hash, std::stoull(hash, nullptr, 16)) << width << " x " << height;
  }
  EXPECT_EQ(images, 803);
}

/// Hashes an image of 18 x 16 pixels whose samples are those of `sample_at`.
template <class SampleAt>
Dhash::Result hash_of(const SampleAt& sample_at) {
  constexpr std::size_t width = 18;
  const Dhash dhash(width, 16);
  std::vector<std::array<std::uint8_t, width>> rows(dhash.rows().size());
  std::vector<const std::uint8_t*> pointers;
  for (std::size_t y = 0; y < rows.size(); ++y) {
    for (std::size_t x = 0; x < width; ++x) rows[y].at(x) = static_cast<std::uint8_t>(sample_at(x, y));
    pointers.push_back(rows[y].data());
  }
  return dhash.of(pointers);
}

TEST(Dhash, Flat) {
  using Result = Dhash::Result;
  EXPECT_EQ(hash_of([](auto, auto) { return 255; }), (Result{0, true}));
  EXPECT_EQ(hash_of([](auto, auto y) { return 16 * y; }), (Result{0, true})) << "changes from top to bottom only";
  EXPECT_EQ(hash_of([](auto x, auto) { return 200 - 10 * x; }), (Result{0, false})) << "falls everywhere";
  EXPECT_EQ(hash_of([](auto x, auto y) { return x == 17 && y == 15 ? 100 : 0; }),
            (Result{std::uint64_t{1} << 63, false}));
}

TEST(Dhash, Rows) {
  for (const std::int64_t height : {1, 2, 7, 8, 15, 16, 17, 1000, 100000}) {
    const auto rows = Dhash(50, height).rows();
    EXPECT_LE(rows.size(), 16U);
    EXPECT_GE(rows.front(), 0);
    EXPECT_LT(rows.back(), height);
    for (std::size_t i = 1; i < rows.size(); ++i) EXPECT_LT(rows[i - 1], rows[i]);
  }
}

}  // namespace
}  // namespace haloedge::kernels
