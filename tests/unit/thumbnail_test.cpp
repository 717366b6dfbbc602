// Compares small pictures with means that are computed pixel by pixel.
#include "measures/thumbnail.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <random>
#include <tuple>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "source/open_source.hpp"
#include "support/memory_image.hpp"
#include "support/samples.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

using kernels::ConstPixels;
using kernels::SampleType;

constexpr std::int64_t side = 160;
constexpr std::int64_t memory = std::int64_t{1} << 30;

/// An image whose samples are given as numbers from 0 to 1, of which floats are made elevations.
class Drawn {
 public:
  template <class Value>
  Drawn(std::int64_t width, std::int64_t height, int channels, SampleType type, Value value)
      : bytes_(static_cast<std::size_t>(width * height * channels * kernels::sample_bytes(type))),
        pixels_{bytes_.data(), width * channels * kernels::sample_bytes(type), width, height, type, channels} {
    for (std::int64_t i = 0; i < width * height * channels; ++i) put(i, value(i));
  }
  [[nodiscard]] Thumbnail thumbnail() const {
    MemorySource source(pixels_);
    return make_thumbnail(source, side, memory);
  }
  /// Returns a sample.
  [[nodiscard]] double at(std::int64_t row, std::int64_t column, int channel) const {
    return values_[static_cast<std::size_t>((row * pixels_.width + column) * pixels_.channels + channel)];
  }
  [[nodiscard]] const ConstPixels& pixels() const { return pixels_; }

 private:
  template <class Sample>
  void store(std::int64_t i, Sample sample) {
    std::memcpy(bytes_.data() + static_cast<std::size_t>(i) * sizeof sample, &sample, sizeof sample);
    values_.push_back(static_cast<double>(sample));
  }
  void put(std::int64_t i, double value) {
    if (pixels_.type == SampleType::f32) return store(i, static_cast<float>(500 + 3000 * value));
    if (pixels_.type == SampleType::f64) return store(i, 500 + 3000 * value);
    const double scaled = std::round(value * kernels::full_scale(pixels_.type));
    if (pixels_.type == SampleType::u8) return store(i, static_cast<std::uint8_t>(scaled));
    store(i, static_cast<std::uint16_t>(scaled / 5));
  }

  std::vector<std::byte> bytes_;
  ConstPixels pixels_;
  std::vector<double> values_;
};

/// Returns how much of pixel number `pixel` of `pixels` lies in cell number `cell` of `cells`, in pixels.
double overlap(std::int64_t pixel, std::int64_t pixels, std::int64_t cell, std::int64_t cells) {
  const double size = static_cast<double>(pixels) / static_cast<double>(cells);
  const auto left = static_cast<double>(pixel);
  const double begin = std::max(left, static_cast<double>(cell) * size);
  const double end = std::min(left + 1, static_cast<double>(cell + 1) * size);
  return std::max(0.0, end - begin);
}

double mean(const Drawn& image, const Thumbnail& small, std::int64_t row, std::int64_t column, int channel) {
  const ConstPixels& pixels = image.pixels();
  double sum = 0;
  double area = 0;
  for (std::int64_t y = row * pixels.rows / small.height; y < pixels.rows; ++y) {
    const double down = overlap(y, pixels.rows, row, small.height);
    if (down == 0) break;
    for (std::int64_t x = column * pixels.width / small.width; x < pixels.width; ++x) {
      const double weight = down * overlap(x, pixels.width, column, small.width);
      if (weight == 0) break;
      sum += weight * image.at(y, x, channel);
      area += weight;
    }
  }
  return sum / area;
}

class ThumbnailKinds : public testing::TestWithParam<std::tuple<SampleType, int>> {};

TEST_P(ThumbnailKinds, Means) {
  const auto [type, channels] = GetParam();
  std::mt19937 random(7);
  const auto noise = [&random](std::int64_t) { return std::uniform_real_distribution<double>(0, 1)(random); };
  for (const auto& [width, height] : {std::pair(477, 311), std::pair(161, 640), std::pair(200, 90)}) {
    const Drawn image(width, height, channels, type, noise);
    const Thumbnail small = image.thumbnail();
    EXPECT_EQ(std::max(small.width, small.height), side);
    ASSERT_EQ(small.channels, channels <= 2 ? 1 : 3);
    std::vector<double> right;
    for (std::int64_t i = 0; i < std::ssize(small.samples); ++i) {
      const std::int64_t pixel = i / small.channels;
      right.push_back(
          mean(image, small, pixel / small.width, pixel % small.width, static_cast<int>(i % small.channels)));
    }
    const auto [least, most] = std::ranges::minmax(right);
    for (std::size_t i = 0; i < right.size(); ++i) {
      const double level = type == SampleType::u8 ? right[i] : (right[i] - least) * 255 / (most - least);
      const int found = std::to_integer<int>(small.samples[i]);
      ASSERT_NEAR(found, level, 0.51) << width << " x " << height << ", sample " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ThumbnailKinds,
                         testing::Combine(testing::ValuesIn(all_image_types), testing::Values(1, 2, 3, 4)));

TEST(Thumbnail, Sizes) {
  const auto size_of = [](std::int64_t width, std::int64_t height) {
    const Thumbnail small = Drawn(width, height, 1, SampleType::u8, [](std::int64_t) { return 0.4; }).thumbnail();
    EXPECT_EQ(std::ssize(small.samples), small.width * small.height);
    EXPECT_EQ(std::count(small.samples.begin(), small.samples.end(), std::byte{102}), std::ssize(small.samples));
    return std::pair(small.width, small.height);
  };
  using Size = std::pair<std::int64_t, std::int64_t>;
  EXPECT_EQ(size_of(1, 1), Size(1, 1));
  EXPECT_EQ(size_of(1, 5000), Size(1, 160));
  EXPECT_EQ(size_of(5000, 1), Size(160, 1));
  EXPECT_EQ(size_of(160, 31), Size(160, 31));
  EXPECT_EQ(size_of(161, 161), Size(160, 160));
  EXPECT_EQ(size_of(4000, 3000), Size(160, 120));
}

TEST(Thumbnail, NotNumbers) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  const auto value = [](std::int64_t i) {
    return std::array{std::numeric_limits<double>::quiet_NaN(), inf, 0.2, 0.4, 0.3}.at(static_cast<std::size_t>(i));
  };
  const std::vector<std::byte> right{std::byte{0}, std::byte{255}, std::byte{0}, std::byte{255}, std::byte{128}};
  EXPECT_EQ(Drawn(5, 1, 1, SampleType::f64, value).thumbnail().samples, right);
}

TEST(Thumbnail, Memory) {
  const Drawn image(500, 500, 3, SampleType::u8, [](std::int64_t) { return 0.5; });
  MemorySource source(image.pixels());
  const std::int64_t needed = thumbnail_bytes(source, side);
  EXPECT_LT(needed, std::int64_t{1} << 20);
  EXPECT_NO_THROW((void)make_thumbnail(source, side, needed));
  EXPECT_THROW((void)make_thumbnail(source, side, needed - 1), Error);
}

TEST(Thumbnail, Jpeg) {
  const ScratchFolder scratch;
  for (const int channels : {1, 3}) {
    const auto ramp = [channels](std::int64_t i) { return static_cast<double>(i / channels % 300) / 300; };
    const Thumbnail small = Drawn(300, 200, channels, SampleType::u8, ramp).thumbnail();
    const std::vector<std::byte> file = to_jpeg(small);
    const std::string path = (scratch / "small.jpg").string();
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
    const auto source = open_image(path);
    EXPECT_EQ(source->image().width, 160);
    EXPECT_EQ(source->image().height, 107);
    EXPECT_EQ(source->image().channels, channels);
    const Thumbnail again = make_thumbnail(*source, side, memory);
    for (std::size_t i = 0; i < small.samples.size(); ++i) {
      ASSERT_NEAR(std::to_integer<int>(again.samples[i]), std::to_integer<int>(small.samples[i]), 6);
    }
  }
}

}  // namespace
}  // namespace haloedge
