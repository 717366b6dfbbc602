#include "plan/calibrate.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "edges/options.hpp"
#include "kernels/kernels.hpp"

namespace haloedge {

namespace {

constexpr double shortest_phase = 1e-6;  // seconds; shorter phases are too inaccurate for a rate

double pixels(const MeasuredRun& run) {
  return static_cast<double>(run.job.width) * static_cast<double>(run.job.height);
}

int busy_threads(const MeasuredRun& run) {
  return std::min(run.spread.ranks, run.spread.ranks_per_node) * run.spread.threads;
}

double shared_seconds(const MeasuredRun& run) { return (run.decode + run.filter) / pixels(run); }

/// Computes the contention from the runs with the fewest and the most busy threads a node.
void fit_contention(Machine& machine, const std::vector<MeasuredRun>& runs) {
  const auto [few, many] = std::ranges::minmax_element(runs, {}, busy_threads);
  if (few == runs.end() || busy_threads(*few) == busy_threads(*many)) return;
  if (std::min({few->decode, few->filter, many->decode}) < shortest_phase) return;
  const double ratio = shared_seconds(*many) / shared_seconds(*few);
  const double slope = busy_threads(*many) - 1 - ratio * (busy_threads(*few) - 1);
  // Without a positive slope the times do not follow the law, so the assumption stays.
  if (slope > 0) machine.contention = {std::max(0.0, (ratio - 1) / slope), Origin::measured};
}

/// Sets the rate to the work of all runs divided by the seconds that one thread alone would need for it.
template <class Work>
void fit_rate(Quantity& rate, double contention, const std::vector<MeasuredRun>& runs, double MeasuredRun::*seconds,
              Work work) {
  double all_work = 0;
  double all_seconds = 0;
  for (const MeasuredRun& run : runs) {
    if (run.*seconds < shortest_phase) continue;
    all_work += work(run);
    all_seconds += run.*seconds / (1 + contention * (busy_threads(run) - 1));
  }
  if (all_seconds > 0 && all_work > 0) rate = {all_work / all_seconds, Origin::measured};
}

using nlohmann::json;

double sample_bytes(const json& type) {
  const auto found = find_choice(sample_types(), type.get<std::string>());
  if (!found) throw Error(fmt::format("samples of type {}", type.get<std::string>()));
  return static_cast<double>(kernels::sample_bytes(*found));
}

Job read_job(const json& report) {
  const json& input = report.at("input");
  const json& output = report.at("output");
  Job job;
  job.width = input.at("width").get<std::int64_t>();
  job.height = input.at("height").get<std::int64_t>();
  job.tile_rows = output.at("tile_height").get<std::int64_t>();
  job.tile_columns = output.at("tile_width").get<std::int64_t>();
  const double pixels = static_cast<double>(job.width) * static_cast<double>(job.height);
  job.gray_pixel = sample_bytes(input.at("type"));
  job.decoded_pixel = job.gray_pixel * input.at("channels").get<double>();
  const auto input_bytes = input.at("bytes").get<double>();  // 0 for a set of tile files
  job.input_pixel = input_bytes > 0 ? input_bytes / pixels : job.decoded_pixel;
  job.edge_pixel = sample_bytes(output.at("type"));
  job.kept_pixel = output.at("bytes").get<double>() / pixels;
  job.encodes = output.at("compression") != compression_name(Compression::none);
  return job;
}

Spread read_spread(const json& report) {
  std::map<std::string, int> on_host;
  for (const json& rank : report.at("per_rank")) ++on_host[rank.at("host").get<std::string>()];
  Spread spread;
  spread.ranks = report.at("ranks").get<int>();
  for (const auto& [host, ranks] : on_host) spread.ranks_per_node = std::max(spread.ranks_per_node, ranks);
  spread.threads = report.at("per_rank").front().at("threads").get<int>();
  spread.gather = report.at("output").at("write") == "gather";
  return spread;
}

/// Returns the fewest seconds that any rank was neither in a phase nor waiting for others, its start included.
double overhead(const json& report) {
  double least = std::numeric_limits<double>::max();
  for (const json& rank : report.at("per_rank")) {
    double busy = 0;
    for (const auto& [phase, seconds] : rank.at("phase_seconds").items()) busy += seconds.get<double>();
    const double rest = rank.at("seconds").get<double>() - busy / rank.at("threads").get<double>();
    least = std::min(least, std::max(0.0, rest) + rank.at("start_seconds").get<double>());
  }
  return least;
}

/// Adds the time in which ranks sent their tiles to rank 0, including their waits for it.
void add_sending(MeasuredRun& run, const json& report) {
  if (!run.spread.gather) return;
  for (const json& rank : report.at("per_rank")) {
    if (rank.at("rank") == 0) continue;
    run.send += rank.at("phase_seconds").at("gather").get<double>();
    run.sent_pixels += rank.at("rows").get<double>() * static_cast<double>(run.job.width);
  }
}

MeasuredRun read_run(const json& report, const JobKind& kind) {
  if (report.at("earlier_rows") != 0) throw Error("the run was a resumed one, which plan cannot use");
  const json& first = report.at("per_rank").front();
  if (!first.at("device").get<std::string>().empty()) throw Error("the run used GPUs, which plan has no model of");
  MeasuredRun run{.job = read_job(report), .spread = read_spread(report)};
  run.cores = first.at("node_cores").get<int>();
  run.overhead = overhead(report);
  const json& seconds = report.at("phase_seconds");
  run.filter = seconds.at("gray").get<double>() + seconds.at("filter").get<double>();
  const bool compressed = is_compressed(run.job.input_pixel, run.job.decoded_pixel);
  if (kind.input_compressed.value_or(compressed) == compressed) run.decode = seconds.at("decode").get<double>();
  if (report.at("output").at("compression") == compression_name(kind.output))
    run.encode = seconds.at("encode").get<double>();
  run.write = seconds.at("write").get<double>();
  add_sending(run, report);
  return run;
}

}  // namespace

bool MeasuredRun::had_cores() const { return busy_threads(*this) <= cores; }

Machine calibrate(Machine machine, const std::vector<MeasuredRun>& runs) {
  std::vector<MeasuredRun> clean;
  std::ranges::copy_if(runs, std::back_inserter(clean), &MeasuredRun::had_cores);
  if (clean.empty()) return machine;

  fit_contention(machine, clean);
  const auto fit = [&](Quantity& rate, double MeasuredRun::*seconds, auto work) {
    fit_rate(rate, machine.contention.value, clean, seconds, work);
  };
  using Run = const MeasuredRun&;
  fit(machine.decode, &MeasuredRun::decode, [](Run run) { return pixels(run) * run.job.decoded_pixel; });
  fit(machine.filter, &MeasuredRun::filter, [](Run run) { return pixels(run); });
  fit(machine.encode, &MeasuredRun::encode, [](Run run) { return pixels(run) * run.job.edge_pixel; });
  fit(machine.write, &MeasuredRun::write,
      [](Run run) { return (run.job.encodes ? 2 : 1) * pixels(run) * run.job.kept_pixel; });
  fit(machine.send, &MeasuredRun::send, [](Run run) { return run.sent_pixels * run.job.kept_pixel; });

  machine.start_up = {0, Origin::measured};
  for (const MeasuredRun& run : clean) machine.start_up.value += run.overhead / static_cast<double>(clean.size());
  for (const MeasuredRun& run : clean) {
    if (run.decode > 0) machine.input = {run.job.input_pixel / run.job.decoded_pixel, Origin::measured};
    if (run.encode > 0) machine.kept = {run.job.kept_pixel / run.job.edge_pixel, Origin::measured};
  }
  return machine;
}

bool is_compressed(double file_bytes, double decoded_bytes) {
  constexpr double clearly = 0.95;
  return file_bytes < clearly * decoded_bytes;
}

MeasuredRun read_measured_run(const std::string& path, const JobKind& kind) {
  std::ifstream file(path);
  if (!file) {
    const bool is_there = std::filesystem::exists(path);
    throw Error(fmt::format("--calibrate {}: {}", path, is_there ? "cannot be read" : "does not exist"));
  }
  try {
    return read_run(json::parse(file), kind);
  } catch (const json::exception&) {
    throw Error(fmt::format("--calibrate {}: is not a report that `haloedge edges` of this version has written", path));
  } catch (const Error& error) {
    throw Error(fmt::format("--calibrate {}: {}", path, error.what()));
  }
}

}  // namespace haloedge
