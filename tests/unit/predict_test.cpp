#include "plan/predict.hpp"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace haloedge {
namespace {

/// Returns a job of four rows of four tiles.
Job small_job() {
  return {.width = 1000,
          .height = 1024,
          .tile_rows = 256,
          .tile_columns = 250,
          .input_pixel = 3,
          .decoded_pixel = 3,
          .gray_pixel = 1,
          .edge_pixel = 1,
          .kept_pixel = 1};
}

/// Returns a machine with round numbers, whose file system is so fast that no rank waits for it.
Machine slow_machine() {
  return {.decode = {3e6},
          .filter = {2e6},
          .encode = {1e6},
          .write = {4e6},
          .send = {1e6},
          .start_up = {0.1},
          .contention = {0},
          .launch = {0.2},
          .node_start = {0.01},
          .network = {0},
          .handshakes = {0},
          .file_system = {1e12},
          .node_file_system = {1e12},
          .link = {1e5},
          .latency = {0.01},
          .cores = 4};
}

Job large_job(bool encodes) {
  return {.width = 1'000'000,
          .height = 1'000'000,
          .input_pixel = 3,
          .decoded_pixel = 3,
          .gray_pixel = 1,
          .edge_pixel = 1,
          .kept_pixel = encodes ? 0.5 : 1,
          .encodes = encodes};
}

TEST(Predict, OneRank) {
  const Prediction result = predict(small_job(), slow_machine(), {.gather = true});
  EXPECT_DOUBLE_EQ(result.decode, 1.024);
  EXPECT_DOUBLE_EQ(result.filter, 0.512);
  EXPECT_DOUBLE_EQ(result.write, 0.256);
  EXPECT_EQ(result.encode + result.send + result.receive + result.halo + result.finish, 0);
  EXPECT_NEAR(result.total(), 0.2 + 0.1 + 1.792, 1e-6);
  EXPECT_EQ(result.dominating(), "decode");
}

TEST(Predict, OneNode) {
  const Prediction result = predict(small_job(), slow_machine(), {.ranks = 4, .ranks_per_node = 4});
  EXPECT_DOUBLE_EQ(result.threads(), 1.792 / 4);
  EXPECT_DOUBLE_EQ(result.halo, 0.001);          // 1,000 bytes from rank to rank
  EXPECT_DOUBLE_EQ(result.halo_exposed, 0.001);  // a share of one tile row has no interior
  EXPECT_NEAR(result.total(), 0.3 + 0.448 + 0.001, 1e-9);
}

TEST(Predict, HiddenHalo) {
  Job job = small_job();
  job.height = 4096;  // 8 tile rows a rank, 6 of them interior
  Machine machine = slow_machine();
  const Spread spread{.ranks = 2, .ranks_per_node = 1};
  const Prediction hidden = predict(job, machine, spread);
  EXPECT_DOUBLE_EQ(hidden.halo, 0.02);
  EXPECT_EQ(hidden.halo_exposed, 0);
  EXPECT_NEAR(hidden.start_up, 0.31, 1e-12);
  machine.latency.value = 10;
  const Prediction shown = predict(job, machine, spread);
  EXPECT_DOUBLE_EQ(shown.halo_exposed, 10.01 - shown.threads() * 6 / 8);
}

TEST(Predict, AgreementOverLink) {
  Machine machine = slow_machine();
  const Spread spread{.ranks = 2, .ranks_per_node = 1};
  const double before = predict(small_job(), machine, spread).start_up;
  machine.network.value = 0.5;
  machine.handshakes.value = 7;
  EXPECT_NEAR(predict(small_job(), machine, spread).start_up, before + 0.5 + 7 * 0.01, 1e-12);
  EXPECT_DOUBLE_EQ(predict(small_job(), machine, {.ranks = 2, .ranks_per_node = 2}).start_up, 0.3) << "on one node";
}

TEST(Predict, Gather) {
  const Prediction result = predict(small_job(), slow_machine(), {.ranks = 4, .ranks_per_node = 2, .gather = true});
  EXPECT_NEAR(result.send, 0.256, 1e-9);  // copied by each rank
  EXPECT_EQ(result.write, 0);
  // 768,000 bytes copied and written, 512,000 over the link.
  EXPECT_NEAR(result.receive, 0.768 + 0.192 + 5.12, 1e-9);
  EXPECT_EQ(result.crowding, 0);
  EXPECT_EQ(result.dominating(), "gather");
}

TEST(Predict, GatherCores) {
  Machine machine = slow_machine();
  machine.cores = 2;
  const Prediction result = predict(small_job(), machine, {.ranks = 4, .ranks_per_node = 4, .gather = true});
  // 1.536 s of decoding and filtering, 1.024 s of copying and 0.192 s of writing, on two cores.
  EXPECT_NEAR(result.threads(), 2.752 / 2, 1e-9);
  EXPECT_GT(result.crowding, 0);
}

TEST(Predict, TooManyThreads) {
  Machine machine = slow_machine();
  machine.cores = 2;
  const Prediction four = predict(small_job(), machine, {.ranks = 4, .ranks_per_node = 4});
  EXPECT_DOUBLE_EQ(four.threads(), 1.792 / 2);
  EXPECT_DOUBLE_EQ(four.start_up, 0.2 + 0.1 * 2);
  const Prediction threads = predict(small_job(), machine, {.threads = 8});
  EXPECT_DOUBLE_EQ(threads.threads(), 1.792 / 2);
  machine.contention.value = 0.5;
  EXPECT_DOUBLE_EQ(predict(small_job(), machine, {.threads = 8}).threads(), 1.792 / 2 * 1.5);
}

TEST(Predict, FileSystem) {
  Machine machine = slow_machine();
  machine.file_system.value = 1e6;
  const Prediction result = predict(small_job(), machine, {.ranks = 4, .ranks_per_node = 1});
  EXPECT_DOUBLE_EQ(result.storage, 4.096);
  EXPECT_EQ(result.dominating(), "file system");
  machine.file_system.value = 1e12;
  machine.node_file_system.value = 1e5;
  EXPECT_DOUBLE_EQ(predict(small_job(), machine, {.ranks = 4, .ranks_per_node = 1}).storage, 10.24);
}

TEST(Predict, CompressedTiles) {
  Job job = small_job();
  job.encodes = true;
  job.kept_pixel = 0.5;
  const Prediction parallel = predict(job, slow_machine(), {.ranks = 4, .ranks_per_node = 4});
  EXPECT_DOUBLE_EQ(parallel.encode, 0.256);
  EXPECT_DOUBLE_EQ(parallel.write, 0.032);
  EXPECT_DOUBLE_EQ(parallel.finish, 0.032);
  const Prediction gather = predict(job, slow_machine(), {.ranks = 4, .ranks_per_node = 4, .gather = true});
  EXPECT_DOUBLE_EQ(gather.finish, 0.128);
}

TEST(Predict, RowFormats) {
  Job job = small_job();
  job.by_rows = true;
  const Prediction result = predict(job, slow_machine(), {.ranks = 4, .ranks_per_node = 4});
  EXPECT_DOUBLE_EQ(result.finish, 1.024);
  EXPECT_GT(result.receive, 0);
}

TEST(Predict, SequentialInput) {
  Job job = small_job();
  job.feeders = 1;
  const Prediction result = predict(job, slow_machine(), {.ranks = 4, .ranks_per_node = 4});
  EXPECT_EQ(result.decode, 0);
  EXPECT_DOUBLE_EQ(result.feed, 1.024);
  EXPECT_EQ(result.dominating(), "decode");
}

TEST(Predict, LargestShare) {
  const Prediction three = predict(small_job(), slow_machine(), {.ranks = 3, .ranks_per_node = 3});
  EXPECT_DOUBLE_EQ(three.threads(), 1.792 / 2);  // 2 of 4 tile rows
}

TEST(Predict, IdleRanks) {
  Job job = small_job();
  job.height = 64;  // tile rows of 16: four shares
  Machine machine = slow_machine();
  machine.cores = 64;
  const Prediction four = predict(job, machine, {.ranks = 4, .ranks_per_node = 64});
  const Prediction more = predict(job, machine, {.ranks = 40, .ranks_per_node = 64});
  EXPECT_DOUBLE_EQ(more.total(), four.total());
}

TEST(Predict, Monotonic) {
  const std::vector<Quantity Machine::*> rates{
      &Machine::decode, &Machine::filter, &Machine::encode,      &Machine::write,
      &Machine::send,   &Machine::link,   &Machine::file_system, &Machine::node_file_system};
  const Machine machine{.cores = 32};
  for (const bool encodes : {false, true}) {
    for (const bool gather : {false, true}) {
      for (const int ranks : {1, 2, 7, 64, 1000}) {
        const Spread spread{.ranks = ranks, .ranks_per_node = 8, .threads = 4, .gather = gather};
        const double before = predict(large_job(encodes), machine, spread).total();
        for (const auto rate : rates) {
          Machine better = machine;
          (better.*rate).value *= 3;
          EXPECT_LE(predict(large_job(encodes), better, spread).total(), before * (1 + 1e-12));
        }
        Machine late = machine;
        late.latency.value *= 100;
        EXPECT_GE(predict(large_job(encodes), late, spread).total(), before);
      }
    }
  }
}

TEST(Predict, GatherOnManyNodes) {
  const Machine machine{.cores = 32};
  for (int ranks = 16; ranks <= 4096; ranks *= 2) {
    Spread spread{.ranks = ranks, .ranks_per_node = 8, .threads = 4};
    const double parallel = predict(large_job(false), machine, spread).total();
    spread.gather = true;
    EXPECT_GE(predict(large_job(false), machine, spread).total(), parallel) << ranks;
  }
}

TEST(Predict, EfficiencyLimit) {
  const Machine machine{.file_system = {1e11}, .node_file_system = {1e10}, .cores = 32};
  const Spread spread{.ranks_per_node = 8, .threads = 4};
  const int ranks = ranks_under(large_job(false), machine, spread, 0.8, 1 << 20);
  ASSERT_GT(ranks, 1);
  Spread at = spread;
  at.ranks = ranks;
  EXPECT_LT(efficiency(large_job(false), machine, at), 0.8);
  at.ranks = ranks - 1;
  EXPECT_GE(efficiency(large_job(false), machine, at), 0.8);
  EXPECT_EQ(ranks_under(large_job(false), machine, spread, 0.8, 1), 0);
  EXPECT_EQ(ranks_under(large_job(false), machine, spread, 0.0, 1024), 0);
}

}  // namespace
}  // namespace haloedge
