#include <string>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "run/resources.hpp"

namespace haloedge {
namespace {

constexpr std::int64_t gigapixel = 1'000'000'000;

ChosenBackend choose(BackendChoice choice, double seconds, const std::string& why_processor_only = {}) {
  return choose_backend(choice, why_processor_only, seconds, *make_single_communicator());
}

bool has_device() { return !kernels::find_devices().found.empty(); }

TEST(ProcessorSeconds, MoreThreads) {
  EXPECT_DOUBLE_EQ(processor_seconds(gigapixel, 1), 1);
  EXPECT_DOUBLE_EQ(processor_seconds(6 * gigapixel, 12), 0.5);
  EXPECT_LT(processor_seconds(4000 * 3000, 1), 0.1) << "a photo";
  EXPECT_GT(processor_seconds(gigapixel * 1000, 2000), 0.3) << "a terapixel on 2000 threads";
}

TEST(AutomaticBackend, SmallImage) {
  const ChosenBackend chosen = choose(BackendChoice::automatic, 0.1);
  EXPECT_EQ(chosen.name, "cpu");
  EXPECT_TRUE(chosen.host);
  EXPECT_EQ(chosen.why_no_device, "the image is small: the processor filters it before a device has started");
}

TEST(AutomaticBackend, LargeImage) {
  for (const double seconds : {1.0, endless_seconds}) {
    const ChosenBackend chosen = choose(BackendChoice::automatic, seconds);
    EXPECT_EQ(chosen.name, has_device() ? "cuda" : "cpu");
    EXPECT_EQ(chosen.why_no_device, has_device() ? "" : kernels::find_devices().why_none);
  }
}

TEST(AutomaticBackend, DeviceCannot) {
  for (const double seconds : {0.1, endless_seconds}) {
    EXPECT_EQ(choose(BackendChoice::automatic, seconds, "a device cannot").why_no_device, "a device cannot");
    EXPECT_THROW((void)choose(BackendChoice::cuda, seconds, "a device cannot"), UsageError);
  }
}

TEST(DemandedBackend, AnySize) {
  EXPECT_EQ(choose(BackendChoice::cpu, endless_seconds).name, "cpu");
  EXPECT_EQ(choose(BackendChoice::reference, endless_seconds).name, "reference");
  EXPECT_EQ(choose(BackendChoice::cpu, 0.1).why_no_device, "") << "nobody asked for one";
  if (has_device()) {
    EXPECT_EQ(choose(BackendChoice::cuda, 0.1).name, "cuda");
  } else {
    EXPECT_THROW((void)choose(BackendChoice::cuda, 0.1), Error);
  }
}

}  // namespace
}  // namespace haloedge
