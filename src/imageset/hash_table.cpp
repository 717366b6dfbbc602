#include "imageset/hash_table.hpp"

#include <algorithm>
#include <ctime>
#include <string_view>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "core/text_file.hpp"

namespace haloedge {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

namespace {

std::string csv_line(const HashedImage& image) {
  const std::string hash = image.error.empty() ? fmt::format("{:016x}", image.hash) : "";
  return fmt::format("{},{},{},{},{},{},{}\n", csv_field(image.file.path), hash, image.width, image.height,
                     image.file.bytes, time_text(image.file.modified), csv_field(image.error));
}

}  // namespace

std::string time_text(std::int64_t nanoseconds) {
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t part = (nanoseconds % second + second) % second;
  const std::time_t whole = (nanoseconds - part) / second;
  std::tm utc{};
  ::gmtime_r(&whole, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, part);
}

void write_hash_csv(const std::filesystem::path& path, const std::vector<HashedImage>& images) {
  std::string text = "path,hash,width,height,bytes,modified,error\n";
  for (const HashedImage& image : images) text += csv_line(image);
  write_text_file(path, text);
}

namespace {

/// The fields of the lines of a CSV file, one line a call.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {}

  /// False at the end of the text.
  bool next_line(std::vector<std::string>& fields) {
    fields.clear();
    if (at_ >= text_.size()) return false;
    do {
      fields.push_back(next_field());
    } while (at_ < text_.size() && text_[at_++] == ',');
    return true;
  }

 private:
  /// Ends at the comma or newline behind the field.
  std::string next_field() {
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

  std::string_view text_;
  std::size_t at_ = 0;
};

template <class Number>
Number to_number(const std::string& text, int base, const std::string& where) {
  const auto number = parse_number<Number>(text, base);
  if (!number) throw Error(fmt::format("{}: '{}' is not a number", where, text));
  return *number;
}

}  // namespace

std::vector<HashedImage> read_hash_csv(const std::filesystem::path& path) {
  const std::string text = read_text_file(path);
  CsvReader reader(text);
  std::vector<std::string> fields;
  const std::vector<std::string> columns{"path", "hash", "width", "height", "bytes", "modified", "error"};
  if (!reader.next_line(fields) || fields != columns) {
    throw Error(
        fmt::format("{}: is not a table of hashes: its first line is not 'path,hash,width,...'", path.string()));
  }
  std::vector<HashedImage> images;
  while (reader.next_line(fields)) {
    if (fields.size() == 1 && fields.front().empty()) continue;
    const std::string where = fmt::format("{}: image {}", path.string(), images.size() + 1);
    if (fields.size() != columns.size())
      throw Error(fmt::format("{}: {} fields, not {}", where, fields.size(), columns.size()));
    HashedImage image;
    image.file.path = fields[0];
    image.error = fields[6];
    if (image.error.empty()) image.hash = to_number<std::uint64_t>(fields[1], 16, where);
    image.width = to_number<std::int64_t>(fields[2], 10, where);
    image.height = to_number<std::int64_t>(fields[3], 10, where);
    image.file.bytes = to_number<std::int64_t>(fields[4], 10, where);
    images.push_back(std::move(image));
  }
  return images;
}

}  // namespace haloedge
