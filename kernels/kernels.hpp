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
namespace haloedge::kernels {

enum class SampleType : std::uint8_t { u8, u16, f32 };
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
  return type == SampleType::u8 ? 1 : type == SampleType::u16 ? 2 : 4;
}

/// The sample that stands for 1.0: 255, 65535 or 1.
[[nodiscard]] constexpr double full_scale(SampleType type) {
  return type == SampleType::u8 ? 255.0 : type == SampleType::u16 ? 65535.0 : 1.0;
}

/// Maps an index at any distance from the image to the index in [0, size) that `border` repeats there, or to -1 if the
/// border is the constant 0. Indices in [0, size) map to themselves. size >= 1.
[[nodiscard]] std::int64_t border_index(std::int64_t index, std::int64_t size, Border border);

/// Fills the `margin` pixels on either side of a row of `width` pixels, as `border` says. `row` points to column 0.
void fill_row_margins(std::byte* row, std::int64_t width, std::int64_t margin, std::int64_t pixel_bytes, Border border);

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
  SampleType out_type = SampleType::u8;
  float factor = 1;          ///< the value is multiplied by it in binary32: see finish_factor()
  std::optional<Clip> clip;  ///< f32 output only
};

/// The factor for --scale: scale * (full scale of the output) / (full scale of the gray, or 1 for a direction, which is
/// a fraction of a turn). It is computed in double and rounded to float once.
[[nodiscard]] float finish_factor(const EdgeFilter& filter, double scale);

}  // namespace haloedge::kernels
