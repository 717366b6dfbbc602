#include "stream/rates_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "stream/hud.hpp"

namespace haloedge {

std::string_view rates_text(double source, double filter, std::optional<std::int64_t> age, std::int64_t letters,
                            RatesBuffer& buffer) {
  std::array<char, 24> frames{'-'};
  std::size_t digits = 1;
  if (age) digits = static_cast<std::size_t>(fmt::format_to(frames.data(), "{}", *age) - frames.data());
  const std::string_view age_text(frames.data(), digits);
  for (const char* form : {"SOURCE {:.1f} FPS  FILTER {:.1f} FPS  AGE {}", "S {:.1f} F {:.1f} A {}"}) {
    const auto text = fmt::format_to_n(buffer.data(), buffer.size(), fmt::runtime(form), source, filter, age_text);
    if (text.size <= std::min(buffer.size(), static_cast<std::size_t>(letters))) return {buffer.data(), text.size};
  }
  return {};
}

void draw_rates(const Y4mHeader& painted, const StreamLog& log, std::optional<std::int64_t> age, std::byte* frame) {
  RatesBuffer buffer{};
  draw_text(painted.format, painted.full_range(),
            rates_text(log.source_rate(), log.filter_rate(), age, letters_that_fit(painted.format), buffer), frame);
}

}  // namespace haloedge
