#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/encoding.hpp"
#include "core/number_text.hpp"
#include "core/system.hpp"
#include "run/report.hpp"
#include "sets/set_run.hpp"

namespace haloedge {

namespace {

using nlohmann::json;

/// Replaces bytes of file names that are not UTF-8, because JSON must be UTF-8.
std::string text_of(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

json rank_report(const RankWork& work, const Communicator& communicator) {
  json stages = json::object();
  for (const auto& [name, seconds] : work.stage_seconds) stages[name] = seconds;
  return {{"rank", communicator.rank()},
          {"host", host_name()},
          {"threads", work.threads},
          {"images", work.images},
          {"bytes", work.bytes},
          {"seconds", work.seconds},
          {"cpu_seconds", work.cpu_seconds},
          {"stage_seconds", stages},
          {"memory_limit_bytes", work.memory},
          {"peak_resident_bytes", peak_resident_bytes()}};
}

/// Joins the reports of the ranks. For rank 0.
json whole_report(const SetTotals& totals, double total_seconds, const std::vector<std::string>& rank_texts) {
  json ranks = json::array();
  double first = 0;
  double last = 0;
  std::int64_t bytes = 0;
  for (const std::string& text : rank_texts) {
    ranks.push_back(json::parse(text));
    const auto seconds = ranks.back().at("seconds").get<double>();
    first = ranks.size() == 1 ? seconds : std::min(first, seconds);
    last = std::max(last, seconds);
    bytes += ranks.back().at("bytes").get<std::int64_t>();
  }
  const auto images = static_cast<double>(totals.done + totals.failed);
  return {{"haloedge", version_number()},
          {"images",
           {{"listed", totals.images},
            {"done_earlier", totals.earlier},
            {"done", totals.done},
            {"failed", totals.failed},
            {"missing", totals.missing()}}},
          {"stopped_by", totals.stopped_by},
          {"bytes", bytes},
          {"seconds", total_seconds},
          {"images_per_second", images / std::max(total_seconds, 1e-9)},
          {"megabytes_per_second", static_cast<double>(bytes) / 1e6 / std::max(total_seconds, 1e-9)},
          {"balance", first / std::max(last, 1e-9)},
          {"ranks", rank_texts.size()},
          {"per_rank", ranks}};
}

void tell_failures(const std::vector<Outcome>& outcomes, std::int64_t failed) {
  constexpr std::int64_t most_told = 20;
  std::int64_t told = 0;
  for (const Outcome& outcome : outcomes) {
    if (outcome.error.empty()) continue;
    if (++told > most_told) break;
    fmt::print(stderr, "haloedge: {}\n", printable(outcome.error));
  }
  if (failed > most_told) fmt::print(stderr, "haloedge: and {} more\n", failed - most_told);
}

std::string summary(const std::string& output, const SetTotals& totals, const json& report) {
  std::string text = fmt::format("{}: {} image(s) in {:.2f} s, {:.0f} images/s; {} failed", output,
                                 count_text(totals.done + totals.failed), report.at("seconds").get<double>(),
                                 report.at("images_per_second").get<double>(), count_text(totals.failed));
  if (totals.earlier > 0) text += fmt::format("; {} were done earlier", count_text(totals.earlier));
  if (totals.missing() > 0) {
    text += fmt::format("; stopped by {}: {} missing, go on with --resume", totals.stopped_by,
                        count_text(totals.missing()));
  }
  return text;
}

}  // namespace

ExitCode SetRun::conclude(const std::vector<Outcome>& outcomes) {
  const ExitCode exit_code = totals_.missing() > 0 ? ExitCode::stopped
                             : totals_.failed > 0  ? ExitCode::some_images_failed
                                                   : ExitCode::done;
  const std::vector<std::string> ranks = communicator_.gather(text_of(rank_report(work_, communicator_)));
  if (!run_.options.trace.empty()) run_.trace.write(run_.options.trace, communicator_);
  if (!run_.is_first_rank()) return exit_code;
  tell_failures(outcomes, totals_.failed);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
  json report = whole_report(totals_, seconds.count(), ranks);
  report["command_line"] = run_.command_line;
  report["mpi"] = communicator_.library();
  report["output"] = options_.output;
  if (!run_.options.report.empty()) write_report(report, run_.options.report);
  if (!run_.options.quiet) fmt::print("{}\n", summary(options_.output, totals_, report));
  return exit_code;
}

}  // namespace haloedge
