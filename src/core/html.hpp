#pragma once

#include <string>
#include <string_view>

namespace haloedge {

/// Text as it is written in an HTML page, between tags and in quoted attributes. Control characters become \n, \x1b and
/// the like, bytes that are not UTF-8 replacement characters.
[[nodiscard]] std::string html_text(std::string_view text);

/// A file's path as it is written in a URL (RFC 3986): of its bytes, whatever they are, all become %XX but letters,
/// digits, "-._~" and the slashes.
[[nodiscard]] std::string url_path(std::string_view path);

}  // namespace haloedge
