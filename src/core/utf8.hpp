#pragma once

#include <string>
#include <string_view>

namespace haloedge {

/// Whether all of `text` is valid UTF-8, which names of files need not be.
[[nodiscard]] bool is_utf8(std::string_view text);

/// `text` with U+FFFD, the replacement character, for every byte that is no part of a valid character.
[[nodiscard]] std::string as_utf8(std::string_view text);

}  // namespace haloedge
