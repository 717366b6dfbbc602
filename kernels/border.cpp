#include "kernels/kernels.hpp"

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
    case Border::nearest:
      return index < 0 ? 0 : size - 1;
    case Border::wrap:
      return modulo(index, size);
    case Border::constant:
      break;
  }
  return -1;
}

}  // namespace haloedge::kernels
