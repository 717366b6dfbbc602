// Compares scores with those that OpenCV, scipy and scikit-image computed (tests/oracles/make_score_fixtures.py).
#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/edge_map.hpp"
#include "measures/depth_levels.hpp"
#include "measures/gray_statistics.hpp"

namespace haloedge {
namespace {

using kernels::ConstPixels;
using kernels::Norm;
using kernels::Plane;
using kernels::SampleType;

/// A line of scores.txt, with the picture that it describes.
struct Fixture {
  std::string name, kind, type;
  std::int64_t width = 0, rows = 0;
  double score = 0, density = 0, gradient_l1 = 0, gradient_l2 = 0, entropy = 0;
  std::array<std::int64_t, 4> pixels_of_level{};
  std::string samples;

  [[nodiscard]] ConstPixels pixels() const {
    const SampleType sample = type == "uint8" ? SampleType::u8 : type == "uint16" ? SampleType::u16 : SampleType::f32;
    return {reinterpret_cast<const std::byte*>(samples.data()),
            width * kernels::sample_bytes(sample),
            width,
            rows,
            sample,
            1};
  }
};

std::vector<Fixture> fixtures(const std::string& kind) {
  const std::string folder = HALOEDGE_SCORE_FIXTURES;
  std::ifstream table(folder + "/scores.txt");
  std::vector<Fixture> found;
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    Fixture f;
    words >> f.name >> f.kind >> f.type >> f.width >> f.rows;
    words >> f.score >> f.density >> f.gradient_l1 >> f.gradient_l2 >> f.entropy;
    if (f.kind == "depth") {
      for (std::int64_t& count : f.pixels_of_level) words >> count;
    }
    EXPECT_TRUE(words) << line;
    std::ifstream file(folder + "/" + f.name + ".raw", std::ios::binary);
    f.samples.assign(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(std::ssize(f.samples), f.rows * f.pixels().row_bytes) << f.name;
    if (f.kind == kind) found.push_back(f);
  }
  EXPECT_EQ(found.size(), 3U) << kind;
  return found;
}

/// Compares all numbers of an 8-bit gray image, which is the fixture's picture or was computed from it.
void expect_numbers(const Fixture& expected, const ConstPixels& gray) {
  const auto backend = kernels::make_backend(kernels::HostBackend::reference);
  const kernels::BorderedPlane bordered = canny_gray(*backend, gray, kernels::Gray::bt601, {});
  std::vector<std::byte> edges(static_cast<std::size_t>(gray.width * gray.rows));
  canny_map(*backend, bordered, kernels::canny_filter(Norm::l1, 100, 200),
            {edges.data(), gray.width, gray.width, gray.rows, SampleType::u8});
  const ConstPixels features{edges.data(), gray.width, gray.width, gray.rows, SampleType::u8, 1};
  EXPECT_NEAR(mean_congestion(features, congestion_weights(7)), expected.score, 1e-4 * expected.score) << expected.name;
  EXPECT_NEAR(edge_density(features), expected.density, 1e-8) << expected.name;
  EXPECT_NEAR(mean_gradient(bordered, Norm::l1), expected.gradient_l1, 1e-6) << expected.name;
  EXPECT_NEAR(mean_gradient(bordered, Norm::l2), expected.gradient_l2, 1e-4) << expected.name;
  EXPECT_NEAR(gray_entropy(gray), expected.entropy, 1e-7) << expected.name;
}

TEST(ScoreOracle, Edges) {
  for (const Fixture& fixture : fixtures("gray")) expect_numbers(fixture, fixture.pixels());
}

TEST(ScoreOracle, Depth) {
  for (const Fixture& fixture : fixtures("depth")) {
    std::vector<std::byte> levels(static_cast<std::size_t>(fixture.width * fixture.rows));
    const Plane out{levels.data(), fixture.width, fixture.width, fixture.rows, SampleType::u8};
    depth_levels(fixture.pixels(), 4, out);
    for (std::size_t level = 0; level < fixture.pixels_of_level.size(); ++level) {
      EXPECT_EQ(std::count(levels.begin(), levels.end(), static_cast<std::byte>(level * 85)),
                fixture.pixels_of_level[level])
          << fixture.name << ", level " << level;
    }
    expect_numbers(fixture, {out.data, out.row_bytes, out.width, out.rows, out.type, 1});
  }
}

}  // namespace
}  // namespace haloedge
