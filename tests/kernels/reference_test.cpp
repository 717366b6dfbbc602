// Compares the reference kernels with numbers computed by hand.
#include <array>
#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/backend.hpp"

namespace haloedge::kernels {
namespace {

//  10  20  30  40  50
//  10  20  30  40  50
//  10  20 200  40  50
//  10  20  30  40  50
//  60  60  60  60  60
constexpr std::array<std::uint8_t, 25> image{10, 20, 30, 40, 50, 10, 20, 30, 40, 50, 10, 20, 200,
                                             40, 50, 10, 20, 30, 40, 50, 60, 60, 60, 60, 60};

EdgeFilter filter_of(Operator op, Component component, Norm norm = Norm::l2) {
  EdgeFilter filter{.op = op,
                    .component = component,
                    .norm = norm,
                    .gray_type = SampleType::u8,
                    .out_type = SampleType::f32,
                    .factor = 1,
                    .clip = {}};
  return filter;
}

/// The unscaled value at (row, column), both from 1 to 3, of the image above or of another one of the same size.
float value_at(const EdgeFilter& filter, int row, int column, const std::array<std::uint8_t, 25>& from = image) {
  const auto backend = make_backend(HostBackend::reference);
  std::array<const std::byte*, 3> rows{};
  for (int i = 0; i < 3; ++i) {
    rows.at(static_cast<std::size_t>(i)) = reinterpret_cast<const std::byte*>(from.data()) + (row - 1 + i) * 5;
  }
  float result = -1;
  backend->edges(filter, rows.data(), column, {reinterpret_cast<std::byte*>(&result), 4, 1, 1, SampleType::f32});
  return result;
}

TEST(Reference, Sobel) {
  // Around (1, 1): right column 30 + 2 * 30 + 200 = 290, left 10 * 4 = 40; lower row 10 + 40 + 200 = 250, upper 80.
  EXPECT_EQ(value_at(filter_of(Operator::sobel, Component::x), 1, 1), 250);
  EXPECT_EQ(value_at(filter_of(Operator::sobel, Component::y), 1, 1), 170);
  EXPECT_FLOAT_EQ(value_at(filter_of(Operator::sobel, Component::magnitude), 1, 1), 302.32433F);
  EXPECT_EQ(value_at(filter_of(Operator::sobel, Component::magnitude, Norm::l1), 1, 1), 420);
  // Around the bright pixel the gradient is that of the ramp: 4 * (40 - 20).
  EXPECT_EQ(value_at(filter_of(Operator::sobel, Component::x), 2, 2), 80);
  EXPECT_EQ(value_at(filter_of(Operator::sobel, Component::y), 2, 2), 0);
}

TEST(Reference, ScharrPrewitt) {
  // Right column 3 * 30 + 10 * 30 + 3 * 200 = 990, left 160; lower row 3 * 10 + 10 * 20 + 3 * 200 = 830, upper 320.
  EXPECT_EQ(value_at(filter_of(Operator::scharr, Component::x), 1, 1), 830);
  EXPECT_EQ(value_at(filter_of(Operator::scharr, Component::y), 1, 1), 510);
  // Right 260, left 30; lower 230, upper 60.
  EXPECT_EQ(value_at(filter_of(Operator::prewitt, Component::x), 1, 1), 230);
  EXPECT_EQ(value_at(filter_of(Operator::prewitt, Component::y), 1, 1), 170);
}

TEST(Reference, Laplacian) {
  // |30 + 30 + 20 + 40 - 4 * 200| = 680.
  EXPECT_EQ(value_at(filter_of(Operator::laplacian, Component::magnitude), 2, 2), 680);
  // 20 + 60 + 10 + 30 - 4 * 20
  EXPECT_EQ(value_at(filter_of(Operator::laplacian, Component::magnitude), 3, 1), 40);
}

TEST(Reference, Direction) {
  const auto ramp = [](int right, int down) {
    std::array<std::uint8_t, 25> samples{};
    for (int i = 0; i < 25; ++i)
      samples.at(static_cast<std::size_t>(i)) = static_cast<std::uint8_t>(100 + right * (i % 5) + down * (i / 5));
    return samples;
  };
  const EdgeFilter filter = filter_of(Operator::sobel, Component::direction);
  EXPECT_EQ(value_at(filter, 2, 2, ramp(0, 0)), 0);
  EXPECT_EQ(value_at(filter, 2, 2, ramp(7, 0)), 0);
  EXPECT_NEAR(value_at(filter, 2, 2, ramp(7, 7)), 0.125, 1e-7);
  EXPECT_EQ(value_at(filter, 2, 2, ramp(0, 7)), 0.25F);
  EXPECT_EQ(value_at(filter, 2, 2, ramp(-7, 0)), 0.5F);
  EXPECT_EQ(value_at(filter, 2, 2, ramp(0, -7)), 0.75F);
  EXPECT_NEAR(value_at(filter, 2, 2, ramp(7, -7)), 0.875, 1e-7);
}

TEST(Reference, Rounding) {
  const auto backend = make_backend(HostBackend::reference);
  const auto u8_of = [&](float below, float factor) {
    // The y component of one bright sample below: 2 * below.
    std::array<float, 9> samples{0, 0, 0, 0, 0, 0, 0, below, 0};
    std::array<const std::byte*, 3> rows{};
    for (std::size_t i = 0; i < 3; ++i) rows.at(i) = reinterpret_cast<const std::byte*>(samples.data() + 3 * i);
    EdgeFilter filter = filter_of(Operator::sobel, Component::y);
    filter.gray_type = SampleType::f32;
    filter.out_type = SampleType::u8;
    filter.factor = factor;
    std::uint8_t result = 77;
    backend->edges(filter, rows.data(), 1, {reinterpret_cast<std::byte*>(&result), 1, 1, 1, SampleType::u8});
    return static_cast<int>(result);
  };
  EXPECT_EQ(u8_of(0.25F, 1), 0);  // 0.5
  EXPECT_EQ(u8_of(0.75F, 1), 2);  // 1.5
  EXPECT_EQ(u8_of(1.25F, 1), 2);  // 2.5
  EXPECT_EQ(u8_of(127.25F, 1), 254);
  EXPECT_EQ(u8_of(400, 1), 255);
  EXPECT_EQ(u8_of(-3, 1), 0);
  EXPECT_EQ(u8_of(1, 10), 20);
  EXPECT_EQ(u8_of(std::numeric_limits<float>::quiet_NaN(), 1), 0);
  EXPECT_EQ(u8_of(std::numeric_limits<float>::infinity(), 1), 255);
}

TEST(Reference, Gray) {
  const auto backend = make_backend(HostBackend::reference);
  const std::array<std::uint8_t, 4> pixel{200, 100, 50, 7};
  const auto gray_of = [&](Gray gray, int channels) {
    std::uint8_t result = 0;
    backend->gray({reinterpret_cast<const std::byte*>(pixel.data()), 4, 1, 1, SampleType::u8, channels}, gray,
                  {reinterpret_cast<std::byte*>(&result), 1, 1, 1, SampleType::u8});
    return static_cast<int>(result);
  };
  EXPECT_EQ(gray_of(Gray::bt601, 3), 124);  // 59.8 + 58.7 + 5.7
  EXPECT_EQ(gray_of(Gray::bt709, 4), 118);  // 42.5 + 71.54 + 3.6
  EXPECT_EQ(gray_of(Gray::mean, 3), 117);
  EXPECT_EQ(gray_of(Gray::red, 3), 200);
  EXPECT_EQ(gray_of(Gray::green, 4), 100);
  EXPECT_EQ(gray_of(Gray::blue, 3), 50);
  EXPECT_EQ(gray_of(Gray::bt601, 1), 200);
  EXPECT_EQ(gray_of(Gray::bt601, 2), 200);
}

TEST(FinishFactor, FullScale) {
  EdgeFilter filter = filter_of(Operator::sobel, Component::magnitude);
  EXPECT_EQ(finish_factor(filter, 1), 1.0 / 255.0);
  filter.gray_zero = 128;
  EXPECT_EQ(finish_factor(filter, 1), 1.0 / 127.0);
  filter.gray_zero = 0;
  filter.out_type = SampleType::u16;
  EXPECT_EQ(finish_factor(filter, 2), 514.0F);
  filter.component = Component::direction;
  EXPECT_EQ(finish_factor(filter, 1), 65535.0F);
}

}  // namespace
}  // namespace haloedge::kernels
