#include "edges/canny_stage.hpp"

#include <cstring>
#include <span>

#include "edges/gray_rows_stage.hpp"
#include "kernels/bordered_plane.hpp"

namespace haloedge {

namespace {

constexpr std::int64_t margin = kernels::canny_radius;

/// Gray rows around a tile, blurred where that is asked for, as Backend::candidates wants them.
struct GrayView {
  const std::byte* const* rows;
  std::int64_t column;
};

/// The stages that look at gray rows and their neighbours as Canny's detector does.
class CannyRows : public GrayRowsStage {
 protected:
  CannyRows(const kernels::Backend& backend, const Decomposition& decomposition, const EdgeSettings& settings,
            const RankPlan& plan, int threads, Trace& trace)
      : GrayRowsStage(backend, decomposition, settings, plan, trace), canny_(settings.canny.value()) {
    for (int i = 0; canny_.blur.radius() > 0 && i < threads; ++i) {
      blurred_.emplace_back(decomposition.tile_columns, decomposition.tile_rows, kernels::SampleType::u8, margin);
    }
  }

  [[nodiscard]] const CannySettings& canny() const { return canny_; }

  [[nodiscard]] kernels::ImageEnds ends_of(RowRange tile_row, std::int64_t tile_column) const {
    return {.above = tile_row.begin == 0,
            .below = tile_row.end == decomposition_.height,
            .left = tile_column == 0,
            .right = tile_column + 1 == decomposition_.tiles_across()};
  }

  /// `around` is Strip::around(tile_row), and must outlive the view.
  [[nodiscard]] GrayView gray_around(const std::vector<const std::byte*>& around, RowRange tile_row,
                                     std::int64_t tile_column, int thread) {
    const std::int64_t column = tile_column * decomposition_.tile_columns;
    if (blurred_.empty()) return {around.data(), column};
    kernels::BorderedPlane& blurred = blurred_.at(static_cast<std::size_t>(thread));
    kernels::Plane tile = blurred.plane();
    tile.width = columns_of(tile_column);
    tile.rows = tile_row.size();
    const Reach reach = reach_around(tile_row, column, tile.width);
    blur(around, column, reach, tile);
    repeat_ends(reach, tile);
    return {blurred.rows(margin), 0};
  }

 private:
  /// How far the image goes on beyond a tile's sides, up to the margin.
  struct Reach {
    std::int64_t above, below, left, right;
  };

  [[nodiscard]] Reach reach_around(RowRange tile_row, std::int64_t column, std::int64_t width) const {
    return {.above = std::min(margin, tile_row.begin),
            .below = std::min(margin, decomposition_.height - tile_row.end),
            .left = std::min(margin, column),
            .right = std::min(margin, decomposition_.width - column - width)};
  }

  /// Blurs the tile and what of the image is around it.
  void blur(const std::vector<const std::byte*>& around, std::int64_t column, const Reach& reach,
            const kernels::Plane& tile) const {
    kernels::Plane out = tile;
    out.data -= reach.above * tile.row_bytes + reach.left;
    out.rows += reach.above + reach.below;
    out.width += reach.left + reach.right;
    backend_.blur(canny_.blur, around.data() + (margin - reach.above), column - reach.left, out);
  }

  /// Beyond the image stand its last blurred pixels.
  static void repeat_ends(const Reach& reach, const kernels::Plane& tile) {
    for (std::int64_t y = -reach.above; y < tile.rows + reach.below; ++y) {
      std::byte* first = tile.data + y * tile.row_bytes - reach.left;
      std::byte* last = tile.data + y * tile.row_bytes + tile.width - 1 + reach.right;
      for (std::int64_t x = -margin; x < -reach.left; ++x) tile.data[y * tile.row_bytes + x] = *first;
      for (std::int64_t x = reach.right; x < margin; ++x) tile.data[y * tile.row_bytes + tile.width + x] = *last;
    }
    const auto copy = [&](std::int64_t from, std::int64_t to) {
      std::memcpy(tile.data + to * tile.row_bytes - margin, tile.data + from * tile.row_bytes - margin,
                  static_cast<std::size_t>(tile.width + 2 * margin));
    };
    for (std::int64_t y = -margin; y < -reach.above; ++y) copy(-reach.above, y);
    for (std::int64_t y = tile.rows + reach.below; y < tile.rows + margin; ++y) copy(tile.rows - 1 + reach.below, y);
  }

  const CannySettings& canny_;
  std::vector<kernels::BorderedPlane> blurred_;  ///< one a thread, if there is a blur
};

class CandidateStage final : public CannyRows {
 public:
  CandidateStage(const kernels::Backend& backend, const Decomposition& decomposition, const EdgeSettings& settings,
                 const RankPlan& plan, int threads, Trace& trace)
      : CannyRows(backend, decomposition, settings, plan, threads, trace) {
    for (int i = 0; i < threads; ++i) tiles_.emplace_back(tile_bytes(decomposition, settings));
  }

  [[nodiscard]] std::span<const std::byte> tile(const Strip& strip, RowRange tile_row, std::int64_t tile_column,
                                                int thread) override {
    const Trace::Scope scope(trace_, Phase::filter);
    const std::vector<const std::byte*> around = strip.around(tile_row);
    const GrayView gray = gray_around(around, tile_row, tile_column, thread);
    const Buffer& tile = tiles_.at(static_cast<std::size_t>(thread));
    const kernels::Plane out{tile.data(), decomposition_.tile_columns, columns_of(tile_column), tile_row.size(),
                             kernels::SampleType::u8};
    backend_.candidates(canny().filter, gray.rows, gray.column, ends_of(tile_row, tile_column), out);
    return tile.span();
  }

 private:
  std::vector<Buffer> tiles_;  ///< one a thread
};

class MagnitudeStage final : public CannyRows {
 public:
  MagnitudeStage(const kernels::Backend& backend, const Decomposition& decomposition, const EdgeSettings& settings,
                 const RankPlan& plan, std::vector<kernels::MagnitudeCounts>& counts, Trace& trace)
      : CannyRows(backend, decomposition, settings, plan, static_cast<int>(counts.size()), trace), counts_(counts) {}

  [[nodiscard]] std::span<const std::byte> tile(const Strip& strip, RowRange tile_row, std::int64_t tile_column,
                                                int thread) override {
    const Trace::Scope scope(trace_, Phase::filter);
    const std::vector<const std::byte*> around = strip.around(tile_row);
    const GrayView gray = gray_around(around, tile_row, tile_column, thread);
    constexpr std::int64_t unused_rows = margin - kernels::stencil_radius;
    kernels::count_magnitudes(canny().filter.norm, gray.rows + unused_rows, gray.column, columns_of(tile_column),
                              tile_row.size(), counts_.at(static_cast<std::size_t>(thread)));
    return {};
  }

 private:
  std::vector<kernels::MagnitudeCounts>& counts_;
};

}  // namespace

std::unique_ptr<FilterStage> make_candidate_stage(const kernels::Backend& backend, const Decomposition& decomposition,
                                                  const EdgeSettings& settings, const RankPlan& plan, int threads,
                                                  Trace& trace) {
  return std::make_unique<CandidateStage>(backend, decomposition, settings, plan, threads, trace);
}

std::unique_ptr<FilterStage> make_magnitude_stage(const kernels::Backend& backend, const Decomposition& decomposition,
                                                  const EdgeSettings& settings, const RankPlan& plan,
                                                  std::vector<kernels::MagnitudeCounts>& counts, Trace& trace) {
  return std::make_unique<MagnitudeStage>(backend, decomposition, settings, plan, counts, trace);
}

}  // namespace haloedge
