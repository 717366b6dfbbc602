#include "edges/schedule.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace haloedge {

namespace {

/// Finds the unit that contains a row. The units may be in any order.
class UnitIndex {
 public:
  explicit UnitIndex(const std::vector<RowRange>& units) {
    for (std::size_t i = 0; i < units.size(); ++i) by_first_row_.emplace(units[i].begin, i);
  }

  [[nodiscard]] std::size_t with(std::int64_t row) const { return std::prev(by_first_row_.upper_bound(row))->second; }

 private:
  std::map<std::int64_t, std::size_t> by_first_row_;
};

/// The units that a row of output tiles reads, and whether it reads the halo, too.
struct Band {
  bool needs_halo = false;
  std::vector<std::size_t> units{};  ///< indices of the units
};

Band make_band(const StripShape& shape, RowRange rows, const std::vector<RowRange>& units, const UnitIndex& index) {
  const Strip::Needs needs = Strip::needs(shape, rows);
  Band band{.needs_halo = needs.halo};
  RowRange known{};
  for (const std::int64_t row : needs.rows) {
    if (known.contains(row)) continue;
    const std::size_t unit = index.with(row);
    known = units[unit];
    if (std::ranges::find(band.units, unit) == band.units.end()) band.units.push_back(unit);
  }
  return band;
}

/// The rows of tiles that are to be made.
std::vector<RowRange> unfinished_rows(const StripShape& shape, std::int64_t tile_rows, const FinishedRows& finished) {
  std::vector<RowRange> rows;
  for (std::int64_t row = shape.share.begin; row < shape.share.end;) {
    const std::int64_t end = std::min(shape.share.end, (row / tile_rows + 1) * tile_rows);
    if (!finished.contains(row)) rows.push_back({row, end});
    row = end;
  }
  return rows;
}

/// Returns those of `units` that one of `bands`, or a neighbour, reads.
std::vector<RowRange> needed_units(const StripShape& shape, const std::vector<RowRange>& bands,
                                   const std::vector<RowRange>& units) {
  const UnitIndex index(units);
  std::vector<char> needed(units.size(), 0);
  const auto need = [&](RowRange rows) {
    for (std::int64_t row = rows.begin; row < rows.end;) {
      const std::size_t unit = index.with(row);
      needed[unit] = 1;
      row = units[unit].end;
    }
  };
  if (shape.has_above) need({shape.share.begin, shape.share.begin + shape.radius});
  if (shape.has_below) need({shape.share.end - shape.radius, shape.share.end});
  for (const RowRange band : bands) {
    for (const std::size_t unit : make_band(shape, band, units, index).units) needed[unit] = 1;
  }
  std::vector<RowRange> some;
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (needed[i] != 0) some.push_back(units[i]);
  }
  return some;
}

/// Fills in the units that each step frees, and the most that are held at a time. Units are kept for `kept` steps after
/// the one that last filters their rows.
void plan_slabs(Schedule& schedule, const std::vector<std::vector<std::size_t>>& used_in_step, std::size_t kept) {
  std::vector<std::size_t> last_use(schedule.units.size());
  for (std::size_t step = 0; step < used_in_step.size(); ++step) {
    for (const std::size_t unit : used_in_step[step]) last_use.at(unit) = step;
  }
  for (std::size_t unit = 0; unit < last_use.size(); ++unit) {
    schedule.steps[last_use[unit] + kept].released.push_back(schedule.units[unit]);
  }
  int held = 0;
  for (const Schedule::Step& step : schedule.steps) {
    if (step.unit != Schedule::no_unit) ++held;
    schedule.slabs = std::max(schedule.slabs, held);
    held -= static_cast<int>(step.released.size());
  }
}

}  // namespace

std::int64_t Schedule::max_put() const {
  std::size_t most = 0;
  for (const Step& step : steps) most = std::max(most, step.put.size());
  return static_cast<std::int64_t>(most);
}

Schedule make_schedule(const StripShape& shape, std::int64_t tile_rows, std::vector<RowRange> units, bool any_order,
                       int lag, const FinishedRows& finished) {
  Schedule schedule;
  if (shape.share.empty()) return schedule;
  const std::vector<RowRange> rows = unfinished_rows(shape, tile_rows, finished);
  if (any_order && finished.any()) units = needed_units(shape, rows, units);
  if (any_order && shape.has_below) std::rotate(units.begin(), units.end() - 1, units.end());
  schedule.units = std::move(units);
  for (const RowRange unit : schedule.units) schedule.slab_rows = std::max(schedule.slab_rows, unit.size());

  // Step k decodes unit k. One more step filters the rows that the last unit completes, and another those that the halo
  // completes.
  const std::size_t unit_count = schedule.units.size();
  const auto delay = static_cast<std::size_t>(lag);
  schedule.steps.resize(unit_count + 2 + delay);
  std::vector<std::vector<std::size_t>> used_in_step(schedule.steps.size());
  for (std::size_t unit = 0; unit < unit_count; ++unit) {
    schedule.steps[unit].unit = static_cast<std::int64_t>(unit);
    used_in_step[unit].push_back(unit);
  }
  schedule.steps.at(unit_count + 1).needs_halo = true;
  const UnitIndex index(schedule.units);
  for (const RowRange tile_row : rows) {
    const Band band = make_band(shape, tile_row, schedule.units, index);
    const std::size_t step = band.needs_halo ? unit_count + 1 : std::ranges::max(band.units) + 1;
    schedule.steps[step].filtered.push_back(tile_row);
    schedule.steps[step + delay].put.push_back(tile_row);
    used_in_step[step].insert(used_in_step[step].end(), band.units.begin(), band.units.end());
  }
  // A unit that a device still reads may be freed at the end of a step if the next step begins with waiting for the
  // device. A mask is read once more when the tiles are put.
  const std::size_t device_reads = delay > 0 ? delay - 1 : 0;
  plan_slabs(schedule, used_in_step, shape.is_masked ? delay : device_reads);
  return schedule;
}

}  // namespace haloedge
