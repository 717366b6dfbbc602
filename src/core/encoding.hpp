#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haloedge {

/// Returns the text for a terminal or a log. Control characters, which file names may contain, become \n, \t, \x1b and
/// the like.
[[nodiscard]] std::string printable(std::string_view text);

/// Does the same for a text of several lines: newlines stay.
[[nodiscard]] std::string printable_lines(std::string_view text);

/// Returns true if `text` is valid UTF-8. File names may be invalid.
[[nodiscard]] bool is_utf8(std::string_view text);

/// Returns the text with U+FFFD, the replacement character, in place of every byte that is not part of a valid UTF-8
/// character.
[[nodiscard]] std::string as_utf8(std::string_view text);

/// Returns the text for an HTML page, between tags or in a quoted attribute. Applies printable() and as_utf8(), then
/// escapes the special characters of HTML.
[[nodiscard]] std::string html_text(std::string_view text);

/// Returns the path of a file for a URL (RFC 3986): all bytes become %XX except letters, digits, "-._~" and slashes.
[[nodiscard]] std::string url_path(std::string_view path);

/// Returns the bytes in Base64 (RFC 4648), padded, in one line.
[[nodiscard]] std::string base64(std::span<const std::byte> bytes);

/// Joins text fields into a message between ranks. A NUL ends each field, so fields may contain any other byte, as file
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

/// Splits a message that a FieldWriter made. The text must outlive the reader and the fields.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return text_.empty(); }
  /// Returns the next field. Throws std::logic_error if no NUL ends it.
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

/// Returns the text as one word of a command line, quoted for the shell if necessary.
[[nodiscard]] std::string shell_word(const std::string& text);

/// Returns the text as a field of a CSV file (RFC 4180), quoted if necessary.
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
