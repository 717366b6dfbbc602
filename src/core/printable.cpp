#include "core/printable.hpp"

#include <fmt/format.h>

namespace haloedge {

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

}  // namespace haloedge
