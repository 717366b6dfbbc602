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

/// One implementation of the kernels for the processor. Stateless: one object may be used by many threads at once, on
/// disjoint outputs.
class Backend {
 public:
  Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  virtual ~Backend() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;
  /// The vector instructions in use, as users know them: "AVX2", "scalar", ...
  [[nodiscard]] virtual std::string instruction_set() const = 0;

  /// Turns interleaved pixels to gray. `gray` has the size and sample type of `source`; they do not overlap. Images of
  /// 1 or 2 channels pass through whatever the weights; alpha is ignored.
  virtual void gray(const ConstPixels& source, Gray weights, const Plane& gray) const = 0;

  /// Filters a rectangle. `gray_rows` has out.rows + 2 * stencil_radius pointers, each to column 0 of a gray row
  /// (sample type filter.gray_type); the first stands `stencil_radius` rows above out's first. Columns [column -
  /// stencil_radius, column + out.width + stencil_radius) are read of each row: the caller has put the border there.
  /// out.type must be filter.out_type.
  virtual void edges(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column,
                     const Plane& out) const = 0;

  /// Blurs a rectangle of 8-bit gray: (sum of weight(row) * weight(column) * sample + 2^15) >> 16. Rows and columns as
  /// for edges(), of the weights' radius.
  virtual void blur(const GaussianWeights& weights, const std::byte* const* gray_rows, std::int64_t column,
                    const Plane& out) const = 0;

  /// Puts the class of each pixel of a rectangle of 8-bit gray into `out`, which is u8: see canny.hpp. Rows and columns
  /// as for edges(), of canny_radius; outside the image they repeat its first and last ones.
  virtual void candidates(const CannyFilter& filter, const std::byte* const* gray_rows, std::int64_t column,
                          ImageEnds ends, const Plane& out) const = 0;

  /// Appends the places, rising, of those hashes that differ from `hash` in no more than `distance` bits. No more than
  /// 2^32 hashes.
  virtual void near(std::uint64_t hash, std::span<const std::uint64_t> hashes, int distance,
                    std::vector<std::uint32_t>& places) const = 0;
};

/// The vector kernels for threads, and the plain ones that say what is right. Devices: see device_filter.hpp.
enum class HostBackend : std::uint8_t { cpu, reference };

/// Chosen once at start. Throws std::runtime_error where this build has no vector kernels.
[[nodiscard]] std::unique_ptr<Backend> make_backend(HostBackend which);

}  // namespace haloedge::kernels
