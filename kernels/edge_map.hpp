#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/backend.hpp"
#include "kernels/bordered_plane.hpp"
#include "kernels/canny.hpp"
#include "kernels/gaussian.hpp"
#include "kernels/hysteresis.hpp"
#include "kernels/kernels.hpp"
#include "kernels/nodata.hpp"

// Edge maps of whole images in memory, made on the calling thread.

namespace haloedge::kernels {

/// Makes edge maps of images of one size. Gray rows are made a few at a time and filtered while they are in the cache.
/// Reuses its memory from image to image. Only one thread may use it at a time.
class EdgeMapper {
 public:
  /// Allocates memory for images of `width` x `rows` pixels, neither of them 0, whose samples are filter.gray_type.
  /// `backend` must outlive this object.
  EdgeMapper(const Backend& backend, std::int64_t width, std::int64_t rows, Gray weights, const EdgeFilter& filter,
             Border border);
  EdgeMapper(const EdgeMapper&) = delete;
  EdgeMapper& operator=(const EdgeMapper&) = delete;
  ~EdgeMapper() = default;

  /// Writes the edge map of `source` to `out`. Both have the size of the images, and they do not overlap; out.type is
  /// filter.out_type. Allocates nothing, unless the backend does.
  void map(const ConstPixels& source, const Plane& out);

  /// Bytes that one mapper holds.
  [[nodiscard]] static std::int64_t memory_bytes(std::int64_t width, std::int64_t rows, SampleType type);

 private:
  void load(const ConstPixels& source, std::int64_t first, std::int64_t rows);
  void make(const ConstPixels& source, std::int64_t at, std::int64_t i);
  void make_inside(const ConstPixels& source, std::int64_t at, std::int64_t count, std::int64_t i);
  [[nodiscard]] std::byte* row(std::int64_t i);

  const Backend& backend_;
  Gray weights_;
  EdgeFilter filter_;
  BorderFill fill_;
  std::int64_t sample_;
  std::int64_t stride_;
  std::int64_t block_rows_;  ///< rows of a block; the last block may have fewer
  // The gray rows of a block and the rows above and below it, with the border around them.
  std::vector<std::byte> memory_;
  std::vector<const std::byte*> pointers_;
};

/// Makes the edge map of one image: see EdgeMapper.
void edge_map(const Backend& backend, const ConstPixels& source, Gray weights, const EdgeFilter& filter, Border border,
              const Plane& out);

/// Makes the gray of 8-bit images of one size, blurred (with a mirrored border, as OpenCV does it), and around it the
/// border of canny_radius that Backend::candidates and count_magnitudes() need. Reuses its memory from image to image.
/// Only one thread may use it at a time.
class CannyGray {
 public:
  /// Allocates memory for images of `width` x `rows` pixels. `backend` must outlive this object.
  CannyGray(const Backend& backend, std::int64_t width, std::int64_t rows, Gray weights, GaussianWeights blur);

  /// Returns the gray of `source`, which is valid until the next call. Allocates nothing, unless the backend does.
  [[nodiscard]] const BorderedPlane& make(const ConstPixels& source);

  /// Moves the last result out of an object that is not used any more.
  [[nodiscard]] BorderedPlane release() && { return std::move(gray_); }

 private:
  const Backend& backend_;
  Gray weights_;
  GaussianWeights blur_;
  std::optional<BorderedPlane> sharp_;  ///< gray before the blur, if there is a blur
  BorderedPlane gray_;
};

/// Makes the gray of one image: see CannyGray.
[[nodiscard]] BorderedPlane canny_gray(const Backend& backend, const ConstPixels& source, Gray weights,
                                       const GaussianWeights& blur);

/// Writes Canny's edges, 255 or 0, to `out`. `gray` comes from CannyGray, and `out` is u8. `gray`, `hysteresis`
/// and `out` have the same size. Pixels without data in `mask`, if there is one, are no edges.
void canny_map(const Backend& backend, const BorderedPlane& gray, const CannyFilter& filter,
               ImageHysteresis& hysteresis, const Plane& out, const NodataMask* mask = nullptr);

/// Writes Canny's edges of one image to `out`, with an ImageHysteresis that is made for this call.
void canny_map(const Backend& backend, const BorderedPlane& gray, const CannyFilter& filter, const Plane& out,
               const NodataMask* mask = nullptr);

/// Estimate of the bytes that CannyGray and canny_map() hold for an image, beside the source pixels and the edges: see
/// ComponentFinder::memory_bytes().
[[nodiscard]] constexpr std::int64_t canny_map_bytes(std::int64_t width, std::int64_t rows, std::int64_t blur_radius) {
  return (blur_radius > 0 ? BorderedPlane::memory_bytes(width, rows, SampleType::u8, blur_radius) : 0) +
         BorderedPlane::memory_bytes(width, rows, SampleType::u8, canny_radius) +
         ComponentFinder::memory_bytes(width, rows);
}

}  // namespace haloedge::kernels
