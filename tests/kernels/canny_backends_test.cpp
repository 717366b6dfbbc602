// Compares the vectorised kernels of Canny's detector with the reference, for every instruction set.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/backend.hpp"
#include "kernels/cpu/cpu.hpp"

namespace haloedge::kernels {
namespace {

/// Noise, waves with a little noise, and only 0 and 255, which gives many equal neighbours.
enum class Content : std::uint8_t { random, smooth, binary };
constexpr Content contents[] = {Content::random, Content::smooth, Content::binary};

/// A rectangle of gray with `margin` rows and columns around it.
class GrayImage {
 public:
  GrayImage(Content content, std::int64_t width, std::int64_t rows, std::int64_t margin)
      : margin_(margin), width_(width), height_(rows) {
    std::minstd_rand random(static_cast<unsigned>(width * 31 + rows));
    const std::int64_t stride = width + 2 * margin;
    for (std::int64_t i = 0; i < stride * (rows + 2 * margin); ++i) {
      const auto noise = static_cast<unsigned>(random() >> 8);
      const auto wave = static_cast<unsigned>(std::abs(i % stride % 60 - 30) * 4 + std::abs(i / stride % 40 - 20) * 3);
      const unsigned level = content == Content::random   ? noise % 256
                             : content == Content::smooth ? wave + noise % 3
                                                          : noise % 2 * 255;
      samples_.push_back(static_cast<std::byte>(level));
    }
    for (std::int64_t y = 0; y < rows + 2 * margin; ++y) rows_.push_back(samples_.data() + y * stride);
  }

  /// The result of `kernel(rows, column, out)` for the rectangle, in rows with padding.
  template <class Kernel>
  [[nodiscard]] std::vector<std::byte> result(Kernel kernel) const {
    const std::int64_t stride = width_ + 3;
    std::vector<std::byte> out(static_cast<std::size_t>(stride * height_), std::byte{0xA5});
    kernel(rows_.data(), margin_, Plane{out.data(), stride, width_, height_, SampleType::u8});
    return out;
  }

 private:
  std::int64_t margin_;
  std::int64_t width_;
  std::int64_t height_;
  std::vector<std::byte> samples_;
  std::vector<const std::byte*> rows_;
};

class CannyBackends : public testing::Test {
 protected:
  const std::vector<std::string> instruction_sets_ = cpu::instruction_sets();
  std::unique_ptr<Backend> reference_ = make_backend(HostBackend::reference);

  /// The number of candidates.
  std::int64_t expect_same_candidates(const GrayImage& image, const CannyFilter& filter, ImageEnds ends) {
    const auto right = image.result([&](const std::byte* const* rows, std::int64_t column, const Plane& out) {
      reference_->candidates(filter, rows, column, ends, out);
    });
    for (const std::string& set : instruction_sets_) {
      cpu::use_instruction_set(set);
      const auto got = image.result([&](const std::byte* const* rows, std::int64_t column, const Plane& out) {
        cpu::candidates(filter, rows, column, ends, out);
      });
      EXPECT_TRUE(got == right) << set << " norm " << int(filter.norm) << " low " << filter.low << " high "
                                << filter.high << " ends " << ends.above << ends.below << ends.left << ends.right;
    }
    return std::count_if(right.begin(), right.end(), [](std::byte b) { return b != std::byte{} && b <= std::byte{3}; });
  }

  void expect_same_blur(const GrayImage& image, const GaussianWeights& weights) {
    const auto right = image.result([&](const std::byte* const* rows, std::int64_t column, const Plane& out) {
      reference_->blur(weights, rows, column, out);
    });
    for (const std::string& set : instruction_sets_) {
      cpu::use_instruction_set(set);
      EXPECT_TRUE(right == image.result([&](const std::byte* const* rows, std::int64_t column, const Plane& out) {
        cpu::blur(weights, rows, column, out);
      })) << set
          << " radius " << weights.radius();
    }
  }
};

constexpr ImageEnds all_ends(unsigned bits) {
  return {(bits & 1U) != 0, (bits & 2U) != 0, (bits & 4U) != 0, (bits & 8U) != 0};
}

std::vector<CannyFilter> all_thresholds() {
  std::vector<CannyFilter> filters;
  for (const Norm norm : {Norm::l1, Norm::l2}) {
    // With only 0 and 255, the L1 norm reaches 2040, which is above 2039. Thresholds from 1e9 on are limited.
    for (const auto& [low, high] :
         {std::pair{0.0, 0.0}, {3.0, 9.0}, {100.0, 400.5}, {1400.0, 2039.0}, {10.0, 1e9}, {1e9, 1e9}})
      filters.push_back(canny_filter(norm, low, high));
  }
  return filters;
}

TEST_F(CannyBackends, Widths) {
  for (std::int64_t width = 1; width <= 200; ++width) {
    SCOPED_TRACE(width);
    for (const Content content : contents) {
      const GrayImage image(content, width, 3, canny_radius);
      for (const CannyFilter& filter : all_thresholds()) {
        expect_same_candidates(image, filter, all_ends(static_cast<unsigned>(width) % 16));
      }
    }
    if (HasFailure()) return;
  }
}

TEST_F(CannyBackends, ImageEnds) {
  for (const std::int64_t width : {1, 2, 63, 64, 65, 130}) {
    for (const std::int64_t rows : {1, 2, 5}) {
      const GrayImage image(Content::random, width, rows, canny_radius);
      for (unsigned ends = 0; ends < 16; ++ends) {
        for (const CannyFilter& filter : all_thresholds()) expect_same_candidates(image, filter, all_ends(ends));
      }
    }
  }
}

TEST_F(CannyBackends, WideRectangles) {
  for (const std::int64_t width : {2045, 2046, 2047, 2048, 4092, 4093, 6200}) {
    for (const Content content : contents) {
      const GrayImage image(content, width, 4, canny_radius);
      for (const CannyFilter& filter : all_thresholds()) {
        const std::int64_t candidates = expect_same_candidates(image, filter, all_ends(width % 2 == 0 ? 15 : 0));
        if (filter.low == 0) {
          EXPECT_GT(candidates, 0);
        }
        if (filter.low >= 32767) {
          EXPECT_EQ(candidates, 0);
        }
      }
    }
  }
}

TEST_F(CannyBackends, BlurWidths) {
  for (const double sigma : {0.1, 0.8, 1.4, 3.0}) {
    const GaussianWeights weights = fixed_gaussian(sigma);
    for (std::int64_t width = 1; width <= 200; ++width) {
      SCOPED_TRACE(width);
      for (const Content content : contents) expect_same_blur({content, width, 2, weights.radius()}, weights);
    }
  }
}

TEST_F(CannyBackends, BlurRadii) {
  for (int quarters = 1; quarters <= 4 * max_sigma; ++quarters) {
    const GaussianWeights weights = fixed_gaussian(quarters / 4.0);
    for (const std::int64_t width : {5, 150}) {
      expect_same_blur({Content::random, width, 2, weights.radius()}, weights);
      expect_same_blur({Content::binary, width, 2, weights.radius()}, weights);
    }
  }
}

TEST_F(CannyBackends, BlurWideRectangles) {
  const GaussianWeights weights = fixed_gaussian(1.4);
  for (const std::int64_t width : {2047, 2048, 2049, 5000}) {
    for (const Content content : contents) expect_same_blur({content, width, 3, weights.radius()}, weights);
  }
}

TEST_F(CannyBackends, BlurWhite) {
  const std::vector<std::byte> white(3000, std::byte{255});
  const GaussianWeights weights = fixed_gaussian(max_sigma);
  const std::vector<const std::byte*> rows(static_cast<std::size_t>(2 * weights.radius() + 1), white.data());
  for (const std::string& set : instruction_sets_) {
    cpu::use_instruction_set(set);
    std::vector<std::byte> out(2800);
    cpu::blur(weights, rows.data(), weights.radius(), {out.data(), 2800, 2800, 1, SampleType::u8});
    EXPECT_EQ(std::count(out.begin(), out.end(), std::byte{255}), 2800) << set;
  }
}

}  // namespace
}  // namespace haloedge::kernels
