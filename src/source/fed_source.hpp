#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "comm/communicator.hpp"
#include "core/row_range.hpp"
#include "source/source.hpp"

namespace haloedge {

/// Who decodes which rows for whom.
struct Delivery {
  RowRange rows;
  int feeder = 0;  ///< the rank that decodes them
  int owner = 0;   ///< the rank whose share they are in
};

/// Each sequence is decoded by the rank whose share has its first row, in units of up to `unit_rows` rows that end
/// where shares do. In row order. Pure.
[[nodiscard]] std::vector<Delivery> plan_deliveries(const std::vector<RowRange>& sequences,
                                                    const std::vector<RowRange>& shares, std::int64_t unit_rows);

/// A source whose rows come from the top (`inner`, which every rank has opened), decoded once in the whole job: each
/// sequence by one rank, its feeder, which sends the others the rows of their shares. units() is for this rank's own
/// share, and none of them may be left out. Made by all ranks together. `threads` is for decoding a unit of several
/// tasks.
[[nodiscard]] std::unique_ptr<Source> make_fed_source(std::unique_ptr<Source> inner, Communicator& communicator,
                                                      const std::vector<RowRange>& shares, std::int64_t unit_rows,
                                                      int threads);

}  // namespace haloedge
