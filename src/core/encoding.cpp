#include "core/encoding.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

#include <fmt/format.h>

#include "kernels/arithmetic.hpp"

namespace haloedge {

namespace {

/// The length in bytes of the valid character at the beginning of `text`; 0 if there is none.
std::size_t character_bytes(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < bytes) return 0;
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Refuses overlong forms, surrogates, and characters above U+10FFFF.
  const unsigned second = byte(1);
  const bool wrong = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                     (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
  return wrong ? 0 : bytes;
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr char del = 0x7f;
  std::string shown;
  for (const char c : text) {
    if (c == '\n') {
      shown += "\\n";
    } else if (c == '\t') {
      shown += "\\t";
    } else if ((c >= 0 && c < ' ') || c == del) {
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      shown += c;
    }
  }
  return shown;
}

std::string printable_lines(std::string_view text) {
  std::string shown;
  for (const char& c : text) shown += c == '\n' ? "\n" : printable({&c, 1});
  return shown;
}

bool is_utf8(std::string_view text) { return as_utf8(text) == text; }

std::string as_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    valid += bytes > 0 ? text.substr(0, bytes) : "\ufffd";
    text.remove_prefix(bytes > 0 ? bytes : 1);
  }
  return valid;
}

std::string html_text(std::string_view text) {
  constexpr std::string_view special = "&<>\"'";
  constexpr std::array<std::string_view, special.size()> escapes{"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
  std::string escaped;
  for (const char c : as_utf8(printable(text))) {
    const std::size_t place = special.find(c);
    escaped += place == std::string_view::npos ? std::string_view(&c, 1) : escapes.at(place);
  }
  return escaped;
}

std::string url_path(std::string_view path) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string url;
  for (const char c : path) {
    if (plain.find(c) != std::string_view::npos) {
      url += c;
    } else {
      url += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return url;
}

std::string base64(std::span<const std::byte> bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::size_t group_bytes = 3;
  constexpr std::size_t group_digits = 4;
  std::string text;
  text.reserve(divide_up(bytes.size(), group_bytes) * group_digits);
  for (std::size_t i = 0; i < bytes.size(); i += group_bytes) {
    const auto group = bytes.subspan(i, std::min(group_bytes, bytes.size() - i));
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < group_bytes; ++k) {
      bits = bits << 8 | (k < group.size() ? std::to_integer<std::uint32_t>(group[k]) : 0);
    }
    for (std::size_t k = 0; k < group_digits; ++k) text += k <= group.size() ? digits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::string shell_word(const std::string& text) {
  constexpr std::string_view plain_signs = "_-./:,@%+=";
  const auto is_plain = [plain_signs](unsigned char c) {
    return std::isalnum(c) != 0 || plain_signs.find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!text.empty() && std::ranges::all_of(text, is_plain)) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + '\'';
}

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
