#include "stream/ycbcr.hpp"

#include <algorithm>
#include <cmath>

#include "stream/frame_format.hpp"

namespace haloedge {

namespace {

constexpr double red_share = 0.299;
constexpr double blue_share = 0.114;
constexpr double green_share = 1 - red_share - blue_share;

}  // namespace

YCbCr to_ycbcr(Color color, int bits, bool full_range) {
  const double red = color.red / 255.0;
  const double green = color.green / 255.0;
  const double blue = color.blue / 255.0;
  const double luma = red_share * red + green_share * green + blue_share * blue;
  // Both are -0.5 to 0.5.
  const double to_blue = (blue - luma) / (2 * (1 - blue_share));
  const double to_red = (red - luma) / (2 * (1 - red_share));

  const std::uint32_t most = full_scale(bits);
  const double unit = std::ldexp(1.0, bits - 8);
  const double black = full_range ? 0 : 16 * unit;
  const double luma_scale = full_range ? most : 219 * unit;
  const double chroma_scale = full_range ? most : 224 * unit;
  // In full range a pure blue, or red, is half a step above what there is.
  const auto sample = [&](double value) { return std::min(static_cast<std::uint32_t>(std::lround(value)), most); };
  return {.y = sample(black + luma_scale * luma),
          .cb = sample(neutral_chroma(bits) + chroma_scale * to_blue),
          .cr = sample(neutral_chroma(bits) + chroma_scale * to_red)};
}

}  // namespace haloedge
