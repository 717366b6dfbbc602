#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace haloedge {

/// Throws Error, which names `option`, if the file `path` could not be written at the end of a job. An empty path is
/// none.
void check_writable(const std::string& option, const std::string& path);

/// Writes a report to the file `path`. For rank 0. Throws Error.
void write_report(const nlohmann::json& report, const std::string& path);

/// haloedge's version, for example "0.1.0".
[[nodiscard]] std::string_view version_number();

}  // namespace haloedge
