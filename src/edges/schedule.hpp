#pragma once

#include <cstdint>
#include <vector>

#include "core/row_range.hpp"
#include "edges/strip.hpp"

namespace haloedge {

/// The steps of one rank's work: in each step a unit is decoded, tile rows whose rows are complete are filtered, and
/// finished ones are put into the sink, all at the same time.
struct Schedule {
  static constexpr std::int64_t no_unit = -1;

  struct Step {
    std::int64_t unit = no_unit;       ///< index into `units` of what is decoded, or no_unit
    std::vector<RowRange> filtered{};  ///< begun in this step; each a whole row of output tiles, cut to the share
    std::vector<RowRange> put{};       ///< those begun `lag` steps ago
    bool needs_halo = false;           ///< the neighbours' rows must be there before
    /// Units that nobody looks at any more once the next step's `put` is there.
    std::vector<RowRange> released{};
  };

  std::vector<RowRange> units;  ///< in the order of their decoding
  std::vector<Step> steps;
  int slabs = 0;               ///< the most units that are held at a time
  std::int64_t slab_rows = 0;  ///< of the largest unit

  /// The most rows of tiles that one step puts.
  [[nodiscard]] std::int64_t most_put() const;
};

/// The schedule for a share (empty: no steps). Units are decoded in the order given, but where any order will do the
/// one with the last rows comes first if a neighbour below waits for them: the halo is under way from the start. Tile
/// rows are filtered as soon as their rows are there, those that need the halo last. What is begun in one step is done
/// `lag` steps later: 0 for threads, more for a device that works beside them. Tile rows that are `finished` are left
/// out, and where any order will do the units that nobody else looks at. Pure.
[[nodiscard]] Schedule make_schedule(const StripShape& shape, std::int64_t tile_rows, std::vector<RowRange> units,
                                     bool any_order, int lag, const FinishedRows& finished = {});

}  // namespace haloedge
