#include "edges/schedule.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "support/owned_strip.hpp"

namespace haloedge {
namespace {

StripShape shape_of(RowRange share, std::int64_t height, kernels::Border border) {
  const bool wraps = border == kernels::Border::wrap;
  return {.share = share,
          .height = height,
          .width = 10,
          .fill = {border},
          .radius = 1,
          .has_above = share.begin > 0 || wraps,
          .has_below = share.end < height || wraps};
}

std::vector<RowRange> units_of(RowRange share, std::int64_t rows) {
  std::vector<RowRange> units;
  for (std::int64_t row = share.begin; row < share.end; row += rows) {
    units.push_back({row, std::min(share.end, row + rows)});
  }
  return units;
}

/// The rows in memory that tile rows that were begun and not finished consist of, by the tile row's first row.
using RowsInUse = std::map<std::int64_t, std::vector<const std::byte*>>;

void expect_not_in_use(const RowsInUse& in_use, std::span<const std::byte> memory) {
  for (const auto& [band, rows] : in_use) {
    for (const std::byte* row : rows) {
      EXPECT_FALSE(memory.data() <= row && row < memory.data() + memory.size()) << "tile row at " << band;
    }
  }
}

/// Plays the schedule on a real strip, which refuses rows that are not there. Checks that each output row is filtered
/// once, with all rows that it needs, that nothing is decoded over those rows until it is done, and that the halo is
/// used only in steps that say so.
void expect_playable(const StripShape& shape, std::int64_t tile_rows, const Schedule& schedule, int lag,
                     const FinishedRows& finished = {}) {
  OwnedStrip owned(shape, schedule.slabs, schedule.slab_rows);
  Strip& strip = owned.strip;
  RowsInUse in_use;
  std::set<std::int64_t> done;
  const auto finish = [&](const std::vector<RowRange>& bands) {
    for (const RowRange band : bands) {
      EXPECT_EQ(in_use.erase(band.begin), 1U);
      for (std::int64_t row = band.begin; row < band.end; ++row) EXPECT_TRUE(done.insert(row).second);
    }
  };
  for (const Schedule::Step& step : schedule.steps) {
    for (const RowRange band : step.filtered) {
      EXPECT_LE(band.size(), tile_rows);
      const auto needs = Strip::needs(shape, band);
      EXPECT_TRUE(!needs.halo || step.needs_halo);
      for (const std::int64_t row : needs.rows) in_use[band.begin].push_back(strip.row(row));
    }
    if (lag > 0) finish(step.put);
    if (step.unit != Schedule::no_unit) {
      const RowRange unit = schedule.units.at(static_cast<std::size_t>(step.unit));
      strip.admit(unit);
      expect_not_in_use(in_use, strip.unit_memory(unit));
    }
    if (lag == 0) finish(step.put);
    for (const RowRange unit : step.released) strip.release(unit);
  }
  for (std::int64_t row = shape.share.begin; row < shape.share.end; ++row) {
    EXPECT_EQ(done.contains(row), !finished.contains(row)) << row;
  }
}

TEST(Schedule, AllShapes) {
  constexpr std::int64_t height = 100;
  for (const auto border : {kernels::Border::reflect, kernels::Border::mirror, kernels::Border::wrap}) {
    for (const RowRange share : {RowRange{0, 100}, RowRange{0, 48}, RowRange{48, 80}, RowRange{96, 100}}) {
      for (const std::int64_t unit_rows : {1, 3, 16, 40, 100}) {
        for (const bool any_order : {true, false}) {
          const StripShape shape = shape_of(share, height, border);
          for (const int lag : {0, 1, 2}) {
            expect_playable(shape, 16, make_schedule(shape, 16, units_of(share, unit_rows), any_order, lag), lag);
          }
        }
      }
    }
  }
}

/// Returns the units, in their order, with a row that a neighbour or an unfinished tile row needs.
std::vector<RowRange> looked_at(const StripShape& shape, const FinishedRows& finished, std::int64_t unit_rows) {
  std::set<std::int64_t> rows;
  if (shape.has_above) rows.insert(shape.share.begin);
  if (shape.has_below) rows.insert(shape.share.end - 1);
  for (std::int64_t row = shape.share.begin; row < shape.share.end; ++row) {
    if (finished.contains(row)) continue;
    for (const std::int64_t needed : Strip::needs(shape, {row, row + 1}).rows) rows.insert(needed);
  }
  std::vector<RowRange> units = units_of(shape.share, unit_rows);
  std::erase_if(units, [&](RowRange unit) {
    return std::none_of(rows.begin(), rows.end(), [&](std::int64_t row) { return unit.contains(row); });
  });
  return units;
}

TEST(Schedule, FinishedUnits) {
  constexpr std::int64_t height = 100;  // seven rows of tiles
  std::mt19937 random(3);
  for (int i = 0; i < 400; ++i) {
    std::string flags;
    for (int row = 0; row < 7; ++row) flags += random() % 3 == 0 ? '0' : '1';
    const FinishedRows finished(16, i == 0 ? "1111111" : flags);
    const auto border = i % 2 == 0 ? kernels::Border::mirror : kernels::Border::wrap;
    for (const RowRange share : {RowRange{0, 100}, RowRange{0, 48}, RowRange{48, 80}, RowRange{96, 100}}) {
      const StripShape shape = shape_of(share, height, border);
      const auto unit_rows = static_cast<std::int64_t>(1 + random() % 40);
      const auto lag = static_cast<int>(random() % 3);
      const Schedule some = make_schedule(shape, 16, units_of(share, unit_rows), true, lag, finished);
      expect_playable(shape, 16, some, lag, finished);
      std::vector<RowRange> decoded = some.units;
      std::sort(decoded.begin(), decoded.end(), [](RowRange a, RowRange b) { return a.begin < b.begin; });
      if (finished.any()) {
        EXPECT_EQ(decoded, looked_at(shape, finished, unit_rows)) << flags;
      }
      const Schedule all = make_schedule(shape, 16, units_of(share, unit_rows), false, lag, finished);
      expect_playable(shape, 16, all, lag, finished);
      EXPECT_EQ(all.units, units_of(share, unit_rows)) << "others wait for rows that are sent on from the top";
    }
  }
}

TEST(Schedule, LinearTime) {
  // The share has ten million rows in units of 32. Comparing each unit with each would take hours.
  const RowRange share{0, 10'000'000};
  const StripShape shape = shape_of(share, 20'000'000, kernels::Border::reflect);
  const Schedule schedule = make_schedule(shape, 16, units_of(share, 32), true, 0);
  std::size_t released = 0;
  for (const Schedule::Step& step : schedule.steps) released += step.released.size();
  EXPECT_EQ(released, schedule.units.size());
  EXPECT_LE(schedule.slabs, 5);
}

TEST(Schedule, AnyOrder) {
  const RowRange share{16, 96};
  const StripShape shape = shape_of(share, 100, kernels::Border::reflect);
  std::mt19937 random(7);
  for (int i = 0; i < 50; ++i) {
    auto units = units_of(share, 7);
    std::shuffle(units.begin(), units.end(), random);
    expect_playable(shape, 16, make_schedule(shape, 16, units, false, 0), 0);
  }
}

TEST(Schedule, BoundaryFirst) {
  const RowRange share{16, 96};
  const StripShape shape = shape_of(share, 200, kernels::Border::reflect);
  EXPECT_EQ(make_schedule(shape, 16, units_of(share, 16), true, 0).units.front(), (RowRange{80, 96}));
  EXPECT_EQ(make_schedule(shape, 16, units_of(share, 16), false, 0).units.front(), (RowRange{16, 32}));
}

TEST(Schedule, FewUnitsHeld) {
  const RowRange share{0, 16000};
  const StripShape shape = shape_of(share, 32000, kernels::Border::reflect);
  const Schedule schedule = make_schedule(shape, 16, units_of(share, 16), true, 0);
  EXPECT_EQ(schedule.units.size(), 1000U);
  EXPECT_LE(schedule.slabs, 8);
}

TEST(Schedule, InteriorBeforeHalo) {
  const RowRange share{160, 320};
  const StripShape shape = shape_of(share, 480, kernels::Border::reflect);
  const Schedule schedule = make_schedule(shape, 16, units_of(share, 16), true, 0);
  const auto& last = schedule.steps.back();
  EXPECT_TRUE(last.needs_halo);
  EXPECT_EQ(last.filtered, (std::vector<RowRange>{{160, 176}, {304, 320}}));
  for (std::size_t i = 0; i + 1 < schedule.steps.size(); ++i) EXPECT_FALSE(schedule.steps[i].needs_halo);
}

TEST(Schedule, EmptyShare) {
  const StripShape shape = shape_of({100, 100}, 100, kernels::Border::reflect);
  EXPECT_TRUE(make_schedule(shape, 16, {}, true, 0).steps.empty());
}

}  // namespace
}  // namespace haloedge
