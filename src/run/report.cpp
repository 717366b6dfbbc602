#include "run/report.hpp"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "core/error.hpp"

namespace haloedge {

using nlohmann::json;

void check_writable(const std::string& option, const std::string& path) {
  if (path.empty()) return;
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  const std::string& target = std::filesystem::exists(path) ? path : folder.string();
  if (std::filesystem::is_directory(path) || ::access(target.c_str(), W_OK) != 0) {
    throw Error(fmt::format("{} {}: cannot be written: is the folder there, and yours?", option, path));
  }
}

void write_report(const json& report, const std::string& path) {
  std::ofstream file(path);
  file << report.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
  file.close();
  if (!file) throw Error(fmt::format("--report {}: cannot be written; the output itself is complete", path));
}

std::string_view version_number() { return HALOEDGE_VERSION; }

}  // namespace haloedge
