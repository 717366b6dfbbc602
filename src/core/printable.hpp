#pragma once

#include <string>
#include <string_view>

namespace haloedge {

/// Text for a terminal or log: control characters, which file names may hold, become \n, \t or \x1b and the like.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace haloedge
