// Images whose samples are doubles, and signed integers that are stored with an offset.
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/edge_map.hpp"

namespace haloedge::kernels {
namespace {

constexpr std::int64_t width = 29;
constexpr std::int64_t rows = 17;
constexpr std::size_t pixels = width * rows;

template <class Sample>
ConstPixels image(const std::vector<Sample>& samples, SampleType type) {
  return {reinterpret_cast<const std::byte*>(samples.data()),
          width * static_cast<std::int64_t>(sizeof(Sample)),
          width,
          rows,
          type,
          1};
}

template <class Out, class Sample>
std::vector<Out> edges(const std::vector<Sample>& samples, EdgeFilter filter, Border border, double scale) {
  filter.factor = finish_factor(filter, scale);
  std::vector<Out> out(pixels);
  edge_map(*make_backend(HostBackend::reference), image(samples, filter.gray_type), Gray::bt601, filter, border,
           {reinterpret_cast<std::byte*>(out.data()), width * static_cast<std::int64_t>(sizeof(Out)), width, rows,
            filter.out_type});
  return out;
}

/// The exact derivative of numbers along x, by Sobel's weights, with a border of zeros.
double exact_x(const std::vector<double>& numbers, std::int64_t y, std::int64_t x) {
  const auto at = [&](std::int64_t row, std::int64_t column) {
    const bool inside = row >= 0 && row < rows && column >= 0 && column < width;
    return inside ? numbers[static_cast<std::size_t>(row * width + column)] : 0.0;
  };
  double sum = 0;
  for (std::int64_t i = -1; i <= 1; ++i) sum += (i == 0 ? 2 : 1) * (at(y + i, x + 1) - at(y + i, x - 1));
  return sum;
}

/// Heights of a terrain whose slopes are lost in floats: an offset of 4,000,000 and steps of 1/64.
std::vector<double> terrain() {
  std::mt19937 random(5);
  std::vector<double> heights(pixels);
  for (double& height : heights) height = 4'000'000 + static_cast<double>(random() % 64) / 64;
  return heights;
}

constexpr EdgeFilter slope{.component = Component::x, .gray_type = SampleType::f64, .out_type = SampleType::f32};

TEST(WideSamples, DoublesKeepTheirSlopes) {
  const std::vector<double> heights = terrain();
  const std::vector<float> slopes = edges<float>(heights, slope, Border::constant, 1);
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      ASSERT_EQ(slopes[static_cast<std::size_t>(y * width + x)], static_cast<float>(exact_x(heights, y, x)));
    }
  }
}

TEST(WideSamples, DoublesAreRoundedOnce) {
  // In floats, the value would be rounded before it is multiplied: to 16777216, and the result to 16777216 / 2^24.
  std::vector<double> numbers(pixels, 0);
  numbers[width + 2] = 16'777'217.0 / 2;
  const std::vector<std::uint8_t> bytes =
      edges<std::uint8_t>(numbers, {.component = Component::x, .gray_type = SampleType::f64}, Border::constant,
                          127.5 / 16'777'217.0 / 255 + 1e-12);
  EXPECT_EQ(bytes[width + 1], 128);
}

TEST(WideSamples, DirectionOfHugeDoubles) {
  std::vector<double> numbers(pixels, 0);
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::size_t row = i / width;
    numbers[i] = 1e300 * static_cast<double>(row);
  }
  EdgeFilter filter = slope;
  filter.component = Component::direction;
  EXPECT_FLOAT_EQ(edges<float>(numbers, filter, Border::nearest, 1)[width + 5], 0.25F);
}

/// Stores signed numbers as unsigned ones with an offset, and compares the edges with exact ones.
template <class Stored>
void expect_exact_slopes(SampleType type, int zero, int least, int most) {
  std::mt19937 random(3);
  std::vector<double> numbers(pixels);
  std::vector<Stored> stored;
  for (double& number : numbers) {
    const int value = least + static_cast<int>(random() % static_cast<unsigned>(most - least + 1));
    number = value;
    stored.push_back(static_cast<Stored>(value + zero));
  }
  const EdgeFilter filter{.component = Component::x,
                          .gray_type = type,
                          .gray_zero = static_cast<std::uint16_t>(zero),
                          .out_type = SampleType::f32};
  const std::vector<float> slopes = edges<float>(stored, filter, Border::constant, most);
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      ASSERT_EQ(slopes[static_cast<std::size_t>(y * width + x)], static_cast<float>(exact_x(numbers, y, x)));
    }
  }
}

TEST(WideSamples, SignedIntegers) {
  expect_exact_slopes<std::uint8_t>(SampleType::u8, 128, -128, 127);
  expect_exact_slopes<std::uint16_t>(SampleType::u16, 32768, -32768, 32767);
}

TEST(WideSamples, GrayOfSignedColours) {
  // A weighted sum of signed numbers, rounded half up as that of unsigned ones is.
  const std::vector<int> colours{-32768, -32768, -32768, -100, 20, 30, 32767, -1, -32768, -1, -1, -1, 0, 0, 0};
  std::vector<std::uint16_t> stored;
  for (const int colour : colours) stored.push_back(static_cast<std::uint16_t>(colour + 32768));
  const std::int64_t count = std::ssize(colours) / 3;
  std::vector<std::uint16_t> gray(static_cast<std::size_t>(count));
  make_backend(HostBackend::reference)
      ->gray({reinterpret_cast<const std::byte*>(stored.data()), count * 6, count, 1, SampleType::u16, 3}, Gray::bt601,
             {reinterpret_cast<std::byte*>(gray.data()), count * 2, count, 1, SampleType::u16});
  for (std::int64_t i = 0; i < count; ++i) {
    const auto* colour = colours.data() + 3 * i;
    const double exact = (9798.0 * colour[0] + 19235.0 * colour[1] + 3735.0 * colour[2]) / 32768;
    EXPECT_EQ(gray[static_cast<std::size_t>(i)] - 32768, std::floor(exact + 0.5)) << i;
  }
}

}  // namespace
}  // namespace haloedge::kernels
