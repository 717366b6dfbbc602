#include "run/report.hpp"

#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/system.hpp"
#include "run/named_files.hpp"
#include "run/run.hpp"

namespace haloedge {

using nlohmann::json;

json gather_common_report(json rank_report, const Run& run) {
  const bool has_backend = !run.backend.name.empty();
  rank_report["rank"] = run.communicator.rank();
  rank_report["host"] = host_name();
  rank_report["peak_resident_bytes"] = peak_resident_bytes();
  if (has_backend) rank_report["device"] = run.backend.host ? "" : run.backend.detail;
  const std::vector<std::string> texts = run.communicator.gather(json_text(rank_report));
  if (!run.is_first_rank()) return nullptr;
  json report{{"haloedge", version_number()},
              {"command_line", run.command_line},
              {"mpi", run.communicator.library()},
              {"ranks", texts.size()},
              {"per_rank", json::array()}};
  for (const std::string& text : texts) report["per_rank"].push_back(json::parse(text));
  if (has_backend) {
    report["backend"] = run.backend.name;
    report["instruction_set"] = run.backend.host ? run.backend.detail : "";
    report["no_device"] = run.backend.why_no_device;
  }
  return report;
}

std::string json_text(const json& value) { return value.dump(2, ' ', false, json::error_handler_t::replace) + '\n'; }

void write_report(const json& report, const std::string& path) {
  check_report_file("--report", path);
  std::ofstream file(path);
  file << json_text(report);
  file.close();
  if (!file) throw Error(fmt::format("--report {}: cannot be written; the output itself is complete", path));
}

std::string_view version_number() { return HALOEDGE_VERSION; }

std::string program_version() { return fmt::format("haloedge {}", version_number()); }

}  // namespace haloedge
