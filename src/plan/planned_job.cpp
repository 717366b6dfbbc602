#include "plan/planned_job.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "core/system.hpp"
#include "edges/edge_job.hpp"
#include "edges/halo_exchange.hpp"
#include "edges/options.hpp"
#include "edges/pass.hpp"
#include "plan/calibrate.hpp"
#include "sink/sink.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

std::unique_ptr<Source> source_of(const PlanCommand& command) {
  if (!command.size) return open_source(command.input);
  return make_stand_in_source({.width = command.size->width,
                               .height = command.size->height,
                               .type = command.input_type,
                               .channels = command.channels});
}

/// Chooses the threads and ranks that the user has not chosen, so that they fill a node.
void spread_ranks(PlannedJob& plan) {
  const PlanCommand& command = plan.command;
  plan.machine.cores = command.cores > 0 ? command.cores : node_cores();
  const int fitting = std::max(1, plan.machine.cores / std::max(1, command.common.threads));
  const int on_node = command.ranks_per_node > 0 ? command.ranks_per_node : fitting;
  plan.spread.ranks = command.ranks;
  plan.spread.ranks_per_node = std::min(command.ranks, on_node);
  plan.spread.threads = command.common.threads > 0 ? command.common.threads
                                                   : std::max(1, plan.machine.cores / plan.spread.ranks_per_node);
  const std::int64_t memory = command.common.memory;
  plan.resources = {.threads = plan.spread.threads,
                    .memory = memory > 0 ? memory : usual_memory(plan.spread.ranks_per_node)};
}

void choose_machine(PlannedJob& plan, const JobKind& kind) {
  Machine& machine = plan.machine;
  if (kind.input_compressed.value_or(false)) machine.decode = assumed_inflate;
  std::vector<MeasuredRun> runs;
  for (const std::string& path : plan.command.calibrate) runs.push_back(read_measured_run(path, kind));
  machine = calibrate(machine, runs);
  const auto give = [](Quantity& quantity, const std::optional<double>& value) {
    if (value) quantity = {*value, Origin::given};
  };
  const MachineOptions& given = plan.command.machine;
  give(machine.file_system, given.file_system);
  give(machine.node_file_system, given.node_file_system);
  give(machine.link, given.link);
  give(machine.latency, given.latency);
  give(machine.launch, given.launch);
}

void describe_job(PlannedJob& plan, const OutputSpec& output, std::int64_t radius, double input_bytes) {
  const double pixels = static_cast<double>(plan.image.width) * static_cast<double>(plan.image.height);
  Job& job = plan.job;
  job.width = plan.image.width;
  job.height = plan.image.height;
  job.tile_rows = plan.command.edge.tile;
  job.tile_columns = plan.decomposition.tile_columns;
  job.radius = radius;
  job.gray_pixel = static_cast<double>(kernels::sample_bytes(plan.image.type));
  job.decoded_pixel = static_cast<double>(plan.image.pixel_bytes());
  job.input_pixel = input_bytes > 0 ? input_bytes / pixels : job.decoded_pixel * plan.machine.input.value;
  job.edge_pixel = static_cast<double>(kernels::sample_bytes(output.image.type));
  const OutputFormat format = output.output.format;
  job.by_rows = format == OutputFormat::png || format == OutputFormat::jpeg;
  job.encodes = !job.by_rows && output.image.compression != Compression::none;
  job.kept_pixel = job.edge_pixel * (job.encodes ? plan.machine.kept.value : 1);
  job.feeders = plan.sequences;
  plan.can_write_together = can_write_together(format, plan.sequences > 0);
  plan.spread.gather = plan.command.write == WriteMode::gather || !plan.can_write_together;
}

std::int64_t bytes_of(const PlannedJob& plan, std::int64_t rows, double pixel_bytes) {
  return static_cast<std::int64_t>(static_cast<double>(rows) * static_cast<double>(plan.image.width) * pixel_bytes);
}

PlannedRank describe_rank(const PlannedJob& plan, const RankPlan& rank_plan, int rank) {
  const RowRange share = rank_plan.shape.share;
  const auto bytes = [&](std::int64_t rows, double pixel_bytes) { return bytes_of(plan, rows, pixel_bytes); };
  const Neighbours neighbours = find_neighbours(plan.decomposition.shares, rank, plan.command.edge.border);
  const int sides = (neighbours.above ? 1 : 0) + (neighbours.below ? 1 : 0);
  PlannedRank result{.rank = rank, .share = share, .read = bytes(share.size(), plan.job.input_pixel)};
  result.halo = sides * rank_plan.shape.radius * rank_plan.shape.row_bytes();
  result.memory = rank_plan.memory.total();
  const bool writes = !plan.spread.gather || rank == 0;
  if (!writes) result.sent = bytes(share.size(), plan.job.kept_pixel);
  if (writes) {
    const std::int64_t rows = plan.spread.gather ? plan.image.height : share.size();
    result.written = (plan.job.encodes ? 2 : 1) * bytes(rows, plan.job.kept_pixel);
  }
  return result;
}

/// Accounts for an input that a few ranks decode for all: these read everything, and send the others their rows.
void move_reading_to_feeders(PlannedJob& plan, const Source& source) {
  for (PlannedRank& rank : plan.ranks) rank.read = 0;
  for (const Delivery& delivery : plan_deliveries(source.sequences(), plan.decomposition.shares, plan.image.height)) {
    PlannedRank& feeder = plan.ranks.at(static_cast<std::size_t>(delivery.feeder));
    feeder.read += bytes_of(plan, delivery.rows.size(), plan.job.input_pixel);
    if (delivery.owner != delivery.feeder) {
      feeder.sent += bytes_of(plan, delivery.rows.size(), plan.job.decoded_pixel);
    }
  }
}

}  // namespace

std::int64_t PlannedJob::largest_memory() const { return std::ranges::max(ranks, {}, &PlannedRank::memory).memory; }

Spread PlannedJob::spread_over(int number) const {
  Spread other = spread;
  other.ranks = number;
  return other;
}

PlannedScale PlannedJob::scale(int number) const {
  Spread spread_so = spread_over(number);
  spread_so.gather = true;
  const Prediction gather = predict(job, machine, spread_so);
  spread_so.gather = false;
  return {number, can_write_together ? predict(job, machine, spread_so) : gather, gather};
}

std::vector<PlannedScale> PlannedJob::scales() const {
  std::vector<PlannedScale> table;
  const auto add = [&](int number) {
    table.push_back(scale(number));
    table.back().speed_up = chosen(table.front()).total() / chosen(table.back()).total();
  };
  const auto worth_it = [&] { return table.empty() || table.back().efficiency() >= min_efficiency; };
  for (int number = 1; number <= max_ranks && (number <= spread.ranks || worth_it()); number *= 2) {
    if (!table.empty() && table.back().ranks < spread.ranks && spread.ranks < number) add(spread.ranks);
    add(number);
  }
  if (table.back().ranks < spread.ranks) add(spread.ranks);
  return table;
}

int PlannedJob::ranks_too_many() const { return ranks_under(job, machine, spread, min_efficiency, max_ranks); }

PlannedJob predict_job(const PlanCommand& command) {
  EdgeJob job{.options = command.edge, .source = source_of(command)};
  const Source& source = *job.source;
  PlannedJob plan{.command = command,
                  .name = command.size ? "(no file yet)" : command.input.input,
                  .image = source.image(),
                  .sequences = source.any_order() ? 0 : static_cast<int>(source.sequences().size())};
  spread_ranks(plan);
  const auto backend = kernels::make_backend(kernels::HostBackend::cpu);
  job.detector = make_detector(
      edge_settings(command.edge, plan.image), command.edge.canny,
      [&](const EdgeSettings& settings) { return make_host_stage(settings, *backend, plan.resources.threads); });
  job.output.output = parse_edge_output(command.output, command.edge);
  decompose_job(job, command.ranks);
  plan.decomposition = job.decomposition;

  const bool fed = plan.sequences > 0 && command.ranks > 1;
  check_write_mode(job.output.output, command.edge.compression, fed, command.write);
  const double decoded = static_cast<double>(plan.image.width) * static_cast<double>(plan.image.height) *
                         static_cast<double>(plan.image.pixel_bytes());
  std::error_code error;
  const auto file_bytes = command.size ? 0 : std::filesystem::file_size(input_file(command.input.input), error);
  const double input_bytes = error ? 0 : static_cast<double>(file_bytes);
  JobKind kind{.output = command.edge.compression};
  if (!command.size) kind.input_compressed = input_bytes > 0 && is_compressed(input_bytes, decoded);
  choose_machine(plan, kind);
  describe_job(plan, job.output, job.detector->settings().radius(), input_bytes);
  job.output.together = !plan.spread.gather;

  const std::int64_t feeding =
      feeding_bytes(fed_unit_rows(plan.image, plan.decomposition, plan.resources) * plan.image.row_bytes());
  RankPlan largest;
  for (int rank = 0; rank < command.ranks; ++rank) {
    RankPlan rank_plan = plan_rank(job, plan.resources, rank);
    if (fed) rank_plan.memory.decode += feeding;
    plan.ranks.push_back(describe_rank(plan, rank_plan, rank));
    if (rank_plan.memory.total() > largest.memory.total()) largest = rank_plan;
  }
  if (fed) move_reading_to_feeders(plan, source);
  require_memory(largest, plan.resources);
  return plan;
}

}  // namespace haloedge
