#include "run/named_files.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "core/error.hpp"
#include "core/file.hpp"

namespace haloedge {

namespace fs = std::filesystem;

namespace {

/// Returns true if the file is empty or begins as JSON does.
bool may_be_report(const std::string& path) {
  const File file = File::open_to_read(path);
  if (file.size() == 0) return true;
  std::array<std::byte, 1> first{};
  file.read_at(0, first);
  return first[0] == std::byte{'{'} || first[0] == std::byte{'['};
}

}  // namespace

void check_named_files(const std::vector<std::string>& inputs, std::vector<NamedOutput> outputs,
                       const CommonOptions& options) {
  outputs.push_back({"--report", options.report});
  outputs.push_back({"--trace", options.trace});
  std::map<std::string, std::string> option_of;  // by the identity of the file; an input has no option
  for (const std::string& input : inputs) option_of.emplace(file_identity(input), "");
  for (const auto& [option, path] : outputs) {
    const std::string identity = file_identity(path);
    if (identity.empty()) continue;
    const auto [other, is_new] = option_of.emplace(identity, option);
    if (is_new || other->second == option) continue;
    if (other->second.empty()) {
      throw UsageError(fmt::format("{} {}: is the input itself: choose another output", option, path));
    }
    throw UsageError(fmt::format("{} and {} name the same file: {}", other->second, option, path));
  }
  check_report_file("--report", options.report);
  check_report_file("--trace", options.trace);
}

void check_report_file(const std::string& option, const std::string& path) {
  if (path.empty()) return;
  const fs::path folder = fs::absolute(path).parent_path();
  const std::string& target = fs::exists(path) ? path : folder.string();
  if (fs::is_directory(path) || ::access(target.c_str(), W_OK) != 0) {
    throw Error(fmt::format("{} {}: cannot be written: the folder must exist, and you must be allowed to write there",
                            option, path));
  }
  if (fs::is_regular_file(path) && !may_be_report(path)) {
    throw Error(fmt::format("{} {}: already exists and is not a report: give another file", option, path));
  }
}

}  // namespace haloedge
