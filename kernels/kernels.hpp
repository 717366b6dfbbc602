#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

/// Pixel types and filter settings. This folder depends on the C++ library and Google Highway and, in a build for GPUs,
/// on CUDA.
///
/// The numerics are the same to the last bit in every backend:
///  - Gray, derivatives and L1 norms of u8 and u16 images are exact integers.
///  - The L2 norm is sqrt(fl(gx * gx) + fl(gy * gy)) in IEEE binary32, without contraction and with a correctly rounded
///    square root.
///  - The value is multiplied by a factor (one binary32 product). u8 and u16 are then rounded half to even and
///    saturated, and f32 is clipped. A NaN becomes 0 in u8 and u16, and the quiet NaN 0x7fc00000 in f32.
///  - f64 images are computed in binary64 in the same order, up to the product with the factor, and then rounded once.
///
/// Signed integers are stored as unsigned ones, with an offset of half their range. It vanishes in every derivative,
/// and weighted sums with weights that add up to one keep it, so that the kernels need not know it.
namespace haloedge::kernels {

/// The type of stored samples. Results are u8, u16 or f32; devices read these three.
enum class SampleType : std::uint8_t { u8, u16, f32, f64 };
enum class Gray : std::uint8_t { bt601, bt709, mean, red, green, blue };
/// Canny has kernels of its own (see canny.hpp); the operators before it are stencils.
enum class Operator : std::uint8_t { sobel, scharr, prewitt, laplacian, canny };
enum class Component : std::uint8_t { magnitude, x, y, direction };
enum class Norm : std::uint8_t { l2, l1 };
/// The pixels beyond the image, named as in scipy.ndimage: reflect (d c b a | a b c d), mirror (d c b | a b c d),
/// nearest (a a a | a b c d), constant (0 0 0 | a b c d), wrap (a b c d | a b c d).
enum class Border : std::uint8_t { reflect, mirror, nearest, constant, wrap };

/// Every stencil has 3 x 3 pixels.
inline constexpr std::int64_t stencil_radius = 1;

[[nodiscard]] constexpr std::int64_t sample_bytes(SampleType type) {
  return type == SampleType::u8 ? 1 : type == SampleType::u16 ? 2 : type == SampleType::f32 ? 4 : 8;
}

/// The value that stands for 1.0: 255, 65535 or 1. If signed integers are stored with `zero` added to them, it is the
/// largest of them: 127 or 32767.
[[nodiscard]] constexpr double full_scale(SampleType type, std::uint16_t zero = 0) {
  if (zero != 0) return zero - 1.0;
  return type == SampleType::u8 ? 255.0 : type == SampleType::u16 ? 65535.0 : 1.0;
}

/// Maps an index at any distance from the image to the index in [0, size) that `border` repeats there, or to -1 if the
/// border is the constant 0. Indices in [0, size) map to themselves. size >= 1.
[[nodiscard]] std::int64_t border_index(std::int64_t index, std::int64_t size, Border border);

/// The pixels beyond an image, and how large each is in memory.
struct BorderFill {
  Border border = Border::reflect;
  SampleType type = SampleType::u8;
  int channels = 1;
  std::uint16_t zero = 0;  ///< the stored sample that stands for 0: that of a constant border

  [[nodiscard]] std::int64_t pixel_bytes() const { return channels * sample_bytes(type); }
};

/// Writes `pixels` pixels that stand for 0.
void fill_constant(std::byte* to, std::int64_t pixels, const BorderFill& fill);

/// Fills the `margin` pixels on either side of a row of `width` pixels, as `fill` says. `row` points to column 0.
void fill_row_margins(std::byte* row, std::int64_t width, std::int64_t margin, const BorderFill& fill);

/// A view of a rectangle of interleaved pixels: row i begins at data + i * row_bytes.
struct ConstPixels {
  const std::byte* data = nullptr;
  std::int64_t row_bytes = 0;
  std::int64_t width = 0;  ///< pixels
  std::int64_t rows = 0;
  SampleType type = SampleType::u8;
  int channels = 1;  ///< 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha

  template <class Sample>
  [[nodiscard]] const Sample* row(std::int64_t i) const {
    return reinterpret_cast<const Sample*>(data + i * row_bytes);
  }
};

/// A writable view of a rectangle with one sample a pixel.
struct Plane {
  std::byte* data = nullptr;
  std::int64_t row_bytes = 0;
  std::int64_t width = 0;
  std::int64_t rows = 0;
  SampleType type = SampleType::u8;

  template <class Sample>
  [[nodiscard]] Sample* row(std::int64_t i) const {
    return reinterpret_cast<Sample*>(data + i * row_bytes);
  }
};

struct Clip {
  float low = 0;
  float high = 1;
};

/// The settings of an edge filter.
struct EdgeFilter {
  Operator op = Operator::sobel;
  Component component = Component::magnitude;
  Norm norm = Norm::l2;
  SampleType gray_type = SampleType::u8;
  std::uint16_t gray_zero = 0;  ///< the stored gray sample that stands for 0: not 0 for signed integers
  SampleType out_type = SampleType::u8;
  double factor = 1;         ///< see finish_factor()
  std::optional<Clip> clip;  ///< f32 output only

  /// The factor by which the values of images are multiplied that are not f64.
  [[nodiscard]] float narrow_factor() const { return static_cast<float>(factor); }
};

/// The factor for --scale: scale * (full scale of the output) / (full scale of the gray, or 1 for a direction, which is
/// a fraction of a turn).
[[nodiscard]] double finish_factor(const EdgeFilter& filter, double scale);

}  // namespace haloedge::kernels
