#pragma once

// Turns three rows of gray into derivatives of a thread's pixels. The two older rows are in registers.

#include <cstdint>

#include "kernels/cuda/gray.hpp"
#include "kernels/dispatch.hpp"
#include "kernels/kernels.hpp"
#include "kernels/pixel.hpp"

namespace haloedge::kernels::cuda {

/// An operator that is chosen at run time: the Laplacian, or derivatives with smoothing weights.
struct AnyOperator {
  bool laplacian = false;
  int side = 1;
  int centre = 2;
};

/// Sobel's operator, chosen at compile time.
struct Sobel {
  static constexpr bool laplacian = false;
  static constexpr int side = SmoothingWeights<Operator::sobel>::side;
  static constexpr int centre = SmoothingWeights<Operator::sobel>::centre;
};

[[nodiscard]] inline AnyOperator any_operator(Operator op) {
  AnyOperator any;
  with_operator(op, [&](auto known) {
    using Weights = SmoothingWeights<known.value>;
    any = {known.value == Operator::laplacian, Weights::side, Weights::centre};
  });
  return any;
}

[[nodiscard]] HALOEDGE_DEVICE inline float number_of(float sample) { return sample; }
[[nodiscard]] HALOEDGE_DEVICE inline float number_of(std::uint16_t sample) {
  return __builtin_bit_cast(float, bits_of_two_to_23 | sample) - two_to_23;
}

/// Derivatives of 16-bit and float rows in binary32. Those of floats are computed in the reference's order of
/// operations. Those of 16-bit samples are whole numbers below 2^24, which are exact in every order.
template <class Sample>
class Stencil {
 public:
  using Number = float;
  static constexpr std::size_t count = lane_pixels<Sample>;

  /// Takes the next row: a thread's pixels, and those to the left and right of them. From the third row on, x() and y()
  /// are then the derivatives of the row before it.
  template <class Op>
  HALOEDGE_DEVICE void push(const Sample (&row)[count], Sample left, Sample right, const Op& op) {
    Number below[count + 2];
    below[0] = number_of(left);
    below[count + 1] = number_of(right);
    HALOEDGE_UNROLL
    for (std::size_t i = 0; i < count; ++i) below[i + 1] = number_of(row[i]);
    if (op.laplacian) {
      HALOEDGE_UNROLL
      for (std::size_t i = 0; i < count; ++i) {
        x_[i] = kernels::laplacian(above_[i + 1], middle_[i], middle_[i + 1], middle_[i + 2], below[i + 1]);
      }
    } else {
      differentiate(below, op);
    }
    HALOEDGE_UNROLL
    for (std::size_t i = 0; i < count + 2; ++i) {
      above_[i] = middle_[i];
      middle_[i] = below[i];
    }
  }

  /// The derivative along the row or, for the Laplacian, its value.
  [[nodiscard]] HALOEDGE_DEVICE float x(std::size_t i) const { return x_[i]; }
  [[nodiscard]] HALOEDGE_DEVICE float y(std::size_t i) const { return y_[i]; }

 private:
  template <class Op>
  HALOEDGE_DEVICE void differentiate(const Number (&below)[count + 2], const Op& op) {
    const auto side = static_cast<Number>(op.side);
    const auto centre = static_cast<Number>(op.centre);
    Number smoothed[count + 2];
    Number difference[count + 2];
    HALOEDGE_UNROLL
    for (std::size_t i = 0; i < count + 2; ++i) {
      smoothed[i] = smooth(side, centre, above_[i], middle_[i], below[i]);
      difference[i] = below[i] - above_[i];
    }
    HALOEDGE_UNROLL
    for (std::size_t i = 0; i < count; ++i) {
      x_[i] = smoothed[i + 2] - smoothed[i];
      y_[i] = smooth(side, centre, difference[i], difference[i + 1], difference[i + 2]);
    }
  }

  Number above_[count + 2] = {};
  Number middle_[count + 2] = {};
  Number x_[count] = {};
  Number y_[count] = {};
};

/// Derivatives of rows of bytes, two pixels to a word. A bias is added to each difference, so that every 16-bit half
/// stays within 0 .. 8176 and the results are exact.
template <>
class Stencil<std::uint8_t> {
 public:
  /// Takes the next row, like push() of the general Stencil.
  template <class Op>
  HALOEDGE_DEVICE void push(const std::uint32_t (&row)[8], std::uint32_t left, std::uint32_t right, const Op& op) {
    std::uint32_t between[9];  // the pairs of pixels that begin one pixel to the left
    between[0] = row[0] << 16 | left;
    between[8] = row[7] >> 16 | right << 16;
    HALOEDGE_UNROLL
    for (std::size_t i = 1; i < 8; ++i) between[i] = byte_perm(row[i - 1], row[i], 0x5432);
    const auto side = static_cast<std::uint32_t>(op.side);
    const auto centre = static_cast<std::uint32_t>(op.centre);
    HALOEDGE_UNROLL
    for (std::size_t i = 0; i < 8; ++i) {
      const std::uint32_t beside = between[i] + between[i + 1];
      std::uint32_t across = 0;  // of this row
      std::uint32_t along = 0;
      if (op.laplacian) {
        across = beside + laplacian_bias * both - 4 * row[i];
        along = row[i];
        x_[i] = along + above_[i] + middle_across_[i];
      } else {
        across = between[i + 1] + difference_bias * both - between[i];
        along = side * beside + centre * row[i];
        x_[i] = smooth(side, centre, above_across_[i], middle_across_[i], across);
        y_[i] = along + y_bias * both - above_[i];
      }
      above_across_[i] = middle_across_[i];
      middle_across_[i] = across;
      above_[i] = middle_[i];
      middle_[i] = along;
    }
    x_bias_ = static_cast<float>(op.laplacian ? laplacian_bias : difference_bias * (2 * side + centre));
  }

  [[nodiscard]] HALOEDGE_DEVICE float x(std::size_t i) const { return half_of(x_[i / 2], i) - (two_to_23 + x_bias_); }
  [[nodiscard]] HALOEDGE_DEVICE float y(std::size_t i) const {
    return half_of(y_[i / 2], i) - (two_to_23 + static_cast<float>(y_bias));
  }

 private:
  static constexpr std::uint32_t both = 0x00010001;
  static constexpr std::uint32_t difference_bias = 256;
  static constexpr std::uint32_t laplacian_bias = 1024;
  static constexpr std::uint32_t y_bias = 4096;

  /// 2^23 + the half of `word` that belongs to pixel i.
  [[nodiscard]] HALOEDGE_DEVICE static float half_of(std::uint32_t word, std::size_t i) {
    return __builtin_bit_cast(float, byte_perm(word, bits_of_two_to_23, i % 2 == 0 ? 0x7410 : 0x7432));
  }

  // The two older rows: above_ and middle_ are smoothed along the row, the *_across_ are differences along the row. For
  // the Laplacian: the rows themselves, and the part of the result that comes from the pixel's own row.
  std::uint32_t above_[8] = {};
  std::uint32_t middle_[8] = {};
  std::uint32_t above_across_[8] = {};
  std::uint32_t middle_across_[8] = {};
  std::uint32_t x_[8] = {};
  std::uint32_t y_[8] = {};
  float x_bias_ = 0;
};

}  // namespace haloedge::kernels::cuda
