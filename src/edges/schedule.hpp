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
    std::int64_t unit = no_unit;       ///< index of the unit that is decoded, or no_unit
    std::vector<RowRange> filtered{};  ///< whole rows of output tiles, cut to the share, that are begun in this step
    std::vector<RowRange> put{};       ///< rows of tiles that were begun `lag` steps ago
    bool needs_halo = false;           ///< the step begins once the neighbours' rows have arrived
    /// Units whose memory the step frees at its end. A device may read them until the next step has waited for its
    /// `put`; only then does a new unit take their memory. Units with a mask are kept until their tiles are put.
    std::vector<RowRange> released{};
  };

  std::vector<RowRange> units;  ///< in the order of their decoding
  std::vector<Step> steps;
  int slabs = 0;               ///< the most units that are held at a time
  std::int64_t slab_rows = 0;  ///< rows of the largest unit

  /// The most rows of tiles that one step puts.
  [[nodiscard]] std::int64_t max_put() const;
};

/// Makes the schedule for a share; an empty share has no steps. Units are decoded in the order given, but with
/// `any_order` the one with the last rows comes first if there is a neighbour below, so that its halo is sent early.
/// Tile rows are filtered as soon as their rows are there, those that need the halo last. A tile row that is begun in
/// one step is done `lag` steps later: 0 for threads, more for a device that works beside them. Tile rows that are
/// `finished` are left out and, with `any_order`, the units that no other tile row reads. Pure.
[[nodiscard]] Schedule make_schedule(const StripShape& shape, std::int64_t tile_rows, std::vector<RowRange> units,
                                     bool any_order, int lag, const FinishedRows& finished = {});

}  // namespace haloedge
