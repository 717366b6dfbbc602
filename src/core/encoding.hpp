#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haloedge {

/// Text for a terminal or a log. Control characters, which file names may contain, become \n, \t, \x1b and the like.
[[nodiscard]] std::string printable(std::string_view text);

/// Whether `text` is valid UTF-8. File names need not be.
[[nodiscard]] bool is_utf8(std::string_view text);

/// Replaces every byte that is not part of a valid UTF-8 character by U+FFFD, the replacement character.
[[nodiscard]] std::string as_utf8(std::string_view text);

/// Text for an HTML page, between tags or in a quoted attribute: printable() and as_utf8(), with HTML's own characters
/// escaped.
[[nodiscard]] std::string html_text(std::string_view text);

/// A file's path for a URL (RFC 3986). All bytes become %XX except letters, digits, "-._~" and slashes.
[[nodiscard]] std::string url_path(std::string_view path);

/// Base64 (RFC 4648), padded, in one line.
[[nodiscard]] std::string base64(std::span<const std::byte> bytes);

/// Joins text fields into a message between ranks, each ended by a NUL. Fields may contain any other byte, as file
/// names do.
class FieldWriter {
 public:
  void add(std::string_view field) {
    text_ += field;
    text_ += '\0';
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  /// Moves the text out.
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// Splits a message that a FieldWriter made.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return text_.empty(); }
  /// Throws std::logic_error if the field has no end.
  [[nodiscard]] std::string_view next() {
    const std::size_t end = text_.find('\0');
    if (end == std::string_view::npos) throw std::logic_error("a message between ranks was cut");
    const std::string_view field = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return field;
  }

 private:
  std::string_view text_;
};

/// A field for a CSV file (RFC 4180), quoted if it needs to be.
[[nodiscard]] std::string csv_field(const std::string& text);

/// Reads the lines of a CSV file, which end with \n or \r\n. The text must outlive the reader.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {}

  /// Reads the fields of the next line. Returns false at the end of the text.
  [[nodiscard]] bool next_line(std::vector<std::string>& fields);

 private:
  /// Leaves `at_` at the comma or newline after the field.
  std::string next_field();

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace haloedge
