#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace haloedge {

struct Run;

/// Gathers the ranks' parts of a report. Adds to `rank_report` the rank, its host, its peak memory, and its device if
/// the run has chosen a backend. Returns on rank 0 an object with the keys that the reports of all commands have:
/// version, command line, MPI, the parts of all ranks, and the backend if there is one. Returns null on other ranks.
/// Collective.
[[nodiscard]] nlohmann::json gather_common_report(nlohmann::json rank_report, const Run& run);

/// The text of a JSON value: indented, with a newline at its end. JSON must be UTF-8, so bytes that are not, for
/// example of file names, are replaced.
[[nodiscard]] std::string json_text(const nlohmann::json& value);

/// Writes a report to the file `path`. For rank 0. Throws Error, also as check_report_file().
void write_report(const nlohmann::json& report, const std::string& path);

/// haloedge's version, for example "0.1.0".
[[nodiscard]] std::string_view version_number();
/// "haloedge 0.1.0": the name of this program in the files that it makes.
[[nodiscard]] std::string program_version();

}  // namespace haloedge
