#include "kernels/dhash.hpp"

#include <algorithm>
#include <cmath>

namespace haloedge::kernels {

namespace {

constexpr float weight_unit = 2048;

std::int32_t to_weight(float part) { return static_cast<std::int32_t>(std::nearbyint(part * weight_unit)); }

}  // namespace

Dhash::Tap Dhash::tap(std::int64_t at, std::int64_t out_size, std::int64_t size) {
  // OpenCV computes in double and float by turns, and the weights depend on it.
  const double scale = 1.0 / (static_cast<double>(out_size) / static_cast<double>(size));
  const auto place = static_cast<float>((static_cast<double>(at) + 0.5) * scale - 0.5);
  const auto first = static_cast<std::int64_t>(std::floor(place));
  const float part = place - static_cast<float>(first);
  // Beyond the image the outermost sample takes both places. OpenCV does the same in rows; in columns it gives one
  // sample all of the weight, which makes no difference, since the weighted samples are added before anything is
  // rounded.
  return {std::clamp<std::int64_t>(first, 0, size - 1), std::clamp<std::int64_t>(first + 1, 0, size - 1),
          to_weight(1.0F - part), to_weight(part)};
}

Dhash::Dhash(std::int64_t width, std::int64_t height) {
  for (std::size_t x = 0; x < columns_out; ++x)
    column_taps_.at(x) = tap(static_cast<std::int64_t>(x), columns_out, width);
  for (std::size_t y = 0; y < rows_out; ++y) {
    row_taps_.at(y) = tap(static_cast<std::int64_t>(y), rows_out, height);
    rows_.push_back(row_taps_.at(y).first);
    rows_.push_back(row_taps_.at(y).second);
  }
  std::sort(rows_.begin(), rows_.end());
  rows_.erase(std::unique(rows_.begin(), rows_.end()), rows_.end());
  const auto place_of = [&](std::int64_t row) {
    return std::lower_bound(rows_.begin(), rows_.end(), row) - rows_.begin();
  };
  for (Tap& row : row_taps_) {
    row.first = place_of(row.first);
    row.second = place_of(row.second);
  }
}

Dhash::Result Dhash::of(std::span<const std::uint8_t* const> gray_rows) const {
  const auto across = [](const std::uint8_t* row, const Tap& tap) {
    return row[tap.first] * tap.first_weight + row[tap.second] * tap.second_weight;
  };
  const auto down = [](std::int32_t sample, std::int32_t weight) { return (weight * (sample >> 4)) >> 16; };
  Result result{.flat = true};
  for (std::size_t y = 0; y < rows_out; ++y) {
    const Tap& row = row_taps_.at(y);
    const std::uint8_t* first = gray_rows[static_cast<std::size_t>(row.first)];
    const std::uint8_t* second = gray_rows[static_cast<std::size_t>(row.second)];
    std::int32_t left = 0;
    for (std::size_t x = 0; x < columns_out; ++x) {
      const Tap& column = column_taps_.at(x);
      const std::int32_t sample =
          (down(across(first, column), row.first_weight) + down(across(second, column), row.second_weight) + 2) >> 2;
      if (x > 0 && sample > left) result.hash |= std::uint64_t{1} << (8 * y + x - 1);
      if (x > 0 && sample != left) result.flat = false;
      left = sample;
    }
  }
  return result;
}

}  // namespace haloedge::kernels
