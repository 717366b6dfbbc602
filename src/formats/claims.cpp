#include "formats/claims.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"

namespace haloedge {

void check_claim(const std::string& name, std::int64_t width, std::int64_t height, double least_bytes,
                 std::int64_t file_bytes) {
  if (std::min(width, height) < 1 || std::max(width, height) > largest_side) {
    throw Error(fmt::format("{}: the header claims {} x {} px, but a side has 1 to 2,147,483,648 px: it is damaged",
                            name, count_text(width), count_text(height)));
  }
  if (least_bytes > static_cast<double>(file_bytes)) {
    throw Error(
        fmt::format("{}: the header claims {} x {} px, which a file of {} cannot contain: it is damaged or truncated",
                    name, count_text(width), count_text(height), size_text(file_bytes)));
  }
}

}  // namespace haloedge
