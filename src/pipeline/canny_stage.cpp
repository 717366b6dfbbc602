#include "pipeline/canny_stage.hpp"

#include <cstring>
#include <span>

#include "kernels/bordered_plane.hpp"
#include "pipeline/gray_rows_stage.hpp"

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
            const RankPlan& plan, int threads, Profile& profile)
      : GrayRowsStage(backend, decomposition, settings, plan, profile), canny_(settings.canny.value()) {
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
    const kernels::ImageEnds ends = ends_of(tile_row, tile_column);
    kernels::Plane tile = blurred.plane();
    tile.width = columns_of(tile_column);
    tile.rows = tile_row.size();
    blur(around, column, ends, tile);
    repeat_ends(ends, tile);
    return {blurred.rows(margin), 0};
  }

 private:
  /// Blurs the tile and those of the pixels around it that are in the image.
  void blur(const std::vector<const std::byte*>& around, std::int64_t column, kernels::ImageEnds ends,
            const kernels::Plane& tile) const {
    const std::int64_t above = ends.above ? 0 : margin;
    const std::int64_t left = ends.left ? 0 : margin;
    kernels::Plane out = tile;
    out.data -= above * tile.row_bytes + left;
    out.rows += above + (ends.below ? 0 : margin);
    out.width += left + (ends.right ? 0 : margin);
    backend_.blur(canny_.blur, around.data() + (margin - above), column - left, out);
  }

  /// Where the image ends, its last blurred pixels stand beyond, too.
  static void repeat_ends(kernels::ImageEnds ends, const kernels::Plane& tile) {
    for (std::int64_t y = ends.above ? 0 : -margin; y < tile.rows + (ends.below ? 0 : margin); ++y) {
      std::byte* row = tile.data + y * tile.row_bytes;
      if (ends.left) std::memset(row - margin, std::to_integer<int>(row[0]), margin);
      if (ends.right) std::memset(row + tile.width, std::to_integer<int>(row[tile.width - 1]), margin);
    }
    const auto copy = [&](std::int64_t from, std::int64_t to) {
      std::memcpy(tile.data + to * tile.row_bytes - margin, tile.data + from * tile.row_bytes - margin,
                  static_cast<std::size_t>(tile.width + 2 * margin));
    };
    for (std::int64_t i = 1; i <= margin; ++i) {
      if (ends.above) copy(0, -i);
      if (ends.below) copy(tile.rows - 1, tile.rows - 1 + i);
    }
  }

  const CannySettings& canny_;
  std::vector<kernels::BorderedPlane> blurred_;  ///< one a thread, if there is a blur
};

class CandidateStage final : public CannyRows {
 public:
  CandidateStage(const kernels::Backend& backend, const Decomposition& decomposition, const EdgeSettings& settings,
                 const RankPlan& plan, int threads, Profile& profile)
      : CannyRows(backend, decomposition, settings, plan, threads, profile) {
    for (int i = 0; i < threads; ++i) tiles_.emplace_back(tile_bytes(decomposition, settings));
  }

  [[nodiscard]] std::span<const std::byte> tile(const Strip& strip, RowRange tile_row, std::int64_t tile_column,
                                                int thread) override {
    const Profile::Scope scope(profile_, Phase::filter);
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
                 const RankPlan& plan, std::vector<kernels::MagnitudeCounts>& counts, Profile& profile)
      : CannyRows(backend, decomposition, settings, plan, static_cast<int>(counts.size()), profile), counts_(counts) {}

  [[nodiscard]] std::span<const std::byte> tile(const Strip& strip, RowRange tile_row, std::int64_t tile_column,
                                                int thread) override {
    const Profile::Scope scope(profile_, Phase::filter);
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
                                                  Profile& profile) {
  return std::make_unique<CandidateStage>(backend, decomposition, settings, plan, threads, profile);
}

std::unique_ptr<FilterStage> make_magnitude_stage(const kernels::Backend& backend, const Decomposition& decomposition,
                                                  const EdgeSettings& settings, const RankPlan& plan,
                                                  std::vector<kernels::MagnitudeCounts>& counts, Profile& profile) {
  return std::make_unique<MagnitudeStage>(backend, decomposition, settings, plan, counts, profile);
}

}  // namespace haloedge
