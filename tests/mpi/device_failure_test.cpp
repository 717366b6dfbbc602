// Tests a device that fails in the middle of the work: all ranks end with the message of that rank.
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "edges/pass.hpp"
#include "mpi_main.hpp"
#include "support/emulated_device.hpp"
#include "support/memory_image.hpp"
#include "support/samples.hpp"

namespace haloedge {
namespace {

constexpr const char* what_failed = "CUDA device 0: launching a kernel of 8 blocks: unspecified launch failure";

/// A device that fails after `launches` launches.
class FailingDevice final : public kernels::DeviceFilter {
 public:
  FailingDevice(const kernels::DeviceFilterSpec& spec, int launches)
      : device_(make_emulated_device(spec, DeviceHaste::all_at_the_end)), launches_left_(launches) {}

  [[nodiscard]] std::span<std::byte> source() override { return device_->source(); }
  void upload(std::span<const std::byte> part) override { device_->upload(part); }
  void launch(int slot, std::span<const kernels::DeviceJob> jobs) override {
    if (launches_left_-- == 0) throw kernels::DeviceError(what_failed);
    device_->launch(slot, jobs);
  }
  [[nodiscard]] std::span<std::byte> wait(int slot) override { return device_->wait(slot); }

 private:
  std::unique_ptr<kernels::DeviceFilter> device_;
  int launches_left_;
};

TEST(DeviceFailure, EndsAllRanks) {
  Communicator& communicator = test_communicator();
  const int failing_rank = communicator.size() - 1;
  const auto memory = random_samples(std::int64_t{40} * 3000, kernels::SampleType::u8, 1);
  MemorySource source({memory.data(), 40, 40, 3000, kernels::SampleType::u8, 1});
  const EdgeSettings settings{.tile = 16};
  const Decomposition decomposition = decompose(source, settings, communicator.size());
  haloedge::Run run(communicator, {.threads = 2, .memory = std::int64_t{1} << 30}, {});
  run.resources.device = DeviceShare{0, 1 << 30};
  const int launches = communicator.rank() == failing_rank ? 2 : 1 << 30;
  const auto stage = make_device_stage(settings, 1, [launches](const kernels::DeviceFilterSpec& spec) {
    return std::make_unique<FailingDevice>(spec, launches);
  });
  const Pass pass{source, *stage, decomposition};
  const RankPlan plan = plan_pass(pass, {}, run.resources, communicator.rank());
  stage->allocate(decomposition, plan, run.trace);
  MemorySink sink(40, 3000, decomposition.tile_columns, decomposition.tile_rows, 1);
  std::optional<Communicator::Failure> failure;
  bool peer_failed = false;
  try {
    run_pass(pass, plan, sink, run, [](std::int64_t) {});
    communicator.barrier();
  } catch (const kernels::DeviceError& error) {
    failure = {1, error.what()};
    communicator.announce_failure();
  } catch (const PeerFailure&) {
    peer_failed = true;
  }
  EXPECT_EQ(failure.has_value(), communicator.rank() == failing_rank);
  EXPECT_EQ(peer_failed, communicator.rank() != failing_rank);
  const Communicator::Failure agreed = communicator.agree_on_failure(failure);
  EXPECT_EQ(agreed.message, what_failed);
}

}  // namespace
}  // namespace haloedge
