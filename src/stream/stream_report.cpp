#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/number_text.hpp"
#include "core/system.hpp"
#include "run/report.hpp"
#include "stream/stream_session.hpp"

namespace haloedge {

namespace {

using nlohmann::json;

constexpr double middle = 0.5;
constexpr double nearly_all = 0.99;
constexpr double microseconds_a_millisecond = 1000;

double milliseconds(std::int64_t microseconds) {
  return static_cast<double>(microseconds) / microseconds_a_millisecond;
}

json times(const LogHistogram& histogram) {
  return {{"p50", milliseconds(histogram.quantile(middle))},
          {"p99", milliseconds(histogram.quantile(nearly_all))},
          {"max", milliseconds(histogram.max())}};
}

json rank_report(const StreamResult& result) {
  return {{"filters", result.filters},
          {"frames", result.totals.filter.count()},
          {"filter_milliseconds", times(result.totals.filter)},
          {"cpu_seconds", cpu_seconds()}};
}

json input_report(const std::string& path, const Y4mHeader& header) {
  return {{"path", path},
          {"width", header.format.width},
          {"height", header.format.height},
          {"bits", header.format.bits},
          {"chroma", header.field("C")},
          {"frame_rate", header.frame_rate()}};
}

}  // namespace

void report_stream(const StreamResult& result, const StreamCommand& command, Run& run) {
  json report = gather_common_report(rank_report(result), run);
  if (!run.is_first_rank() || command.common.report.empty()) return;
  const StreamStats::Totals& totals = result.totals;
  report["input"] = input_report(command.input, result.header);
  report["output"] = {{"path", command.output}, {"show", choice_name(shows(), command.show)}};
  report["options"] = chosen_edge_options_text(command.edge);
  report["policy"] = choice_name(policies(), command.policy);
  report["ended_by"] = result.ended_by;
  report["damage"] = result.damage;
  report["frames"] = {{"read", totals.read.count},
                      {"written", totals.written.count},
                      {"filtered", totals.filtered.count},
                      {"not_filtered", totals.read.count - totals.filtered.count}};
  report["frames_per_second"] = {
      {"source", totals.read.rate()}, {"filter", totals.filtered.rate()}, {"output", totals.written.rate()}};
  report["latency_milliseconds"] = times(totals.latency);
  report["age_frames"] = {
      {"p50", totals.age.quantile(middle)}, {"p99", totals.age.quantile(nearly_all)}, {"max", totals.age.max()}};
  write_report(report, command.common.report);
}

std::string stream_summary(const StreamResult& result) {
  const StreamStats::Totals& totals = result.totals;
  return fmt::format(
      "{} frames out at {:.1f} fps, {} of them filtered at {:.1f} fps; latency {:.1f} ms, p99 {:.1f} ms; "
      "ended by {}",
      count_text(totals.written.count), totals.written.rate(), count_text(totals.filtered.count),
      totals.filtered.rate(), milliseconds(totals.latency.quantile(middle)),
      milliseconds(totals.latency.quantile(nearly_all)), result.ended_by);
}

}  // namespace haloedge
