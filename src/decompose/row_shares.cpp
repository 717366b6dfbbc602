#include "decompose/row_shares.hpp"

#include <algorithm>

namespace haloedge {

namespace {

constexpr std::int64_t tile_granule = 16;  // TIFF tiles are multiples of 16

constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

RowShares share_rows(std::int64_t height, int parts, std::int64_t tile_rows, std::int64_t min_rows) {
  if (divide_up(height, tile_rows) < parts) {
    tile_rows = std::max(tile_granule, height / parts / tile_granule * tile_granule);
  }
  const std::int64_t tiles = divide_up(height, tile_rows);
  RowShares result{tile_rows, {}};
  std::int64_t row = 0;
  for (int part = 0; part < parts; ++part) {
    const std::int64_t count = tiles / parts + (part < tiles % parts ? 1 : 0);
    const std::int64_t end = std::min(height, row + count * tile_rows);
    result.share.push_back({row, end});
    row = end;
  }
  const auto last = std::find_if(result.share.rbegin(), result.share.rend(), [](RowRange r) { return !r.empty(); });
  if (last->size() < min_rows && std::next(last) != result.share.rend()) {
    std::next(last)->end = last->end;
    last->begin = last->end;
  }
  return result;
}

}  // namespace haloedge
