#include "core/fields.hpp"

#include <algorithm>

namespace haloedge {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

bool CsvReader::next_line(std::vector<std::string>& fields) {
  fields.clear();
  if (at_ >= text_.size()) return false;
  do {
    fields.push_back(next_field());
  } while (at_ < text_.size() && text_[at_++] == ',');
  return true;
}

std::string CsvReader::next_field() {
  std::string field;
  if (at_ < text_.size() && text_[at_] == '"') {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"' && (++at_ >= text_.size() || text_[at_] != '"')) break;
      field += text_[at_];
    }
  }
  const std::size_t end = std::min(text_.find_first_of(",\n", at_), text_.size());
  std::string_view rest = text_.substr(at_, end - at_);
  if (rest.ends_with('\r') && (end == text_.size() || text_[end] == '\n')) rest.remove_suffix(1);
  at_ = end;
  return field += rest;
}

}  // namespace haloedge
