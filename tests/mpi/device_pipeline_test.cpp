// Tests the pipeline with an emulated device. Uploads, launches and waits come in an order in which a real device may
// run them, and each rank's tiles are those of the whole image.
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "edges/detector.hpp"
#include "edges/pass.hpp"
#include "kernels/device_filter.hpp"
#include "kernels/edge_map.hpp"
#include "kernels/reference/reference.hpp"
#include "mpi_main.hpp"
#include "support/emulated_device.hpp"
#include "support/memory_image.hpp"
#include "support/samples.hpp"
#include "support/whole_image.hpp"

namespace haloedge {
namespace {

using kernels::Border;
using kernels::SampleType;

struct Image {
  Image(std::int64_t width, std::int64_t rows, SampleType type, int channels)
      : memory(random_samples(width * rows * channels, type, static_cast<unsigned>(width + rows))),
        pixels{memory.data(), width * channels * kernels::sample_bytes(type), width, rows, type, channels} {}
  std::vector<std::byte> memory;
  kernels::ConstPixels pixels;
};

EdgeSettings settings_of(SampleType type, Border border) {
  EdgeSettings settings{.border = border, .filter = {.gray_type = type, .out_type = type}, .tile = 32};
  settings.filter.factor = kernels::finish_factor(settings.filter, 1);
  return settings;
}

constexpr std::int64_t plenty = std::int64_t{1} << 40;

/// Returns a detector whose stage runs on an emulated device.
std::unique_ptr<Detector> detector_of(const Image& image, const EdgeSettings& settings, DeviceHaste haste) {
  return make_detector(settings, {}, [&](const EdgeSettings& lasting) {
    return make_device_stage(lasting, image.pixels.channels, [haste](const kernels::DeviceFilterSpec& spec) {
      return make_emulated_device(spec, haste);
    });
  });
}

/// Returns an image that has this rank's share of the edge map, and 0 elsewhere.
std::vector<std::byte> run_pipeline(const Image& image, const EdgeSettings& settings, DeviceHaste haste,
                                    std::int64_t device_memory) {
  Run run(test_communicator(), {.threads = 2, .memory = plenty}, {});
  run.resources.device = DeviceShare{0, device_memory};
  MemorySource source(image.pixels);
  const Decomposition decomposition = decompose(source, settings, run.communicator.size());
  const auto detector = detector_of(image, settings, haste);
  const RankPlan plan =
      plan_pass({source, detector->stage(), decomposition}, {}, run.resources, run.communicator.rank());
  MemorySink sink(image.pixels.width, image.pixels.rows, decomposition.tile_columns, decomposition.tile_rows,
                  kernels::sample_bytes(settings.filter.out_type));
  detector->find_edges(source, decomposition, plan, sink, run);
  return sink.image();
}

std::vector<std::byte> right_answer(const kernels::ConstPixels& image, const EdgeSettings& settings) {
  if (!settings.canny) {
    std::vector<std::byte> edges = whole_image_edges(image, settings.gray, settings.border, settings.filter);
    const std::int64_t row_bytes = image.width * kernels::sample_bytes(settings.filter.out_type);
    kernels::NodataMask(image, settings.nodata, settings.border, settings.radius())
        .put(settings.nodata_result, {edges.data(), row_bytes, image.width, image.rows, settings.filter.out_type});
    return edges;
  }
  const auto reference = kernels::make_backend(kernels::HostBackend::reference);
  const kernels::BorderedPlane gray = kernels::canny_gray(*reference, image, settings.gray, kernels::fixed_gaussian(0));
  std::vector<std::byte> edges(static_cast<std::size_t>(image.width * image.rows));
  const kernels::Plane out{edges.data(), image.width, image.width, image.rows, SampleType::u8};
  reference->candidates(settings.canny->filter, gray.rows(kernels::canny_radius), 0, {true, true, true, true}, out);
  kernels::reference::flood_edges(out);
  return edges;
}

void expect_share(const Image& image, const EdgeSettings& settings, const std::vector<std::byte>& made) {
  Communicator& communicator = test_communicator();
  const auto whole = right_answer(image.pixels, settings);
  MemorySource source(image.pixels);
  const RowRange share =
      decompose(source, settings, communicator.size()).shares.at(static_cast<std::size_t>(communicator.rank()));
  const std::int64_t row_bytes = image.pixels.width * kernels::sample_bytes(settings.filter.out_type);
  for (std::int64_t row = share.begin; row < share.end; ++row) {
    const auto from = static_cast<std::ptrdiff_t>(row * row_bytes);
    ASSERT_TRUE(std::equal(whole.begin() + from, whole.begin() + from + row_bytes, made.begin() + from))
        << "row " << row << " of " << image.pixels.rows << ", width " << image.pixels.width;
  }
}

class DevicePipeline : public testing::TestWithParam<std::tuple<DeviceHaste, Border>> {};

TEST_P(DevicePipeline, WholeImage) {
  const auto [haste, border] = GetParam();
  for (const auto& [width, rows] :
       {std::pair<std::int64_t, std::int64_t>{1, 1}, {50, 3}, {33, 31}, {65, 64}, {70, 400}}) {
    for (const auto& [type, channels] : {std::pair{SampleType::u8, 3}, {SampleType::u16, 1}, {SampleType::f32, 4}}) {
      const Image image(width, rows, type, channels);
      const EdgeSettings settings = settings_of(type, border);
      expect_share(image, settings, run_pipeline(image, settings, haste, plenty));
    }
  }
}

TEST_P(DevicePipeline, Nodata) {
  const auto [haste, border] = GetParam();
  for (const auto& [width, rows] : {std::pair<std::int64_t, std::int64_t>{1, 1}, {50, 3}, {70, 400}, {150, 900}}) {
    for (const auto& [type, channels] : {std::pair{SampleType::u8, 1}, {SampleType::f32, 3}}) {
      const Image image(width, rows, type, channels);
      EdgeSettings settings = settings_of(type, border);
      settings.nodata = {.nan = type == SampleType::f32, .value = 255};
      settings.nodata_result = 7;
      expect_share(image, settings, run_pipeline(image, settings, haste, plenty));
    }
  }
}

TEST(DevicePipeline, Canny) {
  for (const DeviceHaste haste : {DeviceHaste::uploads_at_once, DeviceHaste::all_at_the_end}) {
    for (const auto& [width, rows] : {std::pair<std::int64_t, std::int64_t>{1, 1}, {50, 3}, {33, 65}, {150, 400}}) {
      for (const int channels : {1, 3, 4}) {
        const Image image(width, rows, SampleType::u8, channels);
        EdgeSettings settings = settings_of(SampleType::u8, Border::nearest);
        settings.tile = 48;
        settings.canny = CannySettings{.blur = kernels::fixed_gaussian(0),
                                       .filter = kernels::canny_filter(kernels::Norm::l1, 200, 600)};
        expect_share(image, settings, run_pipeline(image, settings, haste, plenty));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(HasteAndBorder, DevicePipeline,
                         testing::Combine(testing::Values(DeviceHaste::uploads_at_once, DeviceHaste::all_at_the_end),
                                          testing::Values(Border::reflect, Border::mirror, Border::constant,
                                                          Border::wrap)));

TEST(DevicePipeline, LittleDeviceMemory) {
  const Image image(300, 700, SampleType::u8, 3);
  const EdgeSettings settings = settings_of(SampleType::u8, Border::reflect);
  MemorySource source(image.pixels);
  const int ranks = test_communicator().size();
  const Decomposition decomposition = decompose(source, settings, ranks);
  RankResources resources{.threads = 8, .memory = plenty, .device = DeviceShare{0, plenty}};
  const auto detector = detector_of(image, settings, DeviceHaste::all_at_the_end);
  const auto plan_with = [&] {
    return plan_pass({source, detector->stage(), decomposition}, {}, resources, test_communicator().rank());
  };
  const auto need = [&] { return plan_with().memory.device; };
  const std::int64_t free_choice = need();
  resources.device->memory = free_choice - 1;
  const std::int64_t squeezed = need();
  EXPECT_LT(squeezed, free_choice);
  expect_share(image, settings, run_pipeline(image, settings, DeviceHaste::all_at_the_end, squeezed));

  resources.device->memory = 1000;
  const RankPlan plan = plan_with();
  try {
    require_memory(plan, resources);
    FAIL() << "1000 bytes would do";
  } catch (const std::exception& error) {
    EXPECT_NE(std::string(error.what()).find("device"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace haloedge
