#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace haloedge {

/// Returns the rows of a table of scores by their paths: all columns except `seconds`, and all digits of numbers.
[[nodiscard]] std::map<std::string, std::string> score_rows(const std::filesystem::path& table);

/// Returns the first column of the first row that a query gives, or "NULL" for NULL.
[[nodiscard]] std::string first_value(const std::filesystem::path& table, const std::string& query);

}  // namespace haloedge
