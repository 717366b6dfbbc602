#pragma once

// The arithmetic of one pixel, which defines the results of all backends. Every function is a fixed sequence of integer
// or IEEE binary32 operations, so that all compilers that neither contract nor reorder them produce the same bits.

#include <cstdint>
#include <type_traits>

#include <math.h>

#include "kernels/arithmetic.hpp"
#include "kernels/kernels.hpp"

// The functions are always inlined; arithmetic.hpp says why. For the same reason they call sqrtf and fabsf of C, not
// inline functions of C++.

namespace haloedge::kernels {

// ---- gray -----------------------------------------------------------------------------------------------------------

/// Weights in units of 1/32768; they add up to 32768. bt601 has those of OpenCV's cvtColor, bt709 those of
/// scikit-image's rgb2gray.
struct FixedWeights {
  std::uint32_t red, green, blue;
};
inline constexpr FixedWeights fixed_bt601{9798, 19235, 3735};
inline constexpr FixedWeights fixed_bt709{6963, 23442, 2363};

template <class Float>
struct FloatWeights {
  Float red, green, blue;
};
template <class Float>
inline constexpr FloatWeights<Float> float_bt601{Float(0.299), Float(0.587), Float(0.114)};
template <class Float>
inline constexpr FloatWeights<Float> float_bt709{Float(0.2125), Float(0.7154), Float(0.0721)};

/// Converts a colour to gray. Sample is std::uint8_t, std::uint16_t, float or double.
template <Gray gray, class Sample>
HALOEDGE_DEVICE inline constexpr Sample to_gray(Sample red, Sample green, Sample blue) {
  if constexpr (gray == Gray::red) {
    return red;
  } else if constexpr (gray == Gray::green) {
    return green;
  } else if constexpr (gray == Gray::blue) {
    return blue;
  } else if constexpr (std::is_floating_point_v<Sample>) {
    if constexpr (gray == Gray::mean) return ((red + green) + blue) / Sample{3};
    constexpr FloatWeights w = gray == Gray::bt709 ? float_bt709<Sample> : float_bt601<Sample>;
    return (red * w.red + green * w.green) + blue * w.blue;
  } else {
    const std::uint32_t r = red;
    const std::uint32_t g = green;
    const std::uint32_t b = blue;
    if constexpr (gray == Gray::mean) return static_cast<Sample>((r + g + b + 1) / 3);
    constexpr FixedWeights w = gray == Gray::bt709 ? fixed_bt709 : fixed_bt601;
    return static_cast<Sample>((r * w.red + g * w.green + b * w.blue + (1U << 14)) >> 15);
  }
}

// ---- derivatives ----------------------------------------------------------------------------------------------------

/// The type of derivatives, which is exact for integers.
template <class Sample>
using Derivative = std::conditional_t<std::is_same_v<Sample, std::uint8_t>, std::int16_t,
                                      std::conditional_t<std::is_same_v<Sample, std::uint16_t>, std::int32_t, Sample>>;

/// The type of the values that are computed from derivatives: double for f64 images.
template <class Sample>
using ValueOf = std::conditional_t<std::is_same_v<Sample, double>, double, float>;

/// The smoothing weights [side centre side] across the derivative.
template <Operator op>
struct SmoothingWeights {
  static constexpr int side = op == Operator::scharr ? 3 : 1;
  static constexpr int centre = op == Operator::scharr ? 10 : op == Operator::sobel ? 2 : 1;
};

/// Smooths three neighbouring samples with the weights [side centre side].
template <class Number>
HALOEDGE_DEVICE inline constexpr Number smooth(Number side, Number centre, Number first, Number middle, Number last) {
  return static_cast<Number>(side * (first + last) + centre * middle);
}

template <Operator op, class Number>
HALOEDGE_DEVICE inline constexpr Number smooth(Number first, Number middle, Number last) {
  using Weights = SmoothingWeights<op>;
  return smooth(static_cast<Number>(Weights::side), static_cast<Number>(Weights::centre), first, middle, last);
}

/// The sum of the four neighbours less four times the middle.
template <class Number>
HALOEDGE_DEVICE inline constexpr Number laplacian(Number above, Number left, Number middle, Number right,
                                                  Number below) {
  return static_cast<Number>(((above + below) + (left + right)) - static_cast<Number>(4) * middle);
}

// ---- value of a pixel -----------------------------------------------------------------------------------------------

HALOEDGE_DEVICE inline float magnitude_l2(float x, float y) { return sqrtf(x * x + y * y); }
HALOEDGE_DEVICE inline float magnitude_l1(float x, float y) { return fabsf(x) + fabsf(y); }
HALOEDGE_DEVICE inline double magnitude_l2(double x, double y) { return sqrt(x * x + y * y); }
HALOEDGE_DEVICE inline double magnitude_l1(double x, double y) { return fabs(x) + fabs(y); }

/// The coefficients of a minimax polynomial for atan(a) / (2 pi a) in a^2 on [0, 1], the highest power first.
inline constexpr int direction_factors = 8;
HALOEDGE_DEVICE inline constexpr float direction_factor(int i) {
  constexpr float factors[direction_factors] = {-0x1.524856p-11F, 0x1.c8092ap-9F, -0x1.23939cp-7F, 0x1.f6d852p-7F,
                                                -0x1.6aad72p-6F,  0x1.040ffap-5F, -0x1.b28dc4p-5F, 0x1.45f2f8p-3F};
  return factors[i];
}

/// The angle of (x, y) as a fraction of a turn in [0, 1), from +x towards +y; 0 for (0, 0). The error is below 1e-7
/// turns.
HALOEDGE_DEVICE inline float direction(float x, float y) {
  const float ax = fabsf(x);
  const float ay = fabsf(y);
  const float longer = ax > ay ? ax : ay;
  const float shorter = ax > ay ? ay : ax;
  const float a = shorter / (longer == 0.0F ? 1.0F : longer);
  const float u = a * a;
  float p = direction_factor(0);
  for (int i = 1; i < direction_factors; ++i) p = p * u + direction_factor(i);
  float turns = p * a;
  turns = ay > ax ? 0.25F - turns : turns;
  turns = x < 0.0F ? 0.5F - turns : turns;
  turns = y < 0.0F ? 1.0F - turns : turns;
  return turns >= 1.0F ? 0.0F : turns;
}

/// The direction of a gradient of doubles, which are scaled first, so that none of them is too large for a float.
HALOEDGE_DEVICE inline double direction(double x, double y) {
  const double ax = fabs(x);
  const double ay = fabs(y);
  const double longer = ax > ay ? ax : ay;
  const double scale = longer == 0.0 ? 1.0 : longer;
  return direction(static_cast<float>(x / scale), static_cast<float>(y / scale));
}

// ---- finishing ------------------------------------------------------------------------------------------------------

/// Returns value * factor, rounded half to even and saturated; 0 for NaN.
template <class Out>
HALOEDGE_DEVICE inline Out finish_integer(float value, float factor) {
  constexpr float most = std::is_same_v<Out, std::uint8_t> ? 255.0F : 65535.0F;
  constexpr float round = 8388608.0F;  // 2^23, from which on floats are whole numbers
  const float scaled = value * factor;
  const float positive = scaled > 0.0F ? scaled : 0.0F;
  const float limited = positive < most ? positive : most;
  return static_cast<Out>(static_cast<std::int32_t>((limited + round) - round));
}

/// The same for the value of an f64 image.
template <class Out>
HALOEDGE_DEVICE inline Out finish_integer(double value, double factor) {
  constexpr double most = std::is_same_v<Out, std::uint8_t> ? 255.0 : 65535.0;
  constexpr double round = 4503599627370496.0;  // 2^52, from which on doubles are whole numbers
  const double scaled = value * factor;
  const double positive = scaled > 0.0 ? scaled : 0.0;
  const double limited = positive < most ? positive : most;
  return static_cast<Out>(static_cast<std::int32_t>((limited + round) - round));
}

HALOEDGE_DEVICE inline float one_nan() { return __builtin_bit_cast(float, std::uint32_t{0x7fc00000U}); }

/// Returns value * factor, rounded to float and clipped to [low, high] if `clips` is set; one_nan() for every NaN.
template <class Float>
HALOEDGE_DEVICE inline float finish_float(Float value, Float factor, bool clips, float low, float high) {
  const auto scaled = static_cast<float>(value * factor);
  const float raised = clips && scaled < low ? low : scaled;
  const float cut = clips && raised > high ? high : raised;
  return cut != cut ? one_nan() : cut;
}

}  // namespace haloedge::kernels
