#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

/// Pixel types, filter choices and the signatures of every kernel. This folder depends on nothing but the C++ library,
/// OpenMP and (with a GPU) CUDA.
///
/// Numerics, the same to the last bit in every backend:
///  - Gray, derivatives and L1 norms of u8 and u16 images are exact integers.
///  - The L2 norm is sqrt(fl(gx * gx) + fl(gy * gy)) in IEEE binary32: no contraction, correctly rounded square root.
///  - A result is finished as value * factor (one binary32 product), then rounded half to even and saturated (u8 and
///    u16) or cut to the clip range (f32). A NaN becomes 0 in u8 and u16, and the one quiet NaN 0x7fc00000 in f32.
namespace haloedge::kernels {

enum class SampleType : std::uint8_t { u8, u16, f32 };
enum class Gray : std::uint8_t { bt601, bt709, mean, red, green, blue };
/// Canny has kernels of its own: see canny.hpp.
enum class Operator : std::uint8_t { sobel, scharr, prewitt, laplacian, canny };
enum class Component : std::uint8_t { magnitude, x, y, direction };
enum class Norm : std::uint8_t { l2, l1 };
/// What stands outside the image, named as in scipy.ndimage: reflect (d c b a | a b c d), mirror (d c b | a b c d),
/// nearest (a a a | a b c d), constant (0 0 0 | a b c d), wrap (a b c d | a b c d).
enum class Border : std::uint8_t { reflect, mirror, nearest, constant, wrap };

/// Every operator here looks at the 3 x 3 neighbourhood.
inline constexpr std::int64_t stencil_radius = 1;

[[nodiscard]] constexpr std::int64_t sample_bytes(SampleType type) {
  return type == SampleType::u8 ? 1 : type == SampleType::u16 ? 2 : 4;
}

/// The value that stands for 1.0: 255, 65535 or 1.
[[nodiscard]] constexpr double full_scale(SampleType type) {
  return type == SampleType::u8 ? 255.0 : type == SampleType::u16 ? 65535.0 : 1.0;
}

/// The index in [0, size) that stands for `index` under `border`, or -1 where the border is the constant 0. Valid for
/// any distance from the image; size >= 1. Indices inside the image stand for themselves.
[[nodiscard]] std::int64_t border_index(std::int64_t index, std::int64_t size, Border border);

/// Puts what stands outside under `border` into the `margin` pixels on either side of a row of `width`, whose column 0
/// is at `row`.
void fill_row_margins(std::byte* row, std::int64_t width, std::int64_t margin, std::int64_t pixel_bytes, Border border);

/// A rectangle of interleaved pixels in somebody else's memory: row i begins at data + i * row_bytes.
struct ConstPixels {
  const std::byte* data = nullptr;
  std::int64_t row_bytes = 0;
  std::int64_t width = 0;  ///< pixels
  std::int64_t rows = 0;
  SampleType type = SampleType::u8;
  int channels = 1;  ///< 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha
};

/// The same, writable, one sample a pixel.
struct Plane {
  std::byte* data = nullptr;
  std::int64_t row_bytes = 0;
  std::int64_t width = 0;
  std::int64_t rows = 0;
  SampleType type = SampleType::u8;
};

struct Clip {
  float low = 0;
  float high = 1;
};

/// What an edge filter computes from gray rows.
struct EdgeFilter {
  Operator op = Operator::sobel;
  Component component = Component::magnitude;
  Norm norm = Norm::l2;
  SampleType gray_type = SampleType::u8;
  SampleType out_type = SampleType::u8;
  /// Multiplied onto the value in binary32: see finish_factor().
  float factor = 1;
  std::optional<Clip> clip;  ///< f32 output only
};

/// The factor for --scale: scale * full_out / full_in, where a direction (a fraction of a turn) has full_in 1; computed
/// in double, rounded to float once.
[[nodiscard]] float finish_factor(const EdgeFilter& filter, double scale);

}  // namespace haloedge::kernels
