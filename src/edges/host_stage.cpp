#include <cstring>

#include "core/buffer.hpp"
#include "edges/gray_rows_stage.hpp"

namespace haloedge {

namespace {

class HostStage final : public GrayRowsStage {
 public:
  HostStage(const kernels::Backend& backend, const Decomposition& decomposition, const EdgeSettings& settings,
            const RankPlan& plan, int threads, Trace& trace)
      : GrayRowsStage(backend, decomposition, settings, plan, trace) {
    for (int i = 0; i < threads; ++i) tiles_.emplace_back(tile_bytes(decomposition, settings));
  }

  [[nodiscard]] std::span<const std::byte> tile(const Strip& strip, RowRange tile_row, std::int64_t tile_column,
                                                int thread) override {
    const Trace::Scope scope(trace_, Phase::filter);
    const std::int64_t column = tile_column * decomposition_.tile_columns;
    const std::int64_t width = columns_of(tile_column);
    const kernels::SampleType type = settings_.filter.out_type;
    const Buffer& tile = tiles_.at(static_cast<std::size_t>(thread));
    if (tile_row.size() < decomposition_.tile_rows || width < decomposition_.tile_columns) {
      std::memset(tile.data(), 0, static_cast<std::size_t>(tile.size()));
    }
    const kernels::Plane out{tile.data(), decomposition_.tile_columns * kernels::sample_bytes(type), width,
                             tile_row.size(), type};
    backend_.edges(settings_.filter, strip.around(tile_row).data(), column, out);
    return tile.span();
  }

 private:
  std::vector<Buffer> tiles_;  ///< one a thread
};

}  // namespace

std::unique_ptr<FilterStage> make_host_stage(const kernels::Backend& backend, const Decomposition& decomposition,
                                             const EdgeSettings& settings, const RankPlan& plan, int threads,
                                             Trace& trace) {
  return std::make_unique<HostStage>(backend, decomposition, settings, plan, threads, trace);
}

}  // namespace haloedge
