#include <gtest/gtest.h>

#include "source/open_source.hpp"

namespace haloedge {
namespace {

/// Checks that each row is delivered once, in order, that units cross neither sequences nor shares, and that each
/// sequence has one feeder, which owns the sequence's first row.
void expect_sound(const std::vector<RowRange>& sequences, const std::vector<RowRange>& shares, std::int64_t unit_rows) {
  const auto deliveries = plan_deliveries(sequences, shares, unit_rows);
  std::int64_t row = 0;
  for (const Delivery& delivery : deliveries) {
    EXPECT_EQ(delivery.rows.begin, row);
    EXPECT_GT(delivery.rows.size(), 0);
    EXPECT_LE(delivery.rows.size(), unit_rows);
    row = delivery.rows.end;
    const RowRange owner = shares.at(static_cast<std::size_t>(delivery.owner));
    EXPECT_EQ(intersect(owner, delivery.rows), delivery.rows);
    int holding = 0;
    for (const RowRange sequence : sequences) {
      if (intersect(sequence, delivery.rows).empty()) continue;
      ++holding;
      EXPECT_EQ(intersect(sequence, delivery.rows), delivery.rows);
      EXPECT_TRUE(shares.at(static_cast<std::size_t>(delivery.feeder)).contains(sequence.begin));
    }
    EXPECT_EQ(holding, 1);
  }
  EXPECT_EQ(row, sequences.back().end);
}

TEST(PlanDeliveries, AllCuts) {
  const std::vector<std::vector<RowRange>> sequence_sets{
      {{0, 100}}, {{0, 30}, {30, 70}, {70, 100}}, {{0, 50}, {50, 100}}, {{0, 1}, {1, 100}}};
  const std::vector<std::vector<RowRange>> share_sets{{{0, 100}},
                                                      {{0, 50}, {50, 100}},
                                                      {{0, 16}, {16, 32}, {32, 96}, {96, 100}, {100, 100}},
                                                      {{0, 33}, {33, 66}, {66, 100}}};
  for (const auto& sequences : sequence_sets) {
    for (const auto& shares : share_sets) {
      for (const std::int64_t unit_rows : {1, 7, 16, 1000}) expect_sound(sequences, shares, unit_rows);
    }
  }
}

TEST(PlanDeliveries, OneSequence) {
  for (const Delivery& delivery : plan_deliveries({{0, 100}}, {{0, 50}, {50, 100}}, 20)) EXPECT_EQ(delivery.feeder, 0);
}

TEST(PlanDeliveries, FileRows) {
  const auto deliveries = plan_deliveries({{0, 60}, {60, 120}}, {{0, 40}, {40, 80}, {80, 120}}, 100);
  ASSERT_EQ(deliveries.size(), 4U);
  EXPECT_EQ(deliveries[1].rows, (RowRange{40, 60}));
  EXPECT_EQ(deliveries[1].feeder, 0);
  EXPECT_EQ(deliveries[1].owner, 1);
  EXPECT_EQ(deliveries[3].rows, (RowRange{80, 120}));
  EXPECT_EQ(deliveries[3].feeder, 1);
  EXPECT_EQ(deliveries[3].owner, 2);
}

}  // namespace
}  // namespace haloedge
