#include "sets/set_report.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/encoding.hpp"
#include "core/fields.hpp"
#include "core/number_text.hpp"
#include "core/system.hpp"
#include "core/whole_file.hpp"
#include "run/report.hpp"
#include "run/trace.hpp"

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

void list_failures(const std::vector<Outcome>& outcomes, const std::filesystem::path& file) {
  std::string text;
  for (const Outcome& outcome : outcomes) {
    if (!outcome.error.empty()) text += fmt::format("{},{}\n", csv_field(outcome.file.path), csv_field(outcome.error));
  }
  std::error_code none;
  if (text.empty()) {
    std::filesystem::remove(file, none);
  } else {
    write_text_file(file, "path,error\n" + text);
  }
}

ExitCode tell_complete(const SetOptions& set, const std::filesystem::path& failures, Run& run) {
  const bool failed = run.communicator.sum(run.is_first_rank() && std::filesystem::exists(failures) ? 1 : 0) > 0;
  if (run.is_first_rank() && failed) {
    fmt::print(stderr, "haloedge: {}: is complete but for the images in {}: --overwrite makes all anew\n", set.output,
               failures.string());
  } else if (run.is_first_rank() && !run.options.quiet) {
    fmt::print("{}: is complete: nothing to resume\n", set.output);
  }
  return failed ? ExitCode::some_images_failed : ExitCode::done;
}

ExitCode conclude_set(const SetRun& set_run, const std::vector<Outcome>& outcomes, const SetOptions& set, Run& run) {
  const std::vector<std::string> ranks =
      run.communicator.gather(text_of(rank_report(set_run.work(), run.communicator)));
  if (!run.options.trace.empty()) run.trace.write(run.options.trace, run.communicator);
  if (!run.is_first_rank()) return set_run.exit_code();
  tell_failures(outcomes, set_run.totals().failed);
  json report = whole_report(set_run.totals(), set_run.seconds(), ranks);
  report["command_line"] = run.command_line;
  report["mpi"] = run.communicator.library();
  report["output"] = set.output;
  if (!run.options.report.empty()) write_report(report, run.options.report);
  if (!run.options.quiet) fmt::print("{}\n", summary(set.output, set_run.totals(), report));
  return set_run.exit_code();
}

}  // namespace haloedge
