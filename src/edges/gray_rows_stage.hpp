#pragma once

#include "core/buffer.hpp"
#include "edges/filter_stage.hpp"

namespace haloedge {

/// What the stages of this rank's threads share: the strip holds gray rows; pixels are turned to gray as they come,
/// while they are in the cache. Lag 0: await() follows begin() at once.
class GrayRowsStage : public FilterStage {
 public:
  GrayRowsStage(const kernels::Backend& backend, const Decomposition& decomposition, const EdgeSettings& settings,
                const RankPlan& plan, Trace& trace)
      : backend_(backend),
        decomposition_(decomposition),
        settings_(settings),
        trace_(trace),
        strip_memory_(Strip::memory_bytes(plan.shape, plan.schedule.slabs, plan.schedule.slab_rows)) {}

  [[nodiscard]] std::span<std::byte> strip_memory() override { return strip_memory_.span(); }

  void take(const kernels::ConstPixels& pixels, std::byte* to, std::int64_t stride) override {
    const Trace::Scope scope(trace_, Phase::gray);
    backend_.gray(pixels, settings_.gray, {to, stride, pixels.width, pixels.rows, pixels.type});
  }

  void complete(std::span<const std::byte>) override {}
  void begin(const Strip&, const std::vector<RowRange>&) override {}
  void await(const std::vector<RowRange>&) override {}

 protected:
  // NOLINTBEGIN(*-non-private-member-variables-in-classes): they are the derived stages' tools, and do not change.
  const kernels::Backend& backend_;
  const Decomposition& decomposition_;
  const EdgeSettings& settings_;
  Trace& trace_;
  // NOLINTEND(*-non-private-member-variables-in-classes)

  /// Columns of a tile that are in the image.
  [[nodiscard]] std::int64_t columns_of(std::int64_t tile_column) const {
    const std::int64_t first = tile_column * decomposition_.tile_columns;
    return std::min(decomposition_.tile_columns, decomposition_.width - first);
  }

 private:
  Buffer strip_memory_;
};

}  // namespace haloedge
