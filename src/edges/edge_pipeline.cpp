#include "edges/edge_pipeline.hpp"

#include "core/parallel.hpp"
#include "edges/decomposition.hpp"
#include "edges/halo_exchange.hpp"
#include "edges/stage.hpp"
#include "edges/strip.hpp"

namespace haloedge {

namespace {

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
        exchange_(run.communicator, find_neighbours(decomposition_.shares, run.communicator.rank(), plan.shape.border),
                  plan.shape.row_bytes(), plan.shape.radius) {}

  void run(const StepDone& step_done);

 private:
  [[nodiscard]] std::int64_t rows_to_do() const;
  void run_step(const Schedule::Step& step);
  void finish_halo();
  void decode(RowRange unit, std::int64_t task);
  void put(RowRange tile_row, std::int64_t tile_column, int thread);

  Source& source_;
  Stage& stage_;
  const Decomposition& decomposition_;
  const Schedule& schedule_;
  Sink& sink_;
  Run& run_;
  Strip strip_;
  HaloExchange exchange_;
};

void EdgePipeline::run(const StepDone& step_done) {
  // Sinks that write together need every rank as often as the one with the most steps.
  const auto own = static_cast<std::int64_t>(schedule_.steps.size());
  const std::int64_t most = run_.communicator.max(own);
  if (own > 0) stage_.complete(strip_.constant_memory());
  std::int64_t rows_done = strip_.shape().share.size() - rows_to_do();
  for (const Schedule::Step& step : schedule_.steps) {
    run_step(step);
    for (const RowRange rows : step.put) rows_done += rows.size();
    step_done(rows_done);
  }
  for (std::int64_t round = own; round < most; ++round) sink_.end_round();
}

std::int64_t EdgePipeline::rows_to_do() const {
  std::int64_t rows = 0;
  for (const Schedule::Step& step : schedule_.steps) {
    for (const RowRange done : step.put) rows += done.size();
  }
  return rows;
}

void EdgePipeline::run_step(const Schedule::Step& step) {
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

void EdgePipeline::finish_halo() {
  const Trace::Scope scope(run_.trace, Phase::halo);
  exchange_.finish(strip_);
  stage_.complete(strip_.halo_memory());
}

void EdgePipeline::decode(RowRange unit, std::int64_t task) {
  const Trace::Scope scope(run_.trace, Phase::decode);
  source_.decode(unit, task, [this](std::int64_t row, std::int64_t column, const kernels::ConstPixels& pixels) {
    stage_.take(pixels, strip_.part(row, column, pixels.rows, pixels.width), strip_.stride());
  });
}

void EdgePipeline::put(RowRange tile_row, std::int64_t tile_column, int thread) {
  sink_.put({tile_row.begin / decomposition_.tile_rows, tile_column},
            stage_.tile(strip_, tile_row, tile_column, thread));
}

}  // namespace

void run_pass(const Pass& pass, const RankPlan& plan, Sink& sink, Run& run, const StepDone& step_done) {
  EdgePipeline(pass, plan, sink, run).run(step_done);
}

}  // namespace haloedge
