#include "stream/rates_text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "stream/hud.hpp"

namespace haloedge {

void draw_rates(const Y4mHeader& painted, const StreamLog& log, std::optional<std::int64_t> age, std::byte* frame) {
  std::array<char, 96> text{};
  const auto rates = fmt::format_to_n(text.data(), text.size(), "SOURCE {:.1f} FPS  FILTER {:.1f} FPS  AGE ",
                                      log.source_rate(), log.filter_rate());
  const std::size_t left = text.size() - std::min(rates.size, text.size());
  const auto end = age ? fmt::format_to_n(rates.out, left, "{}", *age) : fmt::format_to_n(rates.out, left, "-");
  const auto length = static_cast<std::size_t>(end.out - text.data());
  draw_text(painted.format, painted.full_range(), std::string_view(text.data(), length), frame);
}

}  // namespace haloedge
