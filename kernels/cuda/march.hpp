#pragma once

// The work of one GPU thread: it marches down a column of 16 bytes of each channel and keeps the rows that its stencil
// needs in registers, so that each source byte is loaded once and each output byte stored once.

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/arithmetic.hpp"
#include "kernels/cuda/finish.hpp"
#include "kernels/cuda/gray.hpp"
#include "kernels/cuda/stencil.hpp"
#include "kernels/kernels.hpp"

namespace haloedge::kernels::cuda {

inline constexpr unsigned warp_lanes = 32;

/// The number of steps by which the loop of a march is unrolled. After three steps each of the three rows is in the
/// same registers again, so no row has to be moved. march_rows + 2 is a multiple of it.
inline constexpr int march_turn = 3;

/// An entry of a launch's table of jobs: a rectangle to filter (see DeviceJob).
struct Job {
  std::int64_t first_item = 0;  ///< the number of items of the jobs before
  std::int64_t first_row = 0;   ///< index in the table of rows; the job has rows + 2 of them, for Canny rows + 4
  std::byte* out = nullptr;     ///< a multiple of 16
  std::int64_t width = 0;
  std::int64_t rows = 0;
  std::int64_t out_row_bytes = 0;   ///< bytes of a tile's row, a multiple of 16
  std::int64_t out_tile_bytes = 0;  ///< bytes from one tile to the next
  std::int64_t tile_columns = 0;    ///< a multiple of 16
  bool at_top = false;              ///< the image begins with the first row; used by Canny only
  bool at_bottom = false;           ///< the image ends with the last row; used by Canny only
};

/// The parameters that all threads of a launch share. Pointers point to device memory.
struct Launch {
  const Job* jobs = nullptr;
  std::int64_t job_count = 0;
  std::int64_t items = 0;                  ///< the items of all jobs
  const std::byte* const* rows = nullptr;  ///< pointers to column 0 of source rows, multiples of 16
  int march_rows = 0;                      ///< the output rows of one march: see march_turn
  int out_bytes = 0;                       ///< bytes of an output sample
  GrayRule gray;
};

/// Returns the number of columns of a job; a column is lane_pixels wide. An item is the work of one thread: march_rows
/// rows of a column. (For Canny's items see canny.hpp.) Items of a job are numbered along the rows first, so that
/// neighbouring threads have neighbouring pixels.
HALOEDGE_DEVICE inline constexpr std::int64_t columns_of(std::int64_t width, std::int64_t sample_bytes) {
  return divide_up(width * sample_bytes, 16);
}

/// The job that `item` belongs to.
HALOEDGE_DEVICE inline const Job& job_of(const Launch& launch, std::int64_t item) {
  std::int64_t first = 0;
  std::int64_t last = launch.job_count - 1;
  while (first < last) {
    const std::int64_t middle = (first + last + 1) / 2;
    if (launch.jobs[middle].first_item <= item) {
      first = middle;
    } else {
      last = middle - 1;
    }
  }
  return launch.jobs[first];
}

/// The march of one thread. For each step from 0 to march_rows + 1: call take(step), exchange first() and last() with
/// the neighbouring threads, and call advance().
template <class Sample, std::size_t channels, class Op, class Output>
class March {
 public:
  /// A row's gray is kept in words of two pixels, or in samples.
  static constexpr bool packed = sizeof(Sample) == 1;
  using Gray = std::conditional_t<packed, std::uint32_t, Sample>;

  /// `lane` is the thread's index in its warp. Threads with an item past the end do the same as the last one, and store
  /// nothing.
  HALOEDGE_DEVICE March(const Launch& launch, std::int64_t item, unsigned lane) : gray_rule_(launch.gray) {
    const bool exists = item < launch.items;
    if (!exists) item = launch.items - 1;
    const Job& job = job_of(launch, item);
    const std::int64_t columns = columns_of(job.width, sizeof(Sample));
    const std::int64_t down = (item - job.first_item) / columns;
    const std::int64_t across = (item - job.first_item) % columns;
    const std::int64_t first_row = down * launch.march_rows;
    const std::int64_t column = across * pixels;
    const std::int64_t tile = column / job.tile_columns;

    loads_left_ = across == 0 || lane == 0;
    loads_right_ = across == columns - 1 || lane == warp_lanes - 1;
    const std::int64_t to_border = job.width - column;
    right_offset_ = (column + (to_border < pixels ? to_border : pixels)) * pixel_bytes;
    const std::int64_t rows = job.rows - first_row;
    rows_ = static_cast<int>(rows < launch.march_rows ? rows : launch.march_rows);
    stored_rows_ = exists ? rows_ : 0;
    offset_ = column * pixel_bytes;
    table_ = launch.rows + job.first_row + first_row;
    out_ = job.out + tile * job.out_tile_bytes + first_row * job.out_row_bytes +
           (column - tile * job.tile_columns) * launch.out_bytes;
    out_row_bytes_ = job.out_row_bytes;

    ahead_ = table_[0];
    far_ahead_ = table_[1];
    load_ahead();
  }

  /// Turns row `step` of the march to gray, where row 0 is the row above its first output row. Meanwhile the next row
  /// is loaded, whose address was loaded one step earlier.
  HALOEDGE_DEVICE void take(int step) {
    const LanePixels<Sample, channels> loaded = next_;
    const BesidePixel<Sample, channels> left = next_left_;
    const BesidePixel<Sample, channels> right = next_right_;
    ahead_ = far_ahead_;
    load_ahead();
    far_ahead_ = table_[step < rows_ ? step + 2 : rows_ + 1];
    gray_of(loaded, gray_rule_, gray_);
    left_ = left.gray(gray_rule_);
    right_ = right.gray(gray_rule_);
  }

  [[nodiscard]] HALOEDGE_DEVICE Gray first() const {
    if constexpr (packed) return gray_[0] & 0xFFFF;
    return gray_[0];
  }
  [[nodiscard]] HALOEDGE_DEVICE Gray last() const {
    if constexpr (packed) return gray_[7] >> 16;
    return gray_[pixels - 1];
  }

  /// The gray beside this thread's pixels. It comes from the neighbouring thread, except at the ends of a row or warp.
  [[nodiscard]] HALOEDGE_DEVICE Gray left(Gray neighbour) const { return loads_left_ ? left_ : neighbour; }
  [[nodiscard]] HALOEDGE_DEVICE Gray right(Gray neighbour) const { return loads_right_ ? right_ : neighbour; }

  /// Computes and stores an output row as soon as there are three rows of gray.
  HALOEDGE_DEVICE void advance(int step, Gray left, Gray right, const Op& op, const Output& output) {
    stencil_.push(gray_, left, right, op);
    const int row = step - 2;
    if (row < 0 || row >= stored_rows_) return;
    finish(stencil_, output, out_);
    out_ += out_row_bytes_;
  }

 private:
  static constexpr int pixels = static_cast<int>(lane_pixels<Sample>);
  static constexpr auto pixel_bytes = static_cast<std::int64_t>(channels * sizeof(Sample));

  HALOEDGE_DEVICE void load_ahead() {
    next_.load(ahead_ + offset_);
    if (loads_left_) next_left_.load(ahead_ + offset_ - pixel_bytes);
    if (loads_right_) next_right_.load(ahead_ + right_offset_);
  }

  const GrayRule& gray_rule_;
  const std::byte* const* table_;  ///< the march's rows, from the row above its first output row on
  const std::byte* ahead_;         ///< the row whose pixels are being loaded
  const std::byte* far_ahead_;     ///< the row after it
  std::int64_t offset_;            ///< bytes from column 0 to this thread's pixels
  std::int64_t right_offset_;      ///< bytes from column 0 to the pixel after them, or to the border
  std::byte* out_;                 ///< the memory of the next output row
  std::int64_t out_row_bytes_;
  int rows_;         ///< output rows of this march
  int stored_rows_;  ///< rows_, or 0 past the end
  bool loads_left_;
  bool loads_right_;
  LanePixels<Sample, channels> next_;
  BesidePixel<Sample, channels> next_left_;
  BesidePixel<Sample, channels> next_right_;
  Gray left_{};
  Gray right_{};
  Gray gray_[packed ? 8 : lane_pixels<Sample>] = {};
  Stencil<Sample> stencil_;
};

}  // namespace haloedge::kernels::cuda
