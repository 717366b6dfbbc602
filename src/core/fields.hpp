#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace haloedge {

/// Text fields in one string, each ended by a NUL: what ranks send each other. Fields hold no NUL themselves, but any
/// other byte, as file names do.
class FieldWriter {
 public:
  void add(std::string_view field) {
    text_ += field;
    text_ += '\0';
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  /// The text, which this has no more.
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

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

}  // namespace haloedge
