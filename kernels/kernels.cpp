#include "kernels/kernels.hpp"

#include <cstring>

namespace haloedge::kernels {

namespace {

constexpr std::int64_t modulo(std::int64_t a, std::int64_t n) { return ((a % n) + n) % n; }

}  // namespace

std::int64_t border_index(std::int64_t index, std::int64_t size, Border border) {
  if (0 <= index && index < size) return index;
  switch (border) {
    case Border::reflect: {
      const std::int64_t place = modulo(index, 2 * size);
      return place < size ? place : 2 * size - 1 - place;
    }
    case Border::mirror: {
      if (size == 1) return 0;
      const std::int64_t place = modulo(index, 2 * size - 2);
      return place < size ? place : 2 * size - 2 - place;
    }
    case Border::nearest: return index < 0 ? 0 : size - 1;
    case Border::wrap: return modulo(index, size);
    case Border::constant: break;
  }
  return -1;
}

void fill_constant(std::byte* to, std::int64_t pixels, const BorderFill& fill) {
  const std::int64_t bytes = pixels * fill.pixel_bytes();
  if (fill.type == SampleType::u16) {
    constexpr std::int64_t step = sample_bytes(SampleType::u16);
    for (std::int64_t at = 0; at < bytes; at += step) std::memcpy(to + at, &fill.zero, sizeof(fill.zero));
  } else {
    std::memset(to, fill.zero, static_cast<std::size_t>(bytes));
  }
}

void fill_row_margins(std::byte* row, std::int64_t width, std::int64_t margin, const BorderFill& fill) {
  const std::int64_t pixel_bytes = fill.pixel_bytes();
  const auto fill_column = [&](std::int64_t column) {
    const std::int64_t from = border_index(column, width, fill.border);
    if (from < 0) {
      fill_constant(row + column * pixel_bytes, 1, fill);
    } else {
      std::memcpy(row + column * pixel_bytes, row + from * pixel_bytes, static_cast<std::size_t>(pixel_bytes));
    }
  };
  for (std::int64_t i = 1; i <= margin; ++i) {
    fill_column(-i);
    fill_column(width - 1 + i);
  }
}

double finish_factor(const EdgeFilter& filter, double scale) {
  const double full_in =
      filter.component == Component::direction ? 1.0 : full_scale(filter.gray_type, filter.gray_zero);
  return scale * full_scale(filter.out_type) / full_in;
}

}  // namespace haloedge::kernels
