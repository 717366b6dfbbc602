#include "run/report.hpp"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/number_text.hpp"
#include "core/system.hpp"
#include "edges/edge_job.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

using nlohmann::json;

json rank_report(const EdgeJob& job, const Run& run) {
  json seconds = json::object();
  const auto by_phase = run.trace.seconds();
  for (int phase = 0; phase < edge_phase_count; ++phase) {
    seconds[std::string(phase_name(static_cast<Phase>(phase)))] = by_phase.at(static_cast<std::size_t>(phase));
  }
  const double elapsed = run.trace.elapsed();
  const RowRange share = job.plan.shape.share;
  return {{"node_cores", node_cores()},
          {"threads", run.resources.threads},
          {"first_row", share.begin},
          {"rows", share.size()},
          {"start_seconds", seconds_since_start() - elapsed},
          {"seconds", elapsed},
          {"phase_seconds", seconds},
          {"memory_limit_bytes", run.resources.memory},
          {"memory_planned_bytes", job.plan.memory.total()}};
}

std::int64_t file_bytes(const std::filesystem::path& file) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(file, error);
  return error ? 0 : static_cast<std::int64_t>(bytes);
}

json sum_of_phases(const json& ranks) {
  json total = json::object();
  for (const json& rank : ranks) {
    for (const auto& [phase, seconds] : rank.at("phase_seconds").items()) {
      total[phase] = total.value(phase, 0.0) + seconds.get<double>();
    }
  }
  return total;
}

/// Returns the thresholds that Canny's detector has used, in gradient units; null for other operators.
json canny_report(const EdgeSettings& settings, double sigma) {
  if (!settings.canny) return nullptr;
  const kernels::CannyFilter& filter = settings.canny->filter;
  const auto gradient = [&](double units) { return filter.norm == kernels::Norm::l2 ? std::sqrt(units) : units; };
  return {{"low", gradient(filter.low)}, {"high", gradient(filter.high)}, {"sigma", sigma}};
}

/// Gathers what the ranks did. Returns the report on rank 0, null elsewhere. Collective.
json gather_report(const EdgesCommand& command, const EdgeJob& job, Run& run) {
  json report = gather_common_report(rank_report(job, run), run);
  if (!run.is_first_rank()) return nullptr;
  double seconds = 0;
  for (const json& rank : report.at("per_rank")) seconds = std::max(seconds, rank.at("seconds").get<double>());
  const ImageInfo& image = job.source->image();
  const std::int64_t earlier_rows = job.decomposition.finished.count(image.height);
  const auto pixels = static_cast<double>(image.width) * static_cast<double>(image.height - earlier_rows);
  const EdgeOptions& edge = command.edge;
  json description = json::object();
  for (const auto& [key, value] : image.description) description[key] = value;
  report["input"] = {{"path", command.input.input},   {"width", image.width},
                     {"height", image.height},        {"channels", image.channels},
                     {"type", type_name(image.type)}, {"bytes", file_bytes(input_file(command.input.input))},
                     {"description", description}};
  report["output"] = {{"path", command.output},
                      {"type", type_name(edge.type)},
                      {"tile_width", job.decomposition.tile_columns},
                      {"tile_height", job.decomposition.tile_rows},
                      {"compression", compression_name(edge.compression)},
                      {"write", job.output.together ? "parallel" : "gather"},
                      {"bytes", file_bytes(job.output.output.file)}};
  report["canny"] = canny_report(job.detector->settings(), edge.canny.sigma);
  report["earlier_rows"] = earlier_rows;
  report["seconds"] = seconds;
  report["megapixels_per_second"] = pixels / 1e6 / seconds;
  report["phase_seconds"] = sum_of_phases(report.at("per_rank"));
  return report;
}

/// Sums up a report in one line.
std::string summary_line(const json& report) {
  double busy = 0;
  for (const auto& [phase, seconds] : report.at("phase_seconds").items()) busy += seconds.get<double>();
  std::string parts;
  for (int phase = 0; phase < edge_phase_count; ++phase) {
    const std::string name(phase_name(static_cast<Phase>(phase)));
    const double share = report.at("phase_seconds").at(name).get<double>() / std::max(busy, 1e-9);
    if (share >= 0.005) parts += fmt::format("{}{} {:.0f} %", parts.empty() ? "; " : ", ", name, 100 * share);
  }
  const json& input = report.at("input");
  const auto earlier_rows = report.at("earlier_rows").get<std::int64_t>();
  const std::string earlier =
      earlier_rows > 0 ? fmt::format(" ({} rows were done before)", count_text(earlier_rows)) : "";
  return fmt::format("{}: {} x {} px{} in {:.2f} s, {:.0f} Mpx/s{}", report.at("output").at("path").get<std::string>(),
                     count_text(input.at("width").get<std::int64_t>()),
                     count_text(input.at("height").get<std::int64_t>()), earlier, report.at("seconds").get<double>(),
                     report.at("megapixels_per_second").get<double>(), parts);
}

}  // namespace

void report_edge_map(const EdgesCommand& command, const EdgeJob& job, Run& run) {
  const json report = gather_report(command, job, run);
  if (!run.options.trace.empty()) run.trace.write(run.options.trace, run.communicator);
  if (!run.is_first_rank()) return;
  if (!run.options.report.empty()) write_report(report, run.options.report);
  if (!run.options.quiet) fmt::print("{}\n", summary_line(report));
}

}  // namespace haloedge
