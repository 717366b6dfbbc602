#include "plan/calibrate.hpp"

#include <gtest/gtest.h>

#include "plan/predict.hpp"

namespace haloedge {
namespace {

/// Returns a run on two cores of a machine with round numbers, whose threads took `slow` times as long.
MeasuredRun run_of(int ranks, double slow) {
  return {.job = {.width = 1000,
                  .height = 1000,
                  .input_pixel = 1.5,
                  .decoded_pixel = 3,
                  .gray_pixel = 1,
                  .edge_pixel = 1,
                  .kept_pixel = 0.5,
                  .encodes = true},
          .spread = {.ranks = ranks, .ranks_per_node = ranks},
          .cores = 2,
          .overhead = 0.25,
          .decode = 0.5 * slow,
          .filter = 0.25 * slow,
          .encode = 2 * slow,
          .write = 0.125 * slow};
}

TEST(Calibrate, Rates) {
  const Machine machine = calibrate(Machine{}, {run_of(1, 1)});
  EXPECT_DOUBLE_EQ(machine.decode.value, 6e6);
  EXPECT_DOUBLE_EQ(machine.filter.value, 4e6);
  EXPECT_DOUBLE_EQ(machine.encode.value, 5e5);
  EXPECT_DOUBLE_EQ(machine.write.value, 8e6);  // the bytes are written twice
  EXPECT_DOUBLE_EQ(machine.kept.value, 0.5);
  EXPECT_DOUBLE_EQ(machine.input.value, 0.5);
  EXPECT_DOUBLE_EQ(machine.start_up.value, 0.25);
  EXPECT_EQ(machine.decode.origin, Origin::measured);
  EXPECT_EQ(machine.contention.origin, Origin::assumed);
  EXPECT_EQ(machine.send.origin, Origin::assumed);
}

TEST(Calibrate, TwoRuns) {
  const Machine machine = calibrate(Machine{}, {run_of(1, 1), run_of(2, 1.25)});
  EXPECT_DOUBLE_EQ(machine.contention.value, 0.25);
  EXPECT_EQ(machine.contention.origin, Origin::measured);
  EXPECT_DOUBLE_EQ(machine.decode.value, 6e6);
  EXPECT_DOUBLE_EQ(machine.encode.value, 5e5);
}

TEST(Calibrate, Noise) { EXPECT_EQ(calibrate(Machine{}, {run_of(1, 1), run_of(2, 0.75)}).contention.value, 0); }

TEST(Calibrate, Sending) {
  MeasuredRun run = run_of(2, 1);
  run.send = 0.5;
  run.sent_pixels = 1e6;  // half a byte each
  Machine machine;
  machine.contention.value = 0;
  EXPECT_DOUBLE_EQ(calibrate(machine, {run}).send.value, 1e6);
}

TEST(Calibrate, TooFewCores) {
  const MeasuredRun crowded = run_of(4, 3);
  EXPECT_FALSE(crowded.had_cores());
  EXPECT_EQ(calibrate(Machine{}, {crowded}).decode.origin, Origin::assumed);
  EXPECT_DOUBLE_EQ(calibrate(Machine{}, {run_of(1, 1), crowded}).decode.value, 6e6);
}

TEST(Calibrate, Assumptions) {
  MeasuredRun run = run_of(1, 1);
  run.encode = 0;
  const Machine machine = calibrate(Machine{}, {run});
  EXPECT_EQ(machine.encode.origin, Origin::assumed);
  EXPECT_EQ(machine.kept.origin, Origin::assumed);
}

TEST(Calibrate, RoundTrip) {
  const MeasuredRun run = run_of(2, 1.5);
  Machine machine;
  machine.cores = 2;
  machine.launch.value = 0;
  machine.file_system.value = machine.node_file_system.value = 1e12;
  machine = calibrate(machine, {run_of(1, 1), run});
  const Prediction result = predict(run.job, machine, run.spread);
  // There are four tile rows: each rank has two of them, 512 of 1,000 rows.
  const double larger = 512.0 / 500.0;
  EXPECT_NEAR(result.decode, run.decode / 2 * larger, 1e-9);
  EXPECT_NEAR(result.encode, run.encode / 2 * larger, 1e-9);
  EXPECT_NEAR(result.write + result.finish, run.write / 2 * larger, 1e-9);
}

}  // namespace
}  // namespace haloedge
