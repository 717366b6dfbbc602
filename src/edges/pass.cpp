#include "edges/pass.hpp"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "core/threads.hpp"
#include "edges/halo_exchange.hpp"
#include "formats/tiff_layout.hpp"

namespace haloedge {

namespace {

/// The memory of an encoder, beside its tiles.
constexpr std::int64_t encoder_bytes = std::int64_t{1} << 19;

/// Returns what a user can do about too little memory, and names only what is enough by itself.
std::string memory_advice(const MemoryNeeds& needs, const RankResources& resources) {
  std::string advice = fmt::format("run with --memory {}M or more", (needs.total() >> 20) + 1);
  const std::int64_t of_threads = needs.decode + needs.tiles;
  const std::int64_t with_one_thread = needs.total() - of_threads + of_threads / resources.threads;
  const std::int64_t with_tiny_tiles = needs.total() - needs.tiles + resources.threads * encoder_bytes;
  if (resources.threads > 1 && with_one_thread <= resources.memory) advice += ", or with fewer threads";
  if (with_tiny_tiles <= resources.memory) advice += ", or with a smaller --tile";
  return advice;
}

/// Returns the shape of the rows that a rank holds for this stage.
StripShape strip_shape(const Decomposition& decomposition, const Stage& stage, int rank) {
  const RowRange share = decomposition.share(rank);
  const bool wraps = stage.settings().border == kernels::Border::wrap;
  const kernels::EdgeFilter& filter = stage.settings().filter;
  return {.share = share,
          .height = decomposition.height,
          .width = decomposition.width,
          .fill = {stage.settings().border, filter.gray_type, stage.channels(), filter.gray_zero},
          .is_masked = stage.settings().nodata.is_active(),
          .radius = stage.radius(),
          .has_above = !share.empty() && (share.begin > 0 || wraps),
          .has_below = !share.empty() && (share.end < decomposition.height || wraps)};
}

RankPlan plan_with_units(const Pass& pass, const SinkMemory& sink, const RankResources& resources, int rank,
                         std::int64_t unit_rows) {
  const auto& [source, stage, decomposition] = pass;
  RankPlan plan{.shape = strip_shape(decomposition, stage, rank)};
  std::vector<RowRange> units;
  if (!plan.shape.share.empty()) units = source.units(plan.shape.share, unit_rows);
  plan.schedule = make_schedule(plan.shape, decomposition.tile_rows, std::move(units), source.any_order(), stage.lag(),
                                decomposition.finished);
  // To encode tiles, a thread holds a tile as it comes, an encoded one, which may be a little larger, and the encoder's
  // own memory.
  const std::int64_t tile_bytes = decomposition.tile_bytes(stage.settings().filter.out_type);
  const std::int64_t encoding_bytes = 2 * tile_bytes + encoder_bytes;
  plan.memory = stage.memory(decomposition, plan);
  plan.memory.program += program_bytes;
  plan.memory.rows += HaloExchange::memory_bytes(plan.shape);
  plan.memory.decode = source.working_bytes(resources.threads);
  plan.memory.tiles += resources.threads * encoding_bytes;
  plan.memory.sink = sink.fixed + plan.schedule.max_put() * sink.a_tile_row;
  return plan;
}

std::int64_t rows_put(const Schedule::Step& step) {
  std::int64_t rows = 0;
  for (const RowRange put : step.put) rows += put.size();
  return rows;
}

class EdgePipeline {
 public:
  EdgePipeline(const Pass& pass, const RankPlan& plan, Sink& sink, Run& run)
      : source_(pass.source),
        stage_(pass.stage),
        decomposition_(pass.decomposition),
        schedule_(plan.schedule),
        sink_(sink),
        run_(run),
        strip_(plan.shape, plan.schedule.slabs, plan.schedule.slab_rows, stage_.strip_memory()),
        exchange_(run.communicator,
                  find_neighbours(decomposition_.shares, run.communicator.rank(), plan.shape.fill.border),
                  plan.shape.row_bytes(), plan.shape.radius) {}

  void run(const StepDone& step_done) {
    // If ranks write together, each ends as many rounds as the rank with the most steps.
    const auto own = static_cast<std::int64_t>(schedule_.steps.size());
    const std::int64_t most = run_.communicator.max(own);
    if (own > 0) stage_.complete(strip_.constant_memory());
    std::int64_t rows_done = strip_.shape().share.size();  // rows of earlier runs: all but those of the steps
    for (const Schedule::Step& step : schedule_.steps) rows_done -= rows_put(step);
    run_.earlier_rows = rows_done;
    for (const Schedule::Step& step : schedule_.steps) {
      run_step(step);
      rows_done += rows_put(step);
      step_done(rows_done);
    }
    for (std::int64_t round = own; round < most; ++round) sink_.end_round();
  }

 private:
  void run_step(const Schedule::Step& step) {
    run_.communicator.check_peers();
    if (step.needs_halo) finish_halo();
    stage_.begin(strip_, step.filtered);
    stage_.await(step.put);
    const bool decodes = step.unit != Schedule::no_unit;
    const RowRange unit = decodes ? schedule_.units.at(static_cast<std::size_t>(step.unit)) : RowRange{};
    if (decodes) strip_.admit(unit);

    const std::int64_t decode_tasks = decodes ? source_.task_count(unit) : 0;
    const std::int64_t across = decomposition_.tiles_across();
    const std::int64_t put_tasks = static_cast<std::int64_t>(step.put.size()) * across;
    run_tasks(run_.resources.threads, decode_tasks + put_tasks, [&](std::int64_t task, int thread) {
      if (task < decode_tasks) {
        decode(unit, task);
      } else {
        const std::int64_t tile = task - decode_tasks;
        put(step.put[static_cast<std::size_t>(tile / across)], tile % across, thread);
      }
    });

    if (decodes) {
      strip_.fill_margins(unit);
      exchange_.send_ready_rows(strip_);
      stage_.complete(strip_.unit_memory(unit));
    }
    for (const RowRange done : step.released) strip_.release(done);
    sink_.end_round();
  }

  void finish_halo() {
    const Trace::Scope scope(run_.trace, Phase::halo);
    exchange_.finish(strip_);
    stage_.complete(strip_.halo_memory());
  }

  void decode(RowRange unit, std::int64_t task) {
    const Trace::Scope scope(run_.trace, Phase::decode);
    source_.decode(unit, task, [this](std::int64_t row, std::int64_t column, const kernels::ConstPixels& pixels) {
      stage_.take(pixels, strip_.part(row, column, pixels.rows, pixels.width), strip_.stride());
      if (!strip_.shape().is_masked) return;
      kernels::mark_nodata(pixels, stage_.settings().nodata, strip_.mask_part(row, column), strip_.stride());
    });
  }

  void put(RowRange tile_row, std::int64_t tile_column, int thread) {
    const TilePosition place{tile_row.begin / decomposition_.tile_rows, tile_column};
    const std::span<std::byte> samples = stage_.tile(strip_, tile_row, tile_column, thread);
    if (strip_.shape().is_masked && !samples.empty()) put_nodata(tile_row, place, samples);
    sink_.put(place, samples);
  }

  void put_nodata(RowRange tile_row, TilePosition place, std::span<std::byte> samples) {
    const EdgeSettings& settings = stage_.settings();
    const std::int64_t tile_columns = decomposition_.tile_columns;
    const kernels::SampleType type = settings.filter.out_type;
    kernels::put_nodata(strip_.mask_around(tile_row).data(), place.column * tile_columns, stage_.radius(),
                        settings.nodata_result,
                        {samples.data(), tile_columns * kernels::sample_bytes(type),
                         decomposition_.grid(tile_row).columns(place), tile_row.size(), type});
  }

  Source& source_;
  Stage& stage_;
  const Decomposition& decomposition_;
  const Schedule& schedule_;
  Sink& sink_;
  Run& run_;
  Strip strip_;
  HaloExchange exchange_;
};

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
                    "fewer ranks per device, a smaller --tile, or --backend cpu",
                    size_text(plan.memory.device), resources.device->number, size_text(resources.device->memory)));
  }
  if (plan.memory.total() <= resources.memory) return;
  throw Error(
      fmt::format("this job needs {} of memory per rank, but --memory (or this node) allows {}: {} (rows {}, decoding "
                  "{}, tiles {}, output {}, program {})",
                  size_text(plan.memory.total()), size_text(resources.memory), memory_advice(plan.memory, resources),
                  size_text(plan.memory.rows), size_text(plan.memory.decode), size_text(plan.memory.tiles),
                  size_text(plan.memory.sink), size_text(plan.memory.program)));
}

std::int64_t preferred_unit_rows(const Decomposition& decomposition, int threads) {
  // With four tasks a thread, the threads that finish first wait little for the last.
  const std::int64_t tile_rows_a_unit =
      std::max<std::int64_t>(1, std::int64_t{4} * threads / decomposition.tiles_across());
  return decomposition.tile_rows * tile_rows_a_unit;
}

void run_pass(const Pass& pass, const RankPlan& plan, Sink& sink, Run& run, const StepDone& step_done) {
  EdgePipeline(pass, plan, sink, run).run(step_done);
}

}  // namespace haloedge
