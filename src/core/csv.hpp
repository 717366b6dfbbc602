#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace haloedge {

/// A field of a CSV file, in quotes where it needs them, as RFC 4180 has it.
[[nodiscard]] std::string csv_field(const std::string& text);

/// The fields of the lines of a CSV file, one line a call. Lines end with \n or \r\n. The text must outlive it.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {}

  /// False at the end of the text.
  [[nodiscard]] bool next_line(std::vector<std::string>& fields);

 private:
  /// Ends at the comma or newline behind the field.
  std::string next_field();

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace haloedge
