#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

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

}  // namespace haloedge
