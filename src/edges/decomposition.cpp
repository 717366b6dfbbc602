#include "edges/decomposition.hpp"

#include <utility>

#include "formats/tiff_layout.hpp"

namespace haloedge {

namespace {

/// Divides `tiles` tile rows evenly. Returns, for each part, the number of tile rows above its end.
std::vector<std::int64_t> equal_ends(std::int64_t tiles, int parts) {
  std::vector<std::int64_t> ends;
  ends.reserve(static_cast<std::size_t>(parts));
  for (int part = 0; part < parts; ++part) {
    ends.push_back((part > 0 ? ends.back() : 0) + tiles / parts + (part < tiles % parts ? 1 : 0));
  }
  return ends;
}

/// Divides tile rows into parts of about equal cost, of at least one tile row each. above[i] is the cost of the first i
/// tile rows. Returns, for each part, the number of tile rows above its end.
std::vector<std::int64_t> weighed_ends(const std::vector<std::int64_t>& above, int parts) {
  const auto tiles = static_cast<std::int64_t>(above.size()) - 1;
  std::vector<std::int64_t> ends;
  for (int part = 0; part < parts; ++part) {
    const std::int64_t wanted = above.back() / parts * (part + 1) + above.back() % parts * (part + 1) / parts;
    auto nearest = std::lower_bound(above.begin(), above.end(), wanted);
    if (nearest != above.begin() && wanted - *std::prev(nearest) < *nearest - wanted) --nearest;
    const std::int64_t least = (part > 0 ? ends.back() : 0) + 1;
    ends.push_back(part + 1 < parts ? std::clamp(nearest - above.begin(), least, tiles - (parts - part - 1)) : tiles);
  }
  return ends;
}

RowCost remaining_cost(const Source& source, const FinishedRows& finished) {
  RowCost cost = source.row_cost();
  if (!finished.any()) return cost;
  return [cost = std::move(cost), finished](RowRange rows) {
    if (finished.contains(rows.begin)) return std::int64_t{0};
    return cost ? cost(rows) : rows.size();
  };
}

}  // namespace

int active_ranks(const std::vector<RowRange>& shares) {
  return static_cast<int>(std::ranges::count_if(shares, [](RowRange share) { return !share.empty(); }));
}

RowShares share_rows(std::int64_t height, int parts, std::int64_t tile_rows, std::int64_t min_rows,
                     const RowCost& cost) {
  if (divide_up(height, tile_rows) < parts) {
    tile_rows = std::max(tiff_tile_granule, height / parts / tiff_tile_granule * tiff_tile_granule);
  }
  const std::int64_t step = divide_up(min_rows, tile_rows) * tile_rows;
  const std::int64_t steps = divide_up(height, step);
  std::vector<std::int64_t> ends;
  if (cost && steps >= parts) {
    std::vector<std::int64_t> above{0};
    for (std::int64_t i = 0; i < steps; ++i) {
      above.push_back(above.back() + cost({i * step, std::min(height, (i + 1) * step)}));
    }
    ends = weighed_ends(above, parts);
  } else {
    ends = equal_ends(steps, parts);
  }
  RowShares result{tile_rows, {}};
  std::int64_t row = 0;
  for (const std::int64_t end : ends) {
    result.share.push_back({row, std::min(height, end * step)});
    row = result.share.back().end;
  }
  const auto last = std::find_if(result.share.rbegin(), result.share.rend(), [](RowRange r) { return !r.empty(); });
  if (last->size() < min_rows && std::next(last) != result.share.rend()) {
    std::next(last)->end = last->end;
    last->begin = last->end;
  }
  return result;
}

Decomposition decompose(const Source& source, const EdgeSettings& settings, int ranks, const FinishedRows& finished) {
  const ImageInfo& image = source.image();
  std::int64_t tile_rows = fitting_tile_side(settings.tile, image.height);
  int parts = ranks;
  if (finished.tile_rows() > 0) {
    // Tiles keep the height of the first run, so ranks idle if there are more of them than rows of tiles.
    tile_rows = finished.tile_rows();
    parts = static_cast<int>(std::min<std::int64_t>(ranks, divide_up(image.height, tile_rows)));
  }
  RowShares shares = share_rows(image.height, parts, tile_rows, settings.radius(),
                                ranks > 1 ? remaining_cost(source, finished) : RowCost{});
  shares.share.resize(static_cast<std::size_t>(ranks), {image.height, image.height});
  return {.width = image.width,
          .height = image.height,
          .tile_rows = shares.tile_rows,
          .tile_columns = fitting_tile_side(settings.tile, image.width),
          .shares = std::move(shares.share),
          .finished = finished};
}

}  // namespace haloedge
