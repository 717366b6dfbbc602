#include <algorithm>
#include <cstring>

#include "core/buffer.hpp"
#include "pipeline/filter_stage.hpp"

namespace haloedge {

namespace {

/// The strip holds gray rows: pixels are turned to gray as they come, while they are in the cache.
class HostStage final : public FilterStage {
 public:
  HostStage(const kernels::Backend& backend, const Decomposition& decomposition, const EdgeSettings& settings,
            const RankPlan& plan, int threads, Profile& profile)
      : backend_(backend),
        decomposition_(decomposition),
        settings_(settings),
        profile_(profile),
        strip_memory_(Strip::memory_bytes(plan.shape, plan.schedule.slabs, plan.schedule.slab_rows)) {
    for (int i = 0; i < threads; ++i) tiles_.emplace_back(tile_bytes(decomposition, settings));
  }

  [[nodiscard]] std::span<std::byte> strip_memory() override { return strip_memory_.span(); }

  void take(const kernels::ConstPixels& pixels, std::byte* to, std::int64_t stride) override {
    const Profile::Scope scope(profile_, Phase::gray);
    backend_.gray(pixels, settings_.gray, {to, stride, pixels.width, pixels.rows, pixels.type});
  }

  void complete(std::span<const std::byte>) override {}
  void begin(const Strip&, const std::vector<RowRange>&) override {}
  void await(const std::vector<RowRange>&) override {}

  [[nodiscard]] std::span<const std::byte> tile(const Strip& strip, RowRange tile_row, std::int64_t tile_column,
                                                int thread) override {
    const Profile::Scope scope(profile_, Phase::filter);
    const std::int64_t column = tile_column * decomposition_.tile_columns;
    const std::int64_t width = std::min(decomposition_.tile_columns, decomposition_.width - column);
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
  const kernels::Backend& backend_;
  const Decomposition& decomposition_;
  const EdgeSettings& settings_;
  Profile& profile_;
  Buffer strip_memory_;
  std::vector<Buffer> tiles_;  ///< one a thread
};

}  // namespace

std::unique_ptr<FilterStage> make_host_stage(const kernels::Backend& backend, const Decomposition& decomposition,
                                             const EdgeSettings& settings, const RankPlan& plan, int threads,
                                             Profile& profile) {
  return std::make_unique<HostStage>(backend, decomposition, settings, plan, threads, profile);
}

}  // namespace haloedge
