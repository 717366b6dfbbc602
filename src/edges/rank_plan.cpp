#include "edges/rank_plan.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "edges/decomposition.hpp"
#include "edges/halo_exchange.hpp"
#include "edges/stage.hpp"
#include "formats/tiff_layout.hpp"

namespace haloedge {

namespace {

/// Bytes that a thread holds to encode tiles of `tile_bytes`: a tile as it comes, an encoded one, which may be a little
/// larger, and the encoder's own memory.
constexpr std::int64_t encoding_bytes_of_thread(std::int64_t tile_bytes) {
  return 2 * tile_bytes + (std::int64_t{1} << 19);
}

RankPlan plan_with_units(const Pass& pass, const SinkMemory& sink, const RankResources& resources, int rank,
                         std::int64_t unit_rows) {
  const auto& [source, stage, decomposition] = pass;
  RankPlan plan;
  plan.shape = strip_shape(decomposition, stage.settings(), stage.pixel_bytes(), rank);
  std::vector<RowRange> units;
  if (!plan.shape.share.empty()) units = source.units(plan.shape.share, unit_rows);
  plan.schedule = make_schedule(plan.shape, decomposition.tile_rows, std::move(units), source.any_order(), stage.lag(),
                                decomposition.finished);
  const StageMemory held = stage.memory(decomposition, plan);
  const std::int64_t tile_bytes = decomposition.tile_bytes(stage.settings().filter.out_type);
  plan.memory = {.program = program_bytes + held.driver,
                 .rows = held.rows + HaloExchange::memory_bytes(plan.shape),
                 .decode = source.working_bytes(resources.threads),
                 .tiles = held.tiles + resources.threads * encoding_bytes_of_thread(tile_bytes),
                 .sink = sink.fixed + plan.schedule.most_put() * sink.a_tile_row,
                 .device = held.device};
  return plan;
}

}  // namespace

RankPlan plan_pass(const Pass& pass, const SinkMemory& sink, const RankResources& resources, int rank) {
  for (std::int64_t rows = preferred_unit_rows(pass.decomposition, resources.threads);; rows /= 2) {
    RankPlan plan = plan_with_units(pass, sink, resources, rank, rows);
    if (rows <= tiff_tile_granule || fits(plan, resources)) return plan;
  }
}

bool fits(const RankPlan& plan, const RankResources& resources) {
  return plan.memory.total() <= resources.memory &&
         (!resources.device || plan.memory.device <= resources.device->memory);
}

void require_memory(const RankPlan& plan, const RankResources& resources) {
  if (resources.device && plan.memory.device > resources.device->memory) {
    throw Error(
        fmt::format("this job needs {} of memory on the device, but this rank's part of device {} is {}: run with "
                    "fewer ranks a device, a smaller --tile, or --backend cpu",
                    size_text(plan.memory.device), resources.device->number, size_text(resources.device->memory)));
  }
  if (plan.memory.total() <= resources.memory) return;
  throw Error(
      fmt::format("this job needs {} of memory a rank, but --memory (or this node) gives {}: run with --memory {}M or "
                  "more, or with "
                  "fewer threads, or another --tile (rows {}, decoding {}, tiles {}, output {}, program {})",
                  size_text(plan.memory.total()), size_text(resources.memory), (plan.memory.total() >> 20) + 1,
                  size_text(plan.memory.rows), size_text(plan.memory.decode), size_text(plan.memory.tiles),
                  size_text(plan.memory.sink), size_text(plan.memory.program)));
}

std::int64_t preferred_unit_rows(const Decomposition& decomposition, int threads) {
  // With four tasks a thread, the threads that finish first wait little for the last.
  const std::int64_t tile_rows_a_unit =
      std::max<std::int64_t>(1, std::int64_t{4} * threads / decomposition.tiles_across());
  return decomposition.tile_rows * tile_rows_a_unit;
}

}  // namespace haloedge
