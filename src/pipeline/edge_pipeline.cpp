#include "pipeline/edge_pipeline.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/buffer.hpp"
#include "core/parallel.hpp"
#include "halo/gray_strip.hpp"
#include "halo/halo_exchange.hpp"

namespace haloedge {

namespace {

class EdgePipeline {
 public:
  EdgePipeline(const EdgeParts& parts, const Decomposition& decomposition, const EdgeSettings& settings,
               const RankPlan& plan, int threads);

  void run(const StepDone& step_done);

 private:
  void run_step(const Schedule::Step& step);
  void decode(RowRange unit, std::int64_t task);
  void filter_tile(RowRange rows, std::int64_t tile_column, int thread);

  const EdgeParts& parts_;
  const Decomposition& decomposition_;
  const EdgeSettings& settings_;
  const Schedule& schedule_;
  int threads_;
  GrayStrip strip_;
  HaloExchange exchange_;
  std::vector<Buffer> tiles_;  ///< one a thread
};

EdgePipeline::EdgePipeline(const EdgeParts& parts, const Decomposition& decomposition, const EdgeSettings& settings,
                           const RankPlan& plan, int threads)
    : parts_(parts),
      decomposition_(decomposition),
      settings_(settings),
      schedule_(plan.schedule),
      threads_(threads),
      strip_(plan.shape, plan.schedule.slabs, plan.schedule.slab_rows),
      exchange_(parts.communicator, find_neighbours(decomposition.shares, parts.communicator.rank(), settings.border),
                plan.shape.row_bytes(), plan.shape.radius) {
  const std::int64_t tile_bytes =
      decomposition.tile_rows * decomposition.tile_columns * kernels::sample_bytes(settings.filter.out_type);
  for (int i = 0; i < threads; ++i) tiles_.emplace_back(tile_bytes);
}

void EdgePipeline::run(const StepDone& step_done) {
  // Sinks that write together need every rank as often as the one with the most steps.
  const auto own = static_cast<std::int64_t>(schedule_.steps.size());
  const std::int64_t most = parts_.communicator.max(own);
  std::int64_t rows_done = 0;
  for (const Schedule::Step& step : schedule_.steps) {
    run_step(step);
    for (const RowRange rows : step.tile_rows) rows_done += rows.size();
    step_done(rows_done);
  }
  for (std::int64_t round = own; round < most; ++round) parts_.sink.end_round();
}

void EdgePipeline::run_step(const Schedule::Step& step) {
  parts_.communicator.check_peers();
  if (step.needs_halo) {
    const Profile::Scope scope(parts_.profile, Phase::halo);
    exchange_.finish(strip_);
  }
  const bool decodes = step.unit != Schedule::no_unit;
  const RowRange unit = decodes ? schedule_.units.at(static_cast<std::size_t>(step.unit)) : RowRange{};
  if (decodes) strip_.admit(unit);

  const std::int64_t decode_tasks = decodes ? parts_.source.task_count(unit) : 0;
  const std::int64_t across = decomposition_.tiles_across();
  const std::int64_t filter_tasks = static_cast<std::int64_t>(step.tile_rows.size()) * across;
  run_tasks(threads_, decode_tasks + filter_tasks, [&](std::int64_t task, int thread) {
    if (task < decode_tasks) {
      decode(unit, task);
    } else {
      const std::int64_t tile = task - decode_tasks;
      filter_tile(step.tile_rows[static_cast<std::size_t>(tile / across)], tile % across, thread);
    }
  });

  if (decodes) {
    strip_.fill_margins(unit);
    exchange_.send_ready_rows(strip_);
  }
  for (const RowRange done : step.released) strip_.release(done);
  parts_.sink.end_round();
}

void EdgePipeline::decode(RowRange unit, std::int64_t task) {
  const Profile::Scope scope(parts_.profile, Phase::decode);
  parts_.source.decode(unit, task, [this](std::int64_t row, std::int64_t column, const kernels::ConstPixels& pixels) {
    const Profile::Scope gray_scope(parts_.profile, Phase::gray);
    parts_.backend.gray(pixels, settings_.gray, strip_.part(row, column, pixels.rows, pixels.width));
  });
}

void EdgePipeline::filter_tile(RowRange rows, std::int64_t tile_column, int thread) {
  const std::int64_t column = tile_column * decomposition_.tile_columns;
  const std::int64_t width = std::min(decomposition_.tile_columns, decomposition_.width - column);
  const kernels::SampleType type = settings_.filter.out_type;
  const Buffer& tile = tiles_.at(static_cast<std::size_t>(thread));
  {
    const Profile::Scope scope(parts_.profile, Phase::filter);
    const std::int64_t radius = strip_.shape().radius;
    std::vector<const std::byte*> gray_rows;
    for (std::int64_t row = rows.begin - radius; row < rows.end + radius; ++row) gray_rows.push_back(strip_.at(row));
    if (rows.size() < decomposition_.tile_rows || width < decomposition_.tile_columns) {
      std::memset(tile.data(), 0, static_cast<std::size_t>(tile.size()));
    }
    const kernels::Plane out{tile.data(), decomposition_.tile_columns * kernels::sample_bytes(type), width, rows.size(),
                             type};
    parts_.backend.edges(settings_.filter, gray_rows.data(), column, out);
  }
  parts_.sink.put({rows.begin / decomposition_.tile_rows, tile_column}, tile.span());
}

}  // namespace

void run_edge_pipeline(const EdgeParts& parts, const Decomposition& decomposition, const EdgeSettings& settings,
                       const RankPlan& plan, int threads, const StepDone& step_done) {
  EdgePipeline(parts, decomposition, settings, plan, threads).run(step_done);
}

}  // namespace haloedge
