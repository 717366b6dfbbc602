// Compares the CUDA kernels with the definition: on the host, thread by thread, and on a device if there is one.
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/device_filter.hpp"
#include "support/device_images.hpp"
#include "support/emulated_device.hpp"
#include "support/samples.hpp"
#include "support/whole_image.hpp"

namespace haloedge::kernels {
namespace {

enum class Where { emulated, emulated_short_marches, device };

std::vector<std::byte> without_gaps(std::int64_t width, std::int64_t rows, SampleType type, int channels) {
  return random_samples(width * rows * channels, type, static_cast<unsigned>(width * 31 + rows));
}

ConstPixels pixels_of(const std::vector<std::byte>& bytes, std::int64_t width, std::int64_t rows, SampleType type,
                      int channels) {
  return {bytes.data(), width * channels * sample_bytes(type), width, rows, type, channels};
}

class OnDevice : public testing::TestWithParam<Where> {
 protected:
  void SetUp() override {
    if (GetParam() != Where::device) return;
    const Devices devices = find_devices();
    if (devices.found.empty()) GTEST_SKIP() << devices.why_none;
  }

  [[nodiscard]] static MakeDeviceFilter make() {
    if (GetParam() == Where::device) return [](const DeviceFilterSpec& spec) { return make_device_filter(0, spec); };
    const std::int64_t threads = GetParam() == Where::emulated ? 1 : 1 << 30;
    return [threads](const DeviceFilterSpec& spec) {
      return make_emulated_device(spec, DeviceHaste::all_at_the_end, threads);
    };
  }

  static void expect_definition(const ConstPixels& image, Gray weights, Border border, const EdgeFilter& filter) {
    const auto edges = device_edges(make(), {image}, weights, border, filter);
    ASSERT_TRUE(edges.front() == whole_image_edges(image, weights, border, filter))
        << image.width << " x " << image.rows << ", channels " << image.channels << ", type " << int(image.type)
        << ", out " << int(filter.out_type) << ", operator " << int(filter.op) << ", component "
        << int(filter.component) << ", norm " << int(filter.norm) << ", weights " << int(weights) << ", border "
        << int(border) << ", factor " << filter.factor;
  }
};

EdgeFilter scaled(EdgeFilter filter, double scale) {
  filter.factor = finish_factor(filter, scale);
  return filter;
}

TEST_P(OnDevice, AwkwardSizes) {
  for (const std::int64_t width : {1, 2, 15, 16, 17, 31, 32, 33, 255, 511, 512, 513, 530}) {
    for (const std::int64_t rows : {1, 2, 3, 15, 16, 17, 33, 66, 130}) {
      for (const SampleType type : all_types) {
        const auto bytes = without_gaps(width, rows, type, 3);
        expect_definition(pixels_of(bytes, width, rows, type, 3), Gray::bt601, Border::mirror,
                          scaled({.gray_type = type, .out_type = type}, 1));
      }
    }
  }
}

TEST_P(OnDevice, EveryFilter) {
  constexpr std::int64_t width = 37;
  constexpr std::int64_t rows = 5;
  for (const SampleType type : all_types) {
    for (const int channels : {1, 2, 3, 4}) {
      const auto bytes = without_gaps(width, rows, type, channels);
      for (const EdgeFilter& filter : all_filters()) {
        if (filter.gray_type != type) continue;
        for (const double scale : {1.0, 0.37, -0.6, 0.0, 1e300}) {
          expect_definition(pixels_of(bytes, width, rows, type, channels), Gray::bt601, Border::reflect,
                            scaled(filter, scale));
        }
      }
    }
  }
}

TEST_P(OnDevice, SobelExtremeFactors) {
  for (const SampleType type : all_types) {
    const auto bytes = without_gaps(37, 5, type, 3);
    for (const Norm norm : {Norm::l2, Norm::l1}) {
      for (const float factor : {1e30F, 1e-30F, 1e-42F}) {
        expect_definition(pixels_of(bytes, 37, 5, type, 3), Gray::bt601, Border::reflect,
                          {.norm = norm, .gray_type = type, .out_type = type, .factor = factor});
      }
    }
  }
}

TEST_P(OnDevice, GrayAndBorder) {
  for (const Gray weights : {Gray::bt601, Gray::bt709, Gray::mean, Gray::red, Gray::green, Gray::blue}) {
    for (const Border border : {Border::reflect, Border::mirror, Border::nearest, Border::constant, Border::wrap}) {
      for (const SampleType type : all_types) {
        for (const int channels : {3, 4}) {
          const auto bytes = without_gaps(19, 4, type, channels);
          expect_definition(pixels_of(bytes, 19, 4, type, channels), weights, border,
                            scaled({.gray_type = type, .out_type = SampleType::f32}, 1));
        }
      }
    }
  }
}

TEST_P(OnDevice, ClipsFloats) {
  const auto bytes = without_gaps(50, 6, SampleType::f32, 1);
  EdgeFilter filter{.component = Component::x, .gray_type = SampleType::f32, .out_type = SampleType::f32};
  filter.clip = Clip{-0.25F, 0.5F};
  expect_definition(pixels_of(bytes, 50, 6, SampleType::f32, 1), Gray::bt601, Border::reflect, filter);
}

TEST_P(OnDevice, ManyImages) {
  const EdgeFilter filter;
  std::minstd_rand random(3);
  std::vector<std::vector<std::byte>> memory;
  std::vector<ConstPixels> images;
  for (int i = 0; i < 200; ++i) {
    const auto width = static_cast<std::int64_t>(1 + random() % 90);
    const auto rows = static_cast<std::int64_t>(1 + random() % 70);
    memory.push_back(without_gaps(width, rows, SampleType::u8, 3));
    images.push_back(pixels_of(memory.back(), width, rows, SampleType::u8, 3));
  }
  const auto edges = device_edges(make(), images, Gray::bt601, Border::reflect, filter);
  for (std::size_t i = 0; i < images.size(); ++i) {
    ASSERT_TRUE(edges[i] == whole_image_edges(images[i], Gray::bt601, Border::reflect, filter)) << "image " << i;
  }
}

/// Uploads, kernels and downloads of three bands run at a time; on a device the bands are large enough to overlap.
TEST_P(OnDevice, BandsInTiles) {
  const bool is_real = GetParam() == Where::device;
  const std::int64_t width = is_real ? 1117 : 150;
  const std::int64_t rows = is_real ? 900 : 107;
  for (const SampleType type : all_types) {
    for (const int channels : {1, 3, 4}) {
      for (const Border border : {Border::reflect, Border::constant}) {
        const auto bytes = without_gaps(width, rows, type, channels);
        const ConstPixels image = pixels_of(bytes, width, rows, type, channels);
        const EdgeFilter filter = scaled({.gray_type = type, .out_type = type}, 1);
        const auto edges =
            device_edges_in_bands(make(), image, Gray::bt601, border, filter, is_real ? 128 : 16, is_real ? 256 : 64);
        ASSERT_TRUE(edges == whole_image_edges(image, Gray::bt601, border, filter))
            << "type " << int(type) << ", channels " << channels << ", border " << int(border);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, OnDevice,
                         testing::Values(Where::emulated, Where::emulated_short_marches, Where::device),
                         [](const auto& parameter) {
                           return parameter.param == Where::device     ? "device"
                                  : parameter.param == Where::emulated ? "emulated"
                                                                       : "emulated_short_marches";
                         });

TEST(MakeDeviceFilter, NoDevice) {
  const Devices devices = find_devices();
  if (!devices.found.empty()) GTEST_SKIP() << "there is a device";
  EXPECT_FALSE(devices.why_none.empty());
  try {
    (void)make_device_filter(0, {.source_bytes = 64, .result_bytes = 64});
    FAIL() << "made a filter on no device";
  } catch (const DeviceError& error) {
    EXPECT_NE(std::string(error.what()).find("CUDA"), std::string::npos) << error.what();
    EXPECT_EQ(device_build().empty(), std::string(error.what()).find("cudaSetDevice(0)") == std::string::npos);
  }
}

}  // namespace
}  // namespace haloedge::kernels
