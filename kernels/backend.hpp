#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/canny.hpp"
#include "kernels/gaussian.hpp"
#include "kernels/kernels.hpp"

namespace haloedge::kernels {

/// The kernels of one implementation for the processor. They keep no state: many threads may call them at once, on
/// disjoint outputs.
struct Backend {
  std::string_view name;        ///< "cpu" or "reference"
  std::string instruction_set;  ///< the vector instructions in use, as users know them: "AVX2", "scalar", ...

  /// Turns interleaved pixels to gray. `gray` has the size and sample type of `source` and does not overlap it. Images
  /// of 1 or 2 channels are copied whatever the weights; alpha is ignored.
  void (*gray)(const ConstPixels& source, Gray weights, const Plane& gray) = nullptr;

  /// Filters a rectangle. `gray_rows` has out.rows + 2 * stencil_radius pointers, each to column 0 of a gray row
  /// (sample type filter.gray_type); the first row is `stencil_radius` rows above the first output row. Columns [column
  /// - stencil_radius, column + out.width + stencil_radius) of each row are read: the caller has filled in the border.
  /// out.type must be filter.out_type.
  void (*edges)(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column,
                const Plane& out) = nullptr;

  /// Blurs a rectangle of 8-bit gray: (sum of weight(row) * weight(column) * sample + 2^15) >> 16. Rows and columns are
  /// those of edges(), with the radius of the weights.
  void (*blur)(const GaussianWeights& weights, const std::byte* const* gray_rows, std::int64_t column,
               const Plane& out) = nullptr;

  /// Writes the class of each pixel of a rectangle of 8-bit gray (see canny.hpp) to `out`, which is u8. Rows and
  /// columns are those of edges(), with canny_radius; outside the image they repeat its first and last rows and
  /// columns.
  void (*candidates)(const CannyFilter& filter, const std::byte* const* gray_rows, std::int64_t column, ImageEnds ends,
                     const Plane& out) = nullptr;

  /// Appends the indices, in rising order, of the hashes that differ from `hash` in at most `distance` bits. There are
  /// at most 2^32 hashes.
  void (*near)(std::uint64_t hash, std::span<const std::uint64_t> hashes, int distance,
               std::vector<std::uint32_t>& places) = nullptr;
};

/// The vectorised kernels, and the plain ones that define the results. For devices see device_filter.hpp.
enum class HostBackend : std::uint8_t { cpu, reference };

/// Throws std::runtime_error for `cpu` in a build without Google Highway.
[[nodiscard]] std::unique_ptr<Backend> make_backend(HostBackend which);

}  // namespace haloedge::kernels
