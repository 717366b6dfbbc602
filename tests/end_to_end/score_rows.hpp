#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace haloedge {

/// The rows of a table of scores by their paths: all columns but `seconds`, numbers to their last digit.
[[nodiscard]] std::map<std::string, std::string> score_rows(const std::filesystem::path& table);

/// The first column of the first row that a query gives; "NULL" for NULL.
[[nodiscard]] std::string first_value(const std::filesystem::path& table, const std::string& query);

}  // namespace haloedge
