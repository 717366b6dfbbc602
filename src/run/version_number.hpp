#pragma once

#include <string_view>

namespace haloedge {

/// "0.1.0"
[[nodiscard]] std::string_view version_number();

}  // namespace haloedge
