#include "edges/edge_plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/arithmetic.hpp"
#include "core/error.hpp"
#include "core/number_text.hpp"
#include "edges/schedule.hpp"
#include "formats/tiff_layout.hpp"

namespace haloedge {

namespace {

kernels::DeviceFilterSpec device_spec(const RankPlan& plan, const Decomposition& decomposition,
                                      const EdgeSettings& settings, int channels) {
  const std::int64_t tile_rows = plan.schedule.most_put();
  const auto canny = settings.canny ? std::optional(settings.canny->filter) : std::nullopt;
  return {.filter = settings.filter,
          .canny = canny,
          .weights = settings.gray,
          .channels = channels,
          .source_bytes = Strip::memory_bytes(plan.shape, plan.schedule.slabs, plan.schedule.slab_rows),
          .result_bytes = tile_rows * decomposition.tiles_across() * tile_bytes(decomposition, settings),
          .slots = device_slots,
          .most_jobs = tile_rows,
          .most_rows = tile_rows * (decomposition.tile_rows + 2 * plan.shape.radius)};
}

RankPlan plan_with_units(const Source& source, const Decomposition& decomposition, const EdgeSettings& settings,
                         const RankResources& resources, const SinkMemory& sink, int rank, std::int64_t unit_rows) {
  const ImageInfo& image = source.image();
  const bool on_device = resources.device.has_value();
  RankPlan plan;
  plan.shape =
      strip_shape(decomposition, settings, on_device ? image.pixel_bytes() : kernels::sample_bytes(image.type), rank);
  std::vector<RowRange> units;
  if (!plan.shape.share.empty()) units = source.units(plan.shape.share, unit_rows);
  plan.schedule = make_schedule(plan.shape, decomposition.tile_rows, std::move(units), source.any_order(),
                                on_device ? device_lag : 0, decomposition.finished);
  if (on_device) plan.device = device_spec(plan, decomposition, settings, image.channels);

  const std::int64_t tile = tile_bytes(decomposition, settings);
  plan.memory.program = program_bytes + (on_device ? driver_bytes : 0);
  plan.memory.rows = Strip::memory_bytes(plan.shape, plan.schedule.slabs, plan.schedule.slab_rows) +
                     4 * plan.shape.radius * plan.shape.row_bytes();
  plan.memory.decode = source.working_bytes(resources.threads);
  // One tile of samples, one encoded (which may grow a little), and the encoder's own.
  plan.memory.tiles = resources.threads * (3 * tile + (std::int64_t{1} << 19));
  // A blurred tile with its neighbours' pixels around it.
  if (settings.canny && !on_device) plan.memory.tiles += 2 * tile * resources.threads;
  if (plan.device) plan.memory.tiles += plan.device->slots * plan.device->result_bytes;
  plan.memory.sink = sink.fixed + plan.schedule.most_put() * sink.a_tile_row;
  return plan;
}

RowCost remaining_cost(const Source& source, const FinishedRows& finished) {
  RowCost cost = source.row_cost();
  if (!finished.any()) return cost;
  return [cost = std::move(cost), finished](RowRange rows) {
    if (finished.contains(rows.begin)) return std::int64_t{0};
    return cost ? cost(rows) : rows.size();
  };
}

std::int64_t device_need(const RankPlan& plan) { return plan.device ? kernels::device_bytes(*plan.device) : 0; }

bool fits(const RankPlan& plan, const RankResources& resources) {
  return plan.memory.total() <= resources.memory &&
         (!resources.device || device_need(plan) <= resources.device->memory);
}

}  // namespace

std::int64_t filter_radius(const EdgeSettings& settings) {
  return settings.canny ? settings.canny->blur.radius() + kernels::canny_radius : kernels::stencil_radius;
}

std::int64_t tile_bytes(const Decomposition& decomposition, const EdgeSettings& settings) {
  return decomposition.tile_rows * decomposition.tile_columns * kernels::sample_bytes(settings.filter.out_type);
}

Decomposition decompose(const Source& source, const EdgeSettings& settings, int ranks, const FinishedRows& finished) {
  const ImageInfo& image = source.image();
  std::int64_t tile_rows = std::min(settings.tile, round_up(image.height, tiff_tile_granule));
  int parts = ranks;
  if (finished.tile_rows() > 0) {
    // The height that the first run settled on stays: more ranks than there are rows of tiles idle.
    tile_rows = finished.tile_rows();
    parts = static_cast<int>(std::min<std::int64_t>(ranks, divide_up(image.height, tile_rows)));
  }
  RowShares shares = share_rows(image.height, parts, tile_rows, filter_radius(settings),
                                ranks > 1 ? remaining_cost(source, finished) : RowCost{});
  shares.share.resize(static_cast<std::size_t>(ranks), {image.height, image.height});
  return {.width = image.width,
          .height = image.height,
          .tile_rows = shares.tile_rows,
          .tile_columns = std::min(settings.tile, round_up(image.width, tiff_tile_granule)),
          .shares = std::move(shares.share),
          .finished = finished};
}

StripShape strip_shape(const Decomposition& decomposition, const EdgeSettings& settings, std::int64_t pixel_bytes,
                       int rank) {
  const auto& shares = decomposition.shares;
  const RowRange share = shares.at(static_cast<std::size_t>(rank));
  const bool wraps = settings.border == kernels::Border::wrap;
  return {.share = share,
          .height = decomposition.height,
          .width = decomposition.width,
          .pixel_bytes = pixel_bytes,
          .border = settings.border,
          .radius = filter_radius(settings),
          .has_above = !share.empty() && (share.begin > 0 || wraps),
          .has_below = !share.empty() && (share.end < decomposition.height || wraps)};
}

std::int64_t preferred_unit_rows(const Decomposition& decomposition, int threads) {
  // With four tasks a thread, the threads that finish first wait little for the last.
  const std::int64_t tile_rows_a_unit =
      std::max<std::int64_t>(1, std::int64_t{4} * threads / decomposition.tiles_across());
  return decomposition.tile_rows * tile_rows_a_unit;
}

RankPlan plan_rank(const Source& source, const Decomposition& decomposition, const EdgeSettings& settings,
                   const RankResources& resources, const SinkMemory& sink, int rank) {
  for (std::int64_t rows = preferred_unit_rows(decomposition, resources.threads);; rows /= 2) {
    RankPlan plan = plan_with_units(source, decomposition, settings, resources, sink, rank, rows);
    if (rows <= tiff_tile_granule || fits(plan, resources)) return plan;
  }
}

void require_memory(const RankPlan& plan, const RankResources& resources) {
  if (resources.device && device_need(plan) > resources.device->memory) {
    throw Error(
        fmt::format("this job needs {} of memory on the device, but this rank's part of device {} is {}: run with "
                    "fewer ranks a device, a smaller --tile, or --backend cpu",
                    size_text(device_need(plan)), resources.device->number, size_text(resources.device->memory)));
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

}  // namespace haloedge
