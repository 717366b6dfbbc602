// Compares Canny's CUDA kernel with the reference for whole images: on the host, block by block, and on a device if
// there is one.
#include <algorithm>
#include <cstdlib>
#include <deque>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/device_filter.hpp"
#include "kernels/edge_map.hpp"
#include "support/device_images.hpp"
#include "support/emulated_device.hpp"

namespace haloedge::kernels {
namespace {

enum class Where { emulated, device };

/// Noise, waves with a little noise, and only 0 and 255, which gives many equal neighbours.
enum class Content : unsigned { random, smooth, binary };

struct Image {
  Image(unsigned content, std::int64_t width, std::int64_t rows, int channels) {
    std::minstd_rand random(static_cast<unsigned>(width * 131 + rows * 7 + channels));
    for (std::int64_t i = 0; i < width * rows * channels; ++i) {
      const std::int64_t x = i / channels % width;
      const std::int64_t y = i / channels / width;
      const auto noise = static_cast<unsigned>(random() >> 8);
      const auto wave = static_cast<unsigned>(std::abs(x % 60 - 30) * 4 + std::abs(y % 40 - 20) * 3);
      const auto kind = static_cast<Content>(content % 3);
      const unsigned level = kind == Content::random   ? noise % 256
                             : kind == Content::smooth ? wave + noise % 3
                                                       : noise % 2 * 255;
      memory.push_back(static_cast<std::byte>(level));
    }
    pixels = {memory.data(), width * channels, width, rows, SampleType::u8, channels};
  }
  std::vector<std::byte> memory;
  ConstPixels pixels;
};

std::vector<std::byte> whole_image_classes(const Backend& reference, const ConstPixels& image, Gray weights,
                                           const CannyFilter& filter) {
  const BorderedPlane gray = canny_gray(reference, image, weights, fixed_gaussian(0));
  std::vector<std::byte> classes(static_cast<std::size_t>(image.width * image.rows));
  reference.candidates(filter, gray.rows(canny_radius), 0, {true, true, true, true},
                       {classes.data(), image.width, image.width, image.rows, SampleType::u8});
  return classes;
}

class CannyOnDevice : public testing::TestWithParam<Where> {
 protected:
  void SetUp() override {
    if (GetParam() != Where::device) return;
    const Devices devices = find_devices();
    if (devices.found.empty()) GTEST_SKIP() << devices.why_none;
  }

  void TearDown() override {
    if (IsSkipped()) return;
    EXPECT_TRUE(weak_ > 0 && strong_ > 0 && none_ > 0) << "the images show too little";
  }

  [[nodiscard]] static std::unique_ptr<DeviceFilter> make(const DeviceFilterSpec& spec) {
    if (GetParam() == Where::device) return make_device_filter(0, spec);
    return make_emulated_device(spec, DeviceHaste::all_at_the_end);
  }

  /// Compares the classes of bands of images, made in one launch, with the same rows of the whole images' classes.
  void expect_same(const std::vector<ImageBand>& bands, Gray weights, const CannyFilter& filter) {
    const auto made = device_classes(make, bands, weights, filter);
    for (std::size_t i = 0; i < bands.size(); ++i) {
      const auto& [image, first_row, rows] = bands[i];
      const auto right = whole_image_classes(*reference_, image, weights, filter);
      const auto from = right.begin() + static_cast<std::ptrdiff_t>(first_row * image.width);
      ASSERT_TRUE(std::equal(made[i].begin(), made[i].end(), from, from + rows * image.width))
          << image.width << " x " << image.rows << ", rows " << first_row << " + " << rows << ", channels "
          << image.channels << ", norm " << int(filter.norm) << ", thresholds " << filter.low << ' ' << filter.high;
      count(made[i]);
    }
  }

 private:
  void count(const std::vector<std::byte>& classes) {
    none_ += std::count(classes.begin(), classes.end(), std::byte{0});
    weak_ += std::count(classes.begin(), classes.end(), std::byte{candidate_bit});
    strong_ += std::count(classes.begin(), classes.end(), std::byte{candidate_bit | strong_bit});
  }

  std::unique_ptr<Backend> reference_ = make_backend(HostBackend::reference);
  std::ptrdiff_t none_ = 0;
  std::ptrdiff_t weak_ = 0;
  std::ptrdiff_t strong_ = 0;
};

struct Thresholds {
  double low, high;
};
constexpr Thresholds thresholds[] = {{0, 0}, {4, 30.5}, {90, 300}, {500, 900}, {0, 1e9}};

/// A quick test of a device.
TEST_P(CannyOnDevice, OneImage) {
  const Image image(0, 201, 99, 3);
  expect_same({{image.pixels, 0, 99}}, Gray::bt601, canny_filter(Norm::l1, 90, 300));
}

/// Images of about the size of a patch and larger ones; bands at the image's ends and away from them.
TEST_P(CannyOnDevice, Sizes) {
  for (const int channels : {1, 2, 3, 4}) {
    for (std::int64_t width = 1; width <= 80; ++width) {
      std::deque<Image> images;
      std::vector<ImageBand> bands;
      for (std::int64_t rows = 1; rows <= 40; ++rows) {
        for (const std::int64_t above : {0, 3}) {
          for (const std::int64_t below : {0, 2}) {
            images.emplace_back(static_cast<unsigned>(bands.size()), width, above + rows + below, channels);
            bands.push_back({images.back().pixels, above, rows});
          }
        }
      }
      const auto& [low, high] = thresholds[static_cast<std::size_t>(width + channels) % std::size(thresholds)];
      for (const Norm norm : {Norm::l1, Norm::l2}) expect_same(bands, Gray::bt601, canny_filter(norm, low, high));
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(CannyOnDevice, Thresholds) {
  for (const int channels : {1, 3, 4}) {
    std::deque<Image> images;
    std::vector<ImageBand> bands;
    for (const unsigned content : {0U, 1U, 2U}) {
      images.emplace_back(content, 201, 99, channels);
      bands.push_back({images.back().pixels, 0, 99});
      bands.push_back({images.back().pixels, 33, 40});
    }
    for (const Gray weights : {Gray::bt601, Gray::bt709, Gray::mean, Gray::red, Gray::green, Gray::blue}) {
      for (const auto& [low, high] : thresholds) {
        for (const Norm norm : {Norm::l1, Norm::l2}) expect_same(bands, weights, canny_filter(norm, low, high));
        if (HasFatalFailure()) return;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, CannyOnDevice, testing::Values(Where::emulated, Where::device),
                         [](const auto& parameter) {
                           return parameter.param == Where::device ? "device" : "emulated";
                         });

}  // namespace
}  // namespace haloedge::kernels
