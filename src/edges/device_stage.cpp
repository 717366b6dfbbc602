#include <algorithm>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>

#include "edges/stage.hpp"
#include "run/resources.hpp"

namespace haloedge {

namespace {

/// A stage that runs on a device. The strip holds the source's own pixels, and the device has a copy of its memory. The
/// tile rows of a step are one launch, whose results go into a slot; slots are used in turn.
class DeviceStage final : public Stage {
 public:
  DeviceStage(const EdgeSettings& settings, int channels, DeviceFilterMaker make_filter)
      : Stage(settings), channels_(channels), make_filter_(std::move(make_filter)) {}

  [[nodiscard]] int channels() const override { return channels_; }
  [[nodiscard]] int lag() const override { return device_lag; }
  [[nodiscard]] MemoryNeeds memory(const Decomposition& decomposition, const RankPlan& plan) const override {
    const kernels::DeviceFilterSpec spec = device_spec(decomposition, plan);
    return {.program = driver_bytes,
            .rows = spec.source_bytes,
            .tiles = spec.slots * spec.result_bytes,
            .device = kernels::device_bytes(spec)};
  }
  void allocate(const Decomposition& decomposition, const RankPlan& plan, Trace& trace) override {
    device_ = make_filter_(device_spec(decomposition, plan));
    grid_ = decomposition.grid(plan.shape.share);
    tile_bytes_ = decomposition.tile_bytes(settings().filter.out_type);
    trace_ = &trace;
  }

  [[nodiscard]] std::span<std::byte> strip_memory() override { return device_->source(); }

  void take(const kernels::ConstPixels& pixels, std::byte* to, std::int64_t stride) override {
    const auto row_bytes =
        static_cast<std::size_t>(pixels.width * pixels.channels * kernels::sample_bytes(pixels.type));
    for (std::int64_t row = 0; row < pixels.rows; ++row) {
      std::memcpy(to + row * stride, pixels.data + row * pixels.row_bytes, row_bytes);
    }
  }

  void complete(std::span<const std::byte> part) override { device_->upload(part); }

  void begin(const Strip& strip, const std::vector<RowRange>& tile_rows) override {
    if (tile_rows.empty()) return;
    std::vector<std::vector<const std::byte*>> rows;
    rows.reserve(tile_rows.size());
    for (const RowRange tile_row : tile_rows) rows.push_back(strip.around(tile_row));
    std::vector<kernels::DeviceJob> jobs;
    jobs.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      jobs.push_back({.rows = rows[i],
                      .width = grid_.width,
                      .out_offset = result_offset(i),
                      .tile_columns = grid_.tile_columns,
                      .tile_rows = grid_.tile_rows,
                      .at_top = tile_rows[i].begin == 0,
                      .at_bottom = tile_rows[i].end == grid_.height});
    }
    device_->launch(next_slot(begun_), jobs);
  }

  void await(const std::vector<RowRange>& tile_rows) override {
    if (tile_rows.empty()) return;
    const Trace::Scope scope(trace_, Phase::device);
    result_ = device_->wait(next_slot(awaited_));
    ready_ = tile_rows;
  }

  [[nodiscard]] std::span<std::byte> tile(const Strip&, RowRange tile_row, std::int64_t tile_column, int) override {
    const auto found = std::find(ready_.begin(), ready_.end(), tile_row);
    if (found == ready_.end()) throw std::logic_error("a tile is asked for that was not waited for");
    const auto index = static_cast<std::size_t>(found - ready_.begin());
    const auto tile = result_.subspan(static_cast<std::size_t>(result_offset(index) + tile_column * tile_bytes_),
                                      static_cast<std::size_t>(tile_bytes_));
    clear_outside(tile, tile_row.size(), grid_.columns({tile_row.begin / grid_.tile_rows, tile_column}));
    return tile;
  }

 private:
  [[nodiscard]] kernels::DeviceFilterSpec device_spec(const Decomposition& decomposition, const RankPlan& plan) const {
    const std::int64_t tile_rows = plan.schedule.max_put();
    return {
        .filter = settings().filter,
        .canny = settings().canny ? std::optional(settings().canny->filter) : std::nullopt,
        .weights = settings().gray,
        .channels = channels_,
        .source_bytes = plan.strip_bytes(),
        .result_bytes = tile_rows * decomposition.tiles_across() * decomposition.tile_bytes(settings().filter.out_type),
        .slots = device_slots,
        .max_jobs = tile_rows,
        .max_rows = tile_rows * (decomposition.tile_rows + 2 * plan.shape.radius)};
  }

  /// Sets the samples outside the image to 0. The device leaves any values there.
  void clear_outside(std::span<std::byte> tile, std::int64_t rows, std::int64_t columns) const {
    const auto row_bytes = static_cast<std::size_t>(tile_bytes_ / grid_.tile_rows);
    const auto made = static_cast<std::size_t>(rows) * row_bytes;
    std::memset(tile.data() + made, 0, tile.size() - made);
    if (columns == grid_.tile_columns) return;
    const std::size_t kept =
        row_bytes / static_cast<std::size_t>(grid_.tile_columns) * static_cast<std::size_t>(columns);
    for (std::size_t row = 0; row < made; row += row_bytes) std::memset(tile.data() + row + kept, 0, row_bytes - kept);
  }

  [[nodiscard]] std::int64_t result_offset(std::size_t index) const {
    return static_cast<std::int64_t>(index) * grid_.across() * tile_bytes_;
  }

  static int next_slot(std::int64_t& count) { return static_cast<int>(count++ % device_slots); }

  int channels_;
  DeviceFilterMaker make_filter_;
  std::unique_ptr<kernels::DeviceFilter> device_;
  TileGrid grid_;
  std::int64_t tile_bytes_ = 0;
  Trace* trace_ = nullptr;
  std::int64_t begun_ = 0;       ///< number of launches
  std::int64_t awaited_ = 0;     ///< number of launches that were waited for
  std::vector<RowRange> ready_;  ///< the tile rows whose samples are in result_
  std::span<std::byte> result_;
};

}  // namespace

std::unique_ptr<Stage> make_device_stage(const EdgeSettings& settings, int channels, DeviceFilterMaker make_filter) {
  return std::make_unique<DeviceStage>(settings, channels, std::move(make_filter));
}

}  // namespace haloedge
