#include <string>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "run/resources.hpp"

namespace haloedge {
namespace {

ChosenBackend choose(BackendChoice choice, double saved_seconds, const std::string& why_processor_only = {}) {
  return choose_backend(choice, why_processor_only, saved_seconds, *make_single_communicator());
}

bool has_device() { return !kernels::find_devices().found.empty(); }

TEST(AutomaticBackend, DeviceSavesLittle) {
  const ChosenBackend chosen = choose(BackendChoice::automatic, 0.1);
  EXPECT_EQ(chosen.name, "cpu");
  EXPECT_TRUE(chosen.host);
  EXPECT_EQ(chosen.why_no_device, "the processor is expected to be at least as fast for this job");
}

TEST(AutomaticBackend, DeviceSavesMuch) {
  for (const double saved_seconds : {1.0, endless_saving}) {
    const ChosenBackend chosen = choose(BackendChoice::automatic, saved_seconds);
    EXPECT_EQ(chosen.name, has_device() ? "cuda" : "cpu");
    EXPECT_EQ(chosen.why_no_device, has_device() ? "" : kernels::find_devices().why_none);
  }
}

TEST(AutomaticBackend, DeviceCannot) {
  for (const double saved_seconds : {0.1, endless_saving}) {
    EXPECT_EQ(choose(BackendChoice::automatic, saved_seconds, "a device cannot").why_no_device, "a device cannot");
    EXPECT_THROW((void)choose(BackendChoice::cuda, saved_seconds, "a device cannot"), UsageError);
  }
}

TEST(DemandedBackend, AnySize) {
  EXPECT_EQ(choose(BackendChoice::cpu, endless_saving).name, "cpu");
  EXPECT_EQ(choose(BackendChoice::reference, endless_saving).name, "reference");
  EXPECT_EQ(choose(BackendChoice::cpu, 0.1).why_no_device, "") << "nobody asked for one";
  if (has_device()) {
    EXPECT_EQ(choose(BackendChoice::cuda, 0.1).name, "cuda");
  } else {
    EXPECT_THROW((void)choose(BackendChoice::cuda, 0.1), Error);
  }
}

}  // namespace
}  // namespace haloedge
