#include "kernels/reference/reference.hpp"

namespace haloedge::kernels::reference {

void blur(const GaussianWeights& weights, const std::byte* const* gray_rows, std::int64_t column, const Plane& out) {
  const std::int64_t radius = weights.radius();
  constexpr std::uint32_t half = 1U << 15;
  for (std::int64_t y = 0; y < out.rows; ++y) {
    for (std::int64_t x = 0; x < out.width; ++x) {
      std::uint32_t sum = half;
      for (std::int64_t j = -radius; j <= radius; ++j) {
        const auto* row = reinterpret_cast<const std::uint8_t*>(gray_rows[y + radius + j]) + column + x;
        std::uint32_t row_sum = 0;
        for (std::int64_t i = -radius; i <= radius; ++i) {
          row_sum += std::uint32_t{weights.at[static_cast<std::size_t>(radius + i)]} * row[i];
        }
        sum += weights.at[static_cast<std::size_t>(radius + j)] * row_sum;
      }
      out.row<std::uint8_t>(y)[x] = static_cast<std::uint8_t>(sum >> 16);
    }
  }
}

}  // namespace haloedge::kernels::reference
