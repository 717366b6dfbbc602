#include <algorithm>
#include <cstring>
#include <optional>

#include "core/buffer.hpp"
#include "edges/stage.hpp"
#include "kernels/bordered_plane.hpp"

namespace haloedge {

namespace {

/// Base of the stages that run on this rank's threads. The strip holds gray rows; pixels are turned to gray as they
/// are decoded, while they are in the cache.
class GrayRowsStage : public Stage {
 public:
  /// Each thread has memory for one tile of samples of `tile_type`. A stage that makes no tiles gives std::nullopt.
  GrayRowsStage(const EdgeSettings& settings, const kernels::Backend& backend, int threads,
                std::optional<kernels::SampleType> tile_type)
      : Stage(settings), backend_(backend), threads_(threads), tile_type_(tile_type) {}

  [[nodiscard]] MemoryNeeds memory(const Decomposition& decomposition, const RankPlan& plan) const override {
    return {.rows = plan.strip_bytes(), .tiles = threads_ * thread_bytes(decomposition)};
  }
  void allocate(const Decomposition& decomposition, const RankPlan& plan, Trace& trace) override {
    grid_ = decomposition.grid(plan.shape.share);
    trace_ = &trace;
    strip_memory_ = Buffer(plan.strip_bytes());
    for (int i = 0; i < threads_; ++i) allocate_thread(decomposition);
  }

  [[nodiscard]] std::span<std::byte> strip_memory() override { return strip_memory_.span(); }

  void take(const kernels::ConstPixels& pixels, std::byte* to, std::int64_t stride) override {
    const Trace::Scope scope(trace_, Phase::gray);
    backend_.gray(pixels, settings().gray, {to, stride, pixels.width, pixels.rows, pixels.type});
  }

  [[nodiscard]] std::span<std::byte> tile(const Strip& strip, RowRange tile_row, std::int64_t tile_column,
                                          int thread) override {
    const Trace::Scope scope(trace_, Phase::filter);
    return make_tile(strip, tile_row, tile_column, thread);
  }

 protected:
  /// Bytes that allocate_thread() takes.
  [[nodiscard]] virtual std::int64_t thread_bytes(const Decomposition& decomposition) const {
    return tile_type_ ? decomposition.tile_bytes(*tile_type_) : 0;
  }
  virtual void allocate_thread(const Decomposition& decomposition) {
    if (tile_type_) tiles_.emplace_back(decomposition.tile_bytes(*tile_type_));
  }
  [[nodiscard]] virtual std::span<std::byte> make_tile(const Strip& strip, RowRange tile_row, std::int64_t tile_column,
                                                       int thread) = 0;

  [[nodiscard]] const Buffer& tile_memory(int thread) const { return tiles_.at(static_cast<std::size_t>(thread)); }
  [[nodiscard]] const kernels::Backend& backend() const { return backend_; }
  [[nodiscard]] const TileGrid& grid() const { return grid_; }
  [[nodiscard]] TilePosition position(RowRange tile_row, std::int64_t tile_column) const {
    return {tile_row.begin / grid_.tile_rows, tile_column};
  }

 private:
  const kernels::Backend& backend_;
  int threads_;
  std::optional<kernels::SampleType> tile_type_;
  TileGrid grid_;
  Trace* trace_ = nullptr;
  Buffer strip_memory_;
  std::vector<Buffer> tiles_;  ///< one a thread
};

/// Makes the tiles of an edge map with a stencil.
class StencilStage final : public GrayRowsStage {
 public:
  StencilStage(const EdgeSettings& settings, const kernels::Backend& backend, int threads)
      : GrayRowsStage(settings, backend, threads, settings.filter.out_type) {}

 private:
  [[nodiscard]] std::span<std::byte> make_tile(const Strip& strip, RowRange tile_row, std::int64_t tile_column,
                                               int thread) override {
    const std::vector<const std::byte*> around = strip.around(tile_row);
    const std::int64_t width = grid().columns(position(tile_row, tile_column));
    const kernels::SampleType type = settings().filter.out_type;
    const Buffer& tile = tile_memory(thread);
    const std::int64_t tile_columns = grid().tile_columns;
    if (tile_row.size() < grid().tile_rows || width < tile_columns) {
      std::memset(tile.data(), 0, static_cast<std::size_t>(tile.size()));
    }
    const kernels::Plane out{tile.data(), tile_columns * kernels::sample_bytes(type), width, tile_row.size(), type};
    backend().edges(settings().filter, around.data(), tile_column * tile_columns, out);
    return tile.span();
  }
};

constexpr std::int64_t margin = kernels::canny_radius;

/// Gray rows around a tile, blurred if the settings ask for it, as Backend::candidates reads them.
struct GrayView {
  const std::byte* const* rows;
  std::int64_t column;
};

/// Base of the stages of Canny's detector. They read gray rows, which are blurred if the settings ask for it, and the
/// pixels around them.
class CannyRowsStage : public GrayRowsStage {
 public:
  using GrayRowsStage::GrayRowsStage;

 protected:
  [[nodiscard]] const CannySettings& canny() const { return *settings().canny; }

  [[nodiscard]] std::int64_t thread_bytes(const Decomposition& decomposition) const override {
    const std::int64_t blurred = kernels::BorderedPlane::memory_bytes(
        decomposition.tile_columns, decomposition.tile_rows, kernels::SampleType::u8, margin);
    return GrayRowsStage::thread_bytes(decomposition) + (canny().blur.radius() > 0 ? blurred : 0);
  }
  void allocate_thread(const Decomposition& decomposition) override {
    GrayRowsStage::allocate_thread(decomposition);
    if (canny().blur.radius() == 0) return;
    blurred_.emplace_back(decomposition.tile_columns, decomposition.tile_rows, kernels::SampleType::u8, margin);
  }

  /// `around` must outlive the view.
  [[nodiscard]] GrayView gray_around(const std::vector<const std::byte*>& around, RowRange tile_row,
                                     std::int64_t tile_column, int thread) {
    const std::int64_t column = tile_column * grid().tile_columns;
    if (blurred_.empty()) return {around.data(), column};
    kernels::BorderedPlane& blurred = blurred_.at(static_cast<std::size_t>(thread));
    kernels::Plane tile = blurred.plane();
    tile.width = grid().columns(position(tile_row, tile_column));
    tile.rows = tile_row.size();
    const Reach reach = reach_around(tile_row, column, tile.width);
    blur(around, column, reach, tile);
    repeat_ends(reach, tile);
    return {blurred.rows(margin), 0};
  }

 private:
  /// The number of rows and columns of the image beyond each side of a tile, at most `margin`.
  struct Reach {
    std::int64_t above, below, left, right;
  };

  [[nodiscard]] Reach reach_around(RowRange tile_row, std::int64_t column, std::int64_t width) const {
    return {.above = std::min(margin, tile_row.begin),
            .below = std::min(margin, grid().height - tile_row.end),
            .left = std::min(margin, column),
            .right = std::min(margin, grid().width - column - width)};
  }

  /// Blurs the tile and the part of the image around it.
  void blur(const std::vector<const std::byte*>& around, std::int64_t column, const Reach& reach,
            const kernels::Plane& tile) const {
    kernels::Plane out = tile;
    out.data -= reach.above * tile.row_bytes + reach.left;
    out.rows += reach.above + reach.below;
    out.width += reach.left + reach.right;
    backend().blur(canny().blur, around.data() + (margin - reach.above), column - reach.left, out);
  }

  /// Fills the rest of the margin beyond the ends of the image with its outermost blurred pixels.
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

  std::vector<kernels::BorderedPlane> blurred_;  ///< one a thread, if there is a blur
};

/// Makes tiles of the classes of pixels.
class CandidateStage final : public CannyRowsStage {
 public:
  CandidateStage(const EdgeSettings& settings, const kernels::Backend& backend, int threads)
      : CannyRowsStage(settings, backend, threads, kernels::SampleType::u8) {}

 private:
  [[nodiscard]] std::span<std::byte> make_tile(const Strip& strip, RowRange tile_row, std::int64_t tile_column,
                                               int thread) override {
    const std::vector<const std::byte*> around = strip.around(tile_row);
    const GrayView gray = gray_around(around, tile_row, tile_column, thread);
    const Buffer& tile = tile_memory(thread);
    const TilePosition place = position(tile_row, tile_column);
    const kernels::Plane out{tile.data(), grid().tile_columns, grid().columns(place), tile_row.size(),
                             kernels::SampleType::u8};
    backend().candidates(canny().filter, gray.rows, gray.column, grid().ends(place), out);
    return tile.span();
  }
};

/// Counts the magnitudes of pixels instead of making tiles.
class MagnitudeStage final : public CannyRowsStage {
 public:
  MagnitudeStage(const EdgeSettings& settings, const kernels::Backend& backend,
                 std::vector<kernels::MagnitudeCounts>& counts)
      : CannyRowsStage(settings, backend, static_cast<int>(counts.size()), std::nullopt), counts_(counts) {}

 private:
  [[nodiscard]] std::span<std::byte> make_tile(const Strip& strip, RowRange tile_row, std::int64_t tile_column,
                                               int thread) override {
    const std::vector<const std::byte*> around = strip.around(tile_row);
    const GrayView gray = gray_around(around, tile_row, tile_column, thread);
    constexpr std::int64_t unused_rows = margin - kernels::stencil_radius;
    const std::int64_t width = grid().columns(position(tile_row, tile_column));
    const auto count = [&](std::int64_t row, std::int64_t first, std::int64_t columns, std::int64_t rows) {
      kernels::count_magnitudes(canny().filter.norm, gray.rows + unused_rows + row, gray.column + first, columns, rows,
                                counts_.at(static_cast<std::size_t>(thread)));
    };
    if (strip.shape().is_masked) {
      kernels::find_data(
          strip.mask_around(tile_row).data(), tile_column * grid().tile_columns, radius(), width, tile_row.size(),
          [&](std::int64_t row, std::int64_t first, std::int64_t columns) { count(row, first, columns, 1); });
    } else {
      count(0, 0, width, tile_row.size());
    }
    return {};
  }

  std::vector<kernels::MagnitudeCounts>& counts_;
};

}  // namespace

std::unique_ptr<Stage> make_host_stage(const EdgeSettings& settings, const kernels::Backend& backend, int threads) {
  if (settings.canny) return std::make_unique<CandidateStage>(settings, backend, threads);
  return std::make_unique<StencilStage>(settings, backend, threads);
}

std::unique_ptr<Stage> make_magnitude_stage(const EdgeSettings& settings, const kernels::Backend& backend,
                                            std::vector<kernels::MagnitudeCounts>& counts) {
  return std::make_unique<MagnitudeStage>(settings, backend, counts);
}

}  // namespace haloedge
