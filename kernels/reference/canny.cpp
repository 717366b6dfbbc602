#include <algorithm>
#include <cstdlib>
#include <vector>

#include "kernels/reference/reference.hpp"

namespace haloedge::kernels::reference {

namespace {

/// tan 22.5 degrees in units of 1/32768.
constexpr std::int32_t tangent_unit = 1 << 15;
constexpr std::int32_t tangent = 13573;

struct Gradient {
  std::int32_t x = 0;
  std::int32_t y = 0;
  std::int32_t size = 0;
};

/// The gradient of the pixel at column x of the middle one of three rows.
Gradient gradient_at(const std::byte* const* rows, std::int64_t x, Norm norm) {
  const auto at = [&](int row, std::int64_t column) {
    return static_cast<std::int32_t>(reinterpret_cast<const std::uint8_t*>(rows[row])[column]);
  };
  Gradient g;
  for (int i = -1; i <= 1; ++i) {
    const std::int32_t weight = i == 0 ? 2 : 1;
    g.x += weight * (at(1 + i, x + 1) - at(1 + i, x - 1));
    g.y += weight * (at(2, x + i) - at(0, x + i));
  }
  g.size = norm == Norm::l1 ? std::abs(g.x) + std::abs(g.y) : g.x * g.x + g.y * g.y;
  return g;
}

/// The gradients of a rectangle and of the pixels around it, 0 outside the image.
class Gradients {
 public:
  Gradients(Norm norm, const std::byte* const* gray_rows, std::int64_t column, ImageEnds ends, const Plane& out)
      : stride_(out.width + 2), at_(static_cast<std::size_t>(stride_ * (out.rows + 2))) {
    for (std::int64_t y = ends.above ? 0 : -1; y < out.rows + (ends.below ? 0 : 1); ++y) {
      for (std::int64_t x = ends.left ? 0 : -1; x < out.width + (ends.right ? 0 : 1); ++x) {
        at_[place(x, y)] = gradient_at(gray_rows + y + 1, column + x, norm);
      }
    }
  }

  [[nodiscard]] const Gradient& at(std::int64_t x, std::int64_t y) const { return at_[place(x, y)]; }

 private:
  [[nodiscard]] std::size_t place(std::int64_t x, std::int64_t y) const {
    return static_cast<std::size_t>((y + 1) * stride_ + x + 1);
  }

  std::int64_t stride_;
  std::vector<Gradient> at_;
};

/// Returns whether the gradient at (x, y) is the largest across the edge there.
bool is_maximum(const Gradients& gradients, std::int64_t x, std::int64_t y) {
  const Gradient& g = gradients.at(x, y);
  const std::int32_t across = std::abs(g.x) * tangent;
  const std::int32_t along = std::abs(g.y) * tangent_unit;
  if (along < across) return g.size > gradients.at(x - 1, y).size && g.size >= gradients.at(x + 1, y).size;
  if (along > across + 2 * tangent_unit * std::abs(g.x)) {
    return g.size > gradients.at(x, y - 1).size && g.size >= gradients.at(x, y + 1).size;
  }
  const std::int64_t side = (g.x < 0) == (g.y < 0) ? 1 : -1;
  return g.size > gradients.at(x - side, y - 1).size && g.size > gradients.at(x + side, y + 1).size;
}

}  // namespace

void candidates(const CannyFilter& filter, const std::byte* const* gray_rows, std::int64_t column, ImageEnds ends,
                const Plane& out) {
  const Gradients gradients(filter.norm, gray_rows, column, ends, out);
  for (std::int64_t y = 0; y < out.rows; ++y) {
    auto* to = out.row<std::uint8_t>(y);
    for (std::int64_t x = 0; x < out.width; ++x) {
      const std::int32_t size = gradients.at(x, y).size;
      to[x] = 0;
      if (size <= filter.low || !is_maximum(gradients, x, y)) continue;
      to[x] = static_cast<std::uint8_t>(candidate_bit | (size > filter.high ? strong_bit : 0));
    }
  }
}

void flood_edges(const Plane& classes) {
  const auto at = [&](std::int64_t x, std::int64_t y) -> std::uint8_t& { return classes.row<std::uint8_t>(y)[x]; };
  struct Place {
    std::int64_t x, y;
  };
  constexpr std::uint8_t edge = 255;
  std::vector<Place> reached;
  const auto reach = [&](std::int64_t x, std::int64_t y) {
    at(x, y) = edge;
    reached.push_back({x, y});
  };
  for (std::int64_t y = 0; y < classes.rows; ++y) {
    for (std::int64_t x = 0; x < classes.width; ++x) {
      if (at(x, y) == edge || (at(x, y) & strong_bit) == 0) continue;
      reach(x, y);
      while (!reached.empty()) {
        const Place from = reached.back();
        reached.pop_back();
        for (std::int64_t ny = std::max<std::int64_t>(0, from.y - 1); ny <= std::min(classes.rows - 1, from.y + 1);
             ++ny) {
          for (std::int64_t nx = std::max<std::int64_t>(0, from.x - 1); nx <= std::min(classes.width - 1, from.x + 1);
               ++nx) {
            if (at(nx, ny) != 0 && at(nx, ny) != edge) reach(nx, ny);
          }
        }
      }
    }
  }
  for (std::int64_t y = 0; y < classes.rows; ++y) {
    for (std::int64_t x = 0; x < classes.width; ++x) {
      if (at(x, y) != edge) at(x, y) = 0;
    }
  }
}

}  // namespace haloedge::kernels::reference
