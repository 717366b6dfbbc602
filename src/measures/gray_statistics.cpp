#include "measures/gray_statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace haloedge {

namespace {

double pixels_of(const kernels::ConstPixels& image) {
  return static_cast<double>(image.width) * static_cast<double>(image.rows);
}

/// The Sobel derivatives of a row, from three rows of gray.
struct ThreeRows {
  explicit ThreeRows(const std::byte* const* rows)
      : above(reinterpret_cast<const std::uint8_t*>(rows[0])),
        middle(reinterpret_cast<const std::uint8_t*>(rows[1])),
        below(reinterpret_cast<const std::uint8_t*>(rows[2])) {}

  // 16 bits are enough for every sum, and a vector has twice as many of them as of 32 bits.
  [[nodiscard]] std::int16_t x_at(std::int64_t x) const {
    const auto column = [&](std::int64_t at) {
      return static_cast<std::int16_t>(above[at] + 2 * middle[at] + below[at]);
    };
    return static_cast<std::int16_t>(column(x + 1) - column(x - 1));
  }
  [[nodiscard]] std::int16_t y_at(std::int64_t x) const {
    const auto row = [&](const std::uint8_t* of) {
      return static_cast<std::int16_t>(of[x - 1] + 2 * of[x] + of[x + 1]);
    };
    return static_cast<std::int16_t>(row(below) - row(above));
  }

  const std::uint8_t* above;
  const std::uint8_t* middle;
  const std::uint8_t* below;
};

std::int64_t sum_of_l1(const ThreeRows& rows, std::int64_t width) {
  constexpr std::int64_t part = 1 << 16;  // the sum of so many magnitudes is far below 2^31
  std::int64_t sum = 0;
  for (std::int64_t begin = 0; begin < width; begin += part) {
    std::int32_t part_sum = 0;
    for (std::int64_t x = begin; x < std::min(width, begin + part); ++x) {
      const std::int16_t gx = rows.x_at(x);
      const std::int16_t gy = rows.y_at(x);
      part_sum += static_cast<std::int16_t>((gx < 0 ? -gx : gx) + (gy < 0 ? -gy : gy));
    }
    sum += part_sum;
  }
  return sum;
}

void row_magnitudes_l2(const ThreeRows& rows, std::vector<float>& out) {
  float* to = out.data();
  const std::int64_t width = std::ssize(out);
  for (std::int64_t x = 0; x < width; ++x) {
    const std::int32_t gx = rows.x_at(x);
    const std::int32_t gy = rows.y_at(x);
    to[x] = std::sqrt(static_cast<float>(gx * gx + gy * gy));
  }
}

/// Returns the sum of the values. Vectors of different lengths can all add in this order.
double sum_of(const std::vector<float>& values) {
  std::array<double, 8> lanes{};
  std::size_t i = 0;
  for (; i + lanes.size() <= values.size(); i += lanes.size()) {
    for (std::size_t lane = 0; lane < lanes.size(); ++lane) lanes[lane] += static_cast<double>(values[i + lane]);
  }
  double sum = 0;
  for (; i < values.size(); ++i) sum += static_cast<double>(values[i]);
  for (const double lane : lanes) sum += lane;
  return sum;
}

}  // namespace

double gray_entropy(const kernels::ConstPixels& gray) {
  // Neighbouring pixels are often equal, and incrementing one counter repeatedly is slow: so there are several tables.
  constexpr std::int64_t tables = 8;
  std::array<std::array<std::int64_t, 256>, tables> counts{};
  for (std::int64_t y = 0; y < gray.rows; ++y) {
    const std::uint8_t* row = gray.row<std::uint8_t>(y);
    std::int64_t x = 0;
    for (; x + tables <= gray.width; x += tables) {
      std::uint64_t samples = 0;
      std::memcpy(&samples, row + x, sizeof(samples));
      for (auto& table : counts) {
        ++table[samples & 0xFFU];
        samples >>= 8;
      }
    }
    for (; x < gray.width; ++x) ++counts[0][row[x]];
  }
  double entropy = 0;
  for (std::size_t level = 0; level < counts[0].size(); ++level) {
    std::int64_t count = 0;
    for (const auto& table : counts) count += table[level];
    const double part = static_cast<double>(count) / pixels_of(gray);
    if (count > 0) entropy -= part * std::log2(part);
  }
  return entropy;
}

double edge_density(const kernels::ConstPixels& edges) {
  std::int64_t set = 0;
  for (std::int64_t y = 0; y < edges.rows; ++y) {
    const std::uint8_t* row = edges.row<std::uint8_t>(y);
    std::uint32_t in_row = 0;
    for (std::int64_t x = 0; x < edges.width; ++x) in_row += row[x] != 0 ? 1 : 0;
    set += in_row;
  }
  return static_cast<double>(set) / pixels_of(edges);
}

double mean_gradient(const kernels::BorderedPlane& gray, kernels::Norm norm) {
  const kernels::ConstPixels pixels = gray.pixels();
  const std::byte* const* rows = gray.rows(kernels::stencil_radius);
  std::vector<float> magnitudes(static_cast<std::size_t>(pixels.width));
  double sum = 0;
  for (std::int64_t y = 0; y < pixels.rows; ++y) {
    const ThreeRows three(rows + y);
    if (norm == kernels::Norm::l1) {
      sum += static_cast<double>(sum_of_l1(three, pixels.width));
    } else {
      row_magnitudes_l2(three, magnitudes);
      sum += sum_of(magnitudes);
    }
  }
  return sum / pixels_of(pixels);
}

}  // namespace haloedge
