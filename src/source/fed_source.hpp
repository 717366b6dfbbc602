#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "comm/communicator.hpp"
#include "core/row_range.hpp"
#include "source/source.hpp"

namespace haloedge {

/// A run of rows that one rank decodes for another one or for itself.
struct Delivery {
  RowRange rows;
  int feeder = 0;  ///< the rank that decodes them
  int owner = 0;   ///< the rank whose share they are in
};

/// Plans the deliveries, in row order: each sequence is decoded by the rank whose share has its first row, in units of
/// up to `unit_rows` rows that end where shares end. Pure.
[[nodiscard]] std::vector<Delivery> plan_deliveries(const std::vector<RowRange>& sequences,
                                                    const std::vector<RowRange>& shares, std::int64_t unit_rows);

/// A source for an image whose rows are decoded from the top, once in the whole job. `inner` is this image; every rank
/// has opened it. Each sequence is decoded by one rank, its feeder, which sends the other ranks the rows of their
/// shares. units() is for the share of this rank, and no unit may be left out. Made by all ranks together. `threads`
/// decode a unit of several tasks.
[[nodiscard]] std::unique_ptr<Source> make_fed_source(std::unique_ptr<Source> inner, Communicator& communicator,
                                                      const std::vector<RowRange>& shares, std::int64_t unit_rows,
                                                      int threads);

}  // namespace haloedge
