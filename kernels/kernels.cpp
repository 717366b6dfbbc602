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

void fill_row_margins(std::byte* row, std::int64_t width, std::int64_t margin, std::int64_t pixel_bytes,
                      Border border) {
  const auto fill = [&](std::int64_t column) {
    const std::int64_t from = border_index(column, width, border);
    if (from < 0) {
      std::memset(row + column * pixel_bytes, 0, static_cast<std::size_t>(pixel_bytes));
    } else {
      std::memcpy(row + column * pixel_bytes, row + from * pixel_bytes, static_cast<std::size_t>(pixel_bytes));
    }
  };
  for (std::int64_t i = 1; i <= margin; ++i) {
    fill(-i);
    fill(width - 1 + i);
  }
}

float finish_factor(const EdgeFilter& filter, double scale) {
  const double full_in = filter.component == Component::direction ? 1.0 : full_scale(filter.gray_type);
  return static_cast<float>(scale * full_scale(filter.out_type) / full_in);
}

}  // namespace haloedge::kernels
