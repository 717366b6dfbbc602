#include "kernels/gaussian.hpp"

#include <cmath>
#include <cstddef>
#include <stdexcept>

namespace haloedge::kernels {

GaussianWeights fixed_gaussian(double sigma) {
  if (!(sigma >= 0 && sigma <= max_sigma)) throw std::invalid_argument("the sigma of a Gaussian is out of range");
  if (sigma == 0) return {};
  constexpr double unit = 256;
  const auto size = static_cast<std::size_t>(std::lrint(6 * sigma + 1)) | 1U;
  const std::size_t radius = size / 2;
  std::vector<double> real(size);
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const double x = static_cast<double>(i) - static_cast<double>(radius);
    real[i] = std::exp(-x * x / (2 * sigma * sigma));
    sum += real[i];
  }
  GaussianWeights weights{std::vector<std::uint16_t>(size)};
  double error = 0;
  long rest = std::lrint(unit);
  for (std::size_t i = 0; i < radius; ++i) {
    const double wanted = real[i] / sum * unit + error;
    const long weight = std::lrint(wanted);
    error = wanted - static_cast<double>(weight);
    weights.at[i] = static_cast<std::uint16_t>(weight);
    weights.at[size - 1 - i] = weights.at[i];
    rest -= 2 * weight;
  }
  weights.at[radius] = static_cast<std::uint16_t>(rest);
  return weights;
}

}  // namespace haloedge::kernels
