#pragma once

// Canny's classes on a device. A block of threads makes the classes of a patch of pixels in three phases: the gray of
// the patch and of the pixels around it, the gradients, the classes. Gray and gradients are in the block's shared
// memory, so that each source pixel is converted about once. The functions do the work of one thread in a phase;
// between two phases the threads of the block wait for each other.

#include <cstddef>
#include <cstdint>

#include "kernels/canny.hpp"
#include "kernels/cuda/gray.hpp"
#include "kernels/cuda/intrinsics.hpp"
#include "kernels/cuda/march.hpp"
#include "kernels/kernels.hpp"
#include "kernels/pixel.hpp"

namespace haloedge::kernels::cuda {

inline constexpr int patch_columns = 64;
inline constexpr int patch_rows = 32;
inline constexpr int patch_threads = 256;

/// Pixels are handled in groups of four, whose bytes make a word. A patch has one more group on either side.
inline constexpr int group_pixels = 4;
inline constexpr int patch_groups = patch_columns / group_pixels + 2;

/// The shared memory of a block. Rows begin with the group to the left of the patch.
struct CannyPatch {
  static constexpr int gray_rows = patch_rows + 2 * static_cast<int>(canny_radius);
  static constexpr int gradient_rows = patch_rows + 2;
  static constexpr int stride = patch_groups * group_pixels;  ///< gradients of a row
  std::uint32_t gray[gray_rows * patch_groups];
  alignas(16) std::int32_t gradients[gradient_rows * stride];  ///< see packed_gradient()
};

/// The number of pixels of a row, from column 0 on, that blocks may read.
HALOEDGE_DEVICE inline constexpr std::int64_t canny_columns_read(std::int64_t width) {
  return round_up(width + canny_radius, group_pixels);
}

// Patches are numbered along the rows first.
HALOEDGE_DEVICE inline constexpr std::int64_t patches_across(std::int64_t width) {
  return divide_up(width, patch_columns);
}
HALOEDGE_DEVICE inline constexpr std::int64_t patches_down(std::int64_t rows) { return divide_up(rows, patch_rows); }

/// The job of a patch, and the patch's first pixel in it.
struct PatchPlace {
  const Job* job;
  std::int64_t row;
  std::int64_t column;
};

/// Finds the patch with number `item` of a launch.
[[nodiscard]] HALOEDGE_DEVICE inline PatchPlace patch_place(const Launch& launch, std::int64_t item) {
  const Job& job = job_of(launch, item);
  const std::int64_t across = patches_across(job.width);
  const std::int64_t number = item - job.first_item;
  return {&job, number / across * patch_rows, number % across * patch_columns};
}

// ---- the arithmetic of a pixel --------------------------------------------------------------------------------------

/// The gray of a group of pixels, one byte each.
template <std::size_t channels>
[[nodiscard]] HALOEDGE_DEVICE inline std::uint32_t gray_of_group(const std::uint32_t (&words)[channels],
                                                                 const GrayRule& rule) {
  if constexpr (channels == 1) {
    return words[0];
  } else if constexpr (channels == 2) {
    return byte_perm(words[0], words[1], 0x6420);
  } else {
    const std::uint32_t front =
        byte_perm(weighted_bytes(words, 0, rule), weighted_bytes(words, channels, rule), 0x0062);
    const std::uint32_t back =
        byte_perm(weighted_bytes(words, 2 * channels, rule), weighted_bytes(words, 3 * channels, rule), 0x0062);
    return byte_perm(front, back, 0x5410);
  }
}

/// The four directions across an edge, separated at tan 22.5 degrees in units of 1/32768: along the row, along the
/// column, and along the diagonals that fall and rise to the right.
enum Way : std::int32_t { row_way, column_way, falling_way, rising_way };

[[nodiscard]] HALOEDGE_DEVICE inline constexpr Way way_of(std::int32_t x, std::int32_t y) {
  constexpr std::int32_t unit = 1 << 15;
  constexpr std::int32_t tangent = 13573;
  const std::int32_t width = x < 0 ? -x : x;
  const std::int32_t height = (y < 0 ? -y : y) * unit;
  if (height < width * tangent) return row_way;
  if (height > width * (tangent + 2 * unit)) return column_way;
  return (x < 0) == (y < 0) ? falling_way : rising_way;
}

/// The distance in memory from a pixel to its next neighbour in direction `way`.
[[nodiscard]] HALOEDGE_DEVICE inline constexpr int step_along(std::int32_t way) {
  if (way == row_way) return 1;
  return CannyPatch::stride + (way == falling_way ? 1 : way == rising_way ? -1 : 0);
}

/// A gradient's magnitude and, in the two lowest bits, its direction.
inline constexpr int way_bits = 2;
[[nodiscard]] HALOEDGE_DEVICE inline constexpr std::int32_t packed_gradient(Norm norm, std::int32_t x, std::int32_t y) {
  const std::int32_t magnitude = norm == Norm::l1 ? (x < 0 ? -x : x) + (y < 0 ? -y : y) : x * x + y * y;
  return magnitude << way_bits | way_of(x, y);
}

/// The class of the pixel whose gradient is *at.
[[nodiscard]] HALOEDGE_DEVICE inline std::uint32_t class_of(const CannyFilter& filter, const std::int32_t* at) {
  const std::int32_t magnitude = *at >> way_bits;
  if (magnitude <= filter.low) return 0;
  const std::int32_t way = *at & ((1 << way_bits) - 1);
  const int step = step_along(way);
  const std::int32_t before = at[-step] >> way_bits;
  const std::int32_t behind = at[step] >> way_bits;
  // If two magnitudes along a row or column are equal, the first one is the maximum; on a diagonal neither is, as in
  // OpenCV.
  const bool above_behind = way <= column_way ? magnitude >= behind : magnitude > behind;
  if (magnitude <= before || !above_behind) return 0;
  return candidate_bit | (magnitude > filter.high ? strong_bit : 0U);
}

// ---- the phases -----------------------------------------------------------------------------------------------------

/// Phase 1: converts source pixels to gray. Addresses beyond a row's border or the job's last row are clamped; the gray
/// of these pixels is not used.
template <std::size_t channels>
HALOEDGE_DEVICE inline void put_gray(const Launch& launch, const PatchPlace& place, int thread, CannyPatch& patch) {
  const std::byte* const* rows = launch.rows + place.job->first_row + place.row;
  const std::int64_t last_row = place.job->rows + 2 * canny_radius - 1 - place.row;
  const std::int64_t last_column = canny_columns_read(place.job->width) - group_pixels;
  for (int i = thread; i < CannyPatch::gray_rows * patch_groups; i += patch_threads) {
    const std::int64_t row = i / patch_groups;
    const std::int64_t column = place.column + std::int64_t{i % patch_groups - 1} * group_pixels;
    const std::byte* source = rows[row < last_row ? row : last_row];
    std::uint32_t words[channels];
    load_words(source + (column < last_column ? column : last_column) * static_cast<std::int64_t>(channels), words);
    patch.gray[i] = gray_of_group(words, launch.gray);
  }
}

/// Phase 2: computes gradients from gray. The gradients of the first three and the last three columns, which have too
/// few neighbours in the patch, are not used.
HALOEDGE_DEVICE inline void put_gradients(const PatchPlace& place, Norm norm, int thread, CannyPatch& patch) {
  const Job& job = *place.job;
  for (int i = thread; i < CannyPatch::gradient_rows * patch_groups; i += patch_threads) {
    const int group = i % patch_groups;
    const int left = group > 0 ? i - 1 : i;
    const int right = group + 1 < patch_groups ? i + 1 : i;
    std::int32_t smoothed[group_pixels + 2];
    std::int32_t difference[group_pixels + 2];
    HALOEDGE_UNROLL
    for (int k = 0; k < group_pixels + 2; ++k) {
      const int word = k == 0 ? left : k <= group_pixels ? i : right;
      const int shift = (k + group_pixels - 1) % group_pixels * 8;
      const auto gray = [&](int row) {
        return static_cast<std::int32_t>(patch.gray[word + row * patch_groups] >> shift & 0xFF);
      };
      smoothed[k] = smooth<Operator::sobel>(gray(0), gray(1), gray(2));
      difference[k] = gray(2) - gray(0);
    }
    const std::int64_t row = place.row + i / patch_groups - 1;
    const bool outside = (row < 0 && job.at_top) || (row >= job.rows && job.at_bottom);
    HALOEDGE_UNROLL
    for (int k = 0; k < group_pixels; ++k) {
      const std::int64_t column = place.column + std::int64_t{group - 1} * group_pixels + k;
      const std::int32_t x = smoothed[k + 2] - smoothed[k];
      const std::int32_t y = smooth<Operator::sobel>(difference[k], difference[k + 1], difference[k + 2]);
      const bool inside = !outside && column >= 0 && column < job.width;
      patch.gradients[i * group_pixels + k] = inside ? packed_gradient(norm, x, y) : 0;
    }
  }
}

/// Phase 3: stores the classes of pixels, a group at a time.
HALOEDGE_DEVICE inline void put_classes(const PatchPlace& place, const CannyFilter& filter, int thread,
                                        const CannyPatch& patch) {
  constexpr int groups = patch_columns / group_pixels;
  const Job& job = *place.job;
  const int group = thread % groups;
  const std::int64_t column = place.column + std::int64_t{group} * group_pixels;
  if (column >= job.width) return;
  const std::int64_t tile = column / job.tile_columns;
  std::byte* const out =
      job.out + tile * job.out_tile_bytes + (column - tile * job.tile_columns) + place.row * job.out_row_bytes;
  const std::int64_t rows = job.rows - place.row;
  for (int row = thread / groups; row < patch_rows && row < rows; row += patch_threads / groups) {
    const int first = (row + 1) * CannyPatch::stride + (group + 1) * group_pixels;
    std::uint32_t classes[1] = {0};
    HALOEDGE_UNROLL
    for (int k = 0; k < group_pixels; ++k) classes[0] |= class_of(filter, patch.gradients + first + k) << (8 * k);
    store_words(out + row * job.out_row_bytes, classes);
  }
}

}  // namespace haloedge::kernels::cuda
