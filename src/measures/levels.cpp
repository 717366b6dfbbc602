#include "measures/levels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/nodata.hpp"
#include "kernels/dispatch.hpp"

namespace haloedge {

namespace {

using kernels::ConstPixels;

constexpr double most_level = 255;

/// Calls take(value, has_data, place) for each colour sample, where `place` is its index in interleaved rows without
/// padding, and signed integers are signed again.
template <class Take>
void each_colour(const ConstPixels& pixels, const ImageInfo& image, const Take& take) {
  const kernels::NodataRule rule = nodata_rule(image, image.nodata, image.alpha_is_mask);
  const int colours = pixels.channels < 3 ? 1 : 3;
  std::vector<std::byte> mask(static_cast<std::size_t>(pixels.width));
  for (std::int64_t y = 0; y < pixels.rows; ++y) {
    ConstPixels line = pixels;
    line.data += y * pixels.row_bytes;
    line.rows = 1;
    kernels::mark_nodata(line, rule, mask.data(), line.width);
    kernels::with_any_sample(line.type, [&](auto tag) {
      const auto* samples = line.row<typename decltype(tag)::Type>(0);
      for (std::int64_t x = 0; x < line.width; ++x) {
        const bool has_data = mask[static_cast<std::size_t>(x)] == std::byte{0};
        for (int colour = 0; colour < colours; ++colour) {
          const std::int64_t at = x * line.channels + colour;
          take(static_cast<double>(samples[at]) - image.zero, has_data,
               static_cast<std::size_t>(y * line.width * line.channels + at));
        }
      }
    });
  }
}

/// The values that one level of 8 bits may stand for, if a picture of 8 bits was stored as another type.
class ByteUnits {
 public:
  explicit ByteUnits(bool is_float) : units_(is_float ? Units{1, 1 / most_level, 1} : Units{1, 256, 257}) {}

  /// Drops the units of which `value` is not a multiple from 0 to 255.
  void take(double value) {
    for (std::size_t i = 0; i < units_.size(); ++i) fits_[i] = fits_[i] && is_level(value / units_[i]);
  }

  /// Returns the unit of all values, or 0 if there is none.
  [[nodiscard]] double common() const {
    const auto found = std::ranges::find(fits_, true);
    return found == fits_.end() ? 0 : units_[static_cast<std::size_t>(found - fits_.begin())];
  }

 private:
  using Units = std::array<double, 3>;

  /// Products with 1/255 are rounded, in 24 bits at least.
  static bool is_level(double level) {
    constexpr double tolerance = 0x1p-20;
    return level >= 0 && level <= most_level * (1 + tolerance) &&
           std::abs(level - std::nearbyint(level)) <= level * tolerance;
  }

  Units units_;
  std::array<bool, 3> fits_{true, true, true};
};

/// The values that become 0 and 255.
struct Range {
  double least = std::numeric_limits<double>::infinity();
  double most = -std::numeric_limits<double>::infinity();

  void take(double value) {
    if (!std::isfinite(value)) return;
    least = std::min(least, value);
    most = std::max(most, value);
  }

  /// Returns 0 for NaN, and for all values if they are the same.
  [[nodiscard]] std::byte level_of(double value) const {
    constexpr double shrink = 0x1p-10;  // the largest doubles would overflow
    const double level = (value * shrink - least * shrink) * most_level / (most * shrink - least * shrink);
    return static_cast<std::byte>(std::lrint(level > 0 ? std::min(level, most_level) : 0.0));
  }
};

}  // namespace

std::vector<std::byte> to_bytes(const ConstPixels& pixels, const ImageInfo& image) {
  ByteUnits units(image.is_float());
  Range range;
  each_colour(pixels, image, [&](double value, bool has_data, std::size_t) {
    units.take(value);
    if (has_data) range.take(value);
  });
  const double unit = units.common();
  if (unit > 0) range = {.least = 0, .most = unit * most_level};
  std::vector<std::byte> bytes(static_cast<std::size_t>(pixels.rows * pixels.width * pixels.channels));
  each_colour(pixels, image, [&](double value, bool has_data, std::size_t place) {
    if (has_data || unit > 0) bytes[place] = range.level_of(value);
  });
  return bytes;
}

}  // namespace haloedge
