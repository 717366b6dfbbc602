#include <algorithm>
#include <cstdio>
#include <limits>

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

json rank_report(const RankWork& work, const RankResources& resources) {
  json stages = json::object();
  for (const auto& [name, seconds] : work.stage_seconds) stages[name] = seconds;
  return {{"threads", resources.threads},
          {"images", work.images},
          {"bytes", work.bytes},
          {"seconds", work.seconds},
          {"cpu_seconds", work.cpu_seconds},
          {"stage_seconds", stages},
          {"memory_limit_bytes", resources.memory}};
}

/// Adds to the report what the ranks did together. For rank 0.
void add_totals(json& report, const SetTotals& totals, double total_seconds) {
  double first = std::numeric_limits<double>::max();
  double last = 0;
  std::int64_t bytes = 0;
  for (const json& rank : report.at("per_rank")) {
    const auto seconds = rank.at("seconds").get<double>();
    first = std::min(first, seconds);
    last = std::max(last, seconds);
    bytes += rank.at("bytes").get<std::int64_t>();
  }
  const auto images = static_cast<double>(totals.done + totals.failed);
  report["images"] = {{"listed", totals.images},
                      {"done_earlier", totals.earlier},
                      {"done", totals.done},
                      {"failed", totals.failed},
                      {"missing", totals.missing()}};
  report["stopped_by"] = totals.stopped_by;
  report["bytes"] = bytes;
  report["seconds"] = total_seconds;
  report["images_per_second"] = images / std::max(total_seconds, 1e-9);
  report["megabytes_per_second"] = static_cast<double>(bytes) / 1e6 / std::max(total_seconds, 1e-9);
  report["balance"] = first / std::max(last, 1e-9);
}

void report_failures(const std::vector<Outcome>& outcomes, std::int64_t failed) {
  constexpr std::int64_t max_told = 20;
  std::int64_t told = 0;
  for (const Outcome& outcome : outcomes) {
    if (outcome.error.empty()) continue;
    if (++told > max_told) break;
    fmt::print(stderr, "haloedge: {}\n", printable(outcome.error));
  }
  if (failed > max_told) fmt::print(stderr, "haloedge: and {} more\n", failed - max_told);
}

/// Returns the number or the percentage; empty if no failures are allowed.
std::string allowed_text(const AllowedFailures& allowed) {
  return allowed.most > 0 ? fmt::format("{}{}", allowed.most, allowed.is_percentage ? " %" : "") : "";
}

std::string summary(const SetOptions& options, const SetTotals& totals, const ListedImages& listed,
                    const json& report) {
  std::string text = fmt::format("{}: {} in {:.2f} s, {:.0f} images/s; {} failed", options.output,
                                 count_text(totals.done + totals.failed, "image"), report.at("seconds").get<double>(),
                                 report.at("images_per_second").get<double>(), count_text(totals.failed));
  if (const std::string allowed = allowed_text(options.allowed_failures); totals.failed > 0 && !allowed.empty()) {
    text += fmt::format(" ({} allowed)", allowed);
  }
  if (totals.earlier > 0) text += fmt::format("; {} done earlier", count_text(totals.earlier));
  if (const std::string skipped = listed.skipped_text(); !skipped.empty()) text += "; skipped: " + skipped;
  if (const auto unread = std::ssize(listed.unread_folders); unread > 0) {
    text += fmt::format("; {} not read", count_text(unread, "folder"));
  }
  if (totals.missing() > 0) {
    text +=
        fmt::format("; stopped by {}: {} missing, {}", totals.stopped_by, count_text(totals.missing()),
                    totals.missing() < totals.images ? "continue with --resume" : "none is done: start the run again");
  }
  return text;
}

}  // namespace

ExitCode SetRun::conclude(const std::vector<Outcome>& outcomes) {
  const bool allowed = options_.allowed_failures.allow(totals_.failed, totals_.images);
  const ExitCode exit_code = totals_.missing() > 0 ? ExitCode::stopped
                             : allowed             ? ExitCode::done
                                                   : ExitCode::some_images_failed;
  json report = gather_common_report(rank_report(work_, run_.resources), run_);
  if (!run_.options.trace.empty()) run_.trace.write(run_.options.trace, run_.communicator);
  if (!run_.is_first_rank()) return exit_code;
  report_failures(outcomes, totals_.failed);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
  add_totals(report, totals_, seconds.count());
  report["output"] = options_.output;
  report["skipped"] = plan_.listed.skipped;
  report["unread_folders"] = std::ssize(plan_.listed.unread_folders);
  if (!run_.options.report.empty()) write_report(report, run_.options.report);
  if (!run_.options.quiet) fmt::print("{}\n", summary(options_, totals_, plan_.listed, report));
  return exit_code;
}

}  // namespace haloedge
