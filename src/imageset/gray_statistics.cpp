#include "imageset/gray_statistics.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace haloedge {

namespace {

const std::uint8_t* row_of(const kernels::ConstPixels& pixels, std::int64_t y) {
  return reinterpret_cast<const std::uint8_t*>(pixels.data + y * pixels.row_bytes);
}

double pixels_of(const kernels::ConstPixels& image) {
  return static_cast<double>(image.width) * static_cast<double>(image.rows);
}

/// The magnitudes of a row; `rows` are that above it, itself and that below it.
template <class Magnitude>
void row_magnitudes(const std::byte* const* rows, Magnitude magnitude, std::vector<float>& out) {
  const auto* above = reinterpret_cast<const std::uint8_t*>(rows[0]);
  const auto* middle = reinterpret_cast<const std::uint8_t*>(rows[1]);
  const auto* below = reinterpret_cast<const std::uint8_t*>(rows[2]);
  float* to = out.data();
  const std::int64_t width = std::ssize(out);
  for (std::int64_t x = 0; x < width; ++x) {
    const int left = above[x - 1] + 2 * middle[x - 1] + below[x - 1];
    const int right = above[x + 1] + 2 * middle[x + 1] + below[x + 1];
    const int top = above[x - 1] + 2 * above[x] + above[x + 1];
    const int bottom = below[x - 1] + 2 * below[x] + below[x + 1];
    to[x] = magnitude(right - left, bottom - top);
  }
}

/// In an order that vectors of any length can follow.
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
  // Several tables: neighbours are often alike, and a counter waits for its last increment.
  constexpr std::size_t tables = 4;
  std::array<std::array<std::int64_t, 256>, tables> counts{};
  for (std::int64_t y = 0; y < gray.rows; ++y) {
    const std::uint8_t* row = row_of(gray, y);
    for (std::int64_t x = 0; x < gray.width; ++x) ++counts[static_cast<std::size_t>(x) % tables][row[x]];
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
    const std::uint8_t* row = row_of(edges, y);
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
    if (norm == kernels::Norm::l1) {
      row_magnitudes(
          rows + y, [](int gx, int gy) { return static_cast<float>(std::abs(gx) + std::abs(gy)); }, magnitudes);
    } else {
      row_magnitudes(
          rows + y, [](int gx, int gy) { return std::sqrt(static_cast<float>(gx * gx + gy * gy)); }, magnitudes);
    }
    sum += sum_of(magnitudes);
  }
  return sum / pixels_of(pixels);
}

}  // namespace haloedge
