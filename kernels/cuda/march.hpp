#pragma once

// The way of one GPU thread through an image: it marches down a column of 16 bytes of each channel, with the rows that
// its stencil needs in registers, so that each source byte is loaded once and each output byte stored once.

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/cuda/finish.hpp"
#include "kernels/cuda/gray.hpp"
#include "kernels/cuda/stencil.hpp"
#include "kernels/kernels.hpp"

namespace haloedge::kernels::cuda {

inline constexpr unsigned warp_lanes = 32;

/// A march's loop makes this many steps a turn, so that rows change their places in the registers without being moved.
/// march_rows + 2 is a multiple of it.
inline constexpr int march_turn = 3;

/// A rectangle to be filtered: a band of a large image, or a whole small one. The table of these is what a launch works
/// through.
struct Job {
  std::int64_t first_item = 0;  ///< the items of the jobs before
  std::int64_t first_row = 0;   ///< in the table of rows: rows + 2 of them; for Canny, rows + 4
  std::byte* out = nullptr;     ///< a multiple of 16
  std::int64_t width = 0;
  std::int64_t rows = 0;
  std::int64_t out_row_bytes = 0;   ///< of a tile, a multiple of 16
  std::int64_t out_tile_bytes = 0;  ///< from one tile to the next
  std::int64_t tile_columns = 0;    ///< a multiple of 16
  bool at_top = false;              ///< the image ends above; looked at by Canny only
  bool at_bottom = false;
};

/// The parameters that all threads of a launch share. Pointers are to the device's memory.
struct Launch {
  const Job* jobs = nullptr;
  std::int64_t job_count = 0;
  std::int64_t items = 0;                  ///< of all jobs
  const std::byte* const* rows = nullptr;  ///< to column 0 of source rows, each a multiple of 16
  int march_rows = 0;                      ///< the rows that one item of a march makes: see march_turn
  int out_bytes = 0;                       ///< of a sample
  GrayRule gray;
};

/// An item is one thread's work (Canny has others: see canny.hpp): `march_rows` rows of a column of lane_pixels. Within
/// a job they are numbered along the rows first, so that threads beside each other have pixels beside each other.
HALOEDGE_DEVICE inline constexpr std::int64_t columns_of(std::int64_t width, std::int64_t sample_bytes) {
  return (width * sample_bytes + 15) / 16;
}

/// The job that has `item`.
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

/// One thread's march. For each step from 0 to march_rows + 1: take(step), then swap first() and last() with the
/// threads beside, then advance().
template <class Sample, std::size_t channels, class Op, class Output>
class March {
 public:
  /// A row's gray is kept in words of two pixels, or in samples.
  static constexpr bool packed = sizeof(Sample) == 1;
  using Gray = std::conditional_t<packed, std::uint32_t, Sample>;

  /// `lane` is the thread's place in its warp. An item past the end marches along with the last one, and stores
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

  /// Turns the row above the march's first (step 0), or `step` rows below that, to gray, and has the next row loaded
  /// meanwhile, whose address was loaded before.
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

  /// The gray beside this thread's pixels: the neighbour thread's, but at a row's ends and a warp's.
  [[nodiscard]] HALOEDGE_DEVICE Gray left(Gray neighbour) const { return loads_left_ ? left_ : neighbour; }
  [[nodiscard]] HALOEDGE_DEVICE Gray right(Gray neighbour) const { return loads_right_ ? right_ : neighbour; }

  /// Makes and stores an output row, once there are three rows of gray.
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
  const std::byte* const* table_;  ///< from the row above the march's first on
  const std::byte* ahead_;         ///< the row whose pixels are being loaded
  const std::byte* far_ahead_;     ///< and the one after it
  std::int64_t offset_;            ///< of this thread's pixels in a row, in bytes
  std::int64_t right_offset_;      ///< and of the pixel behind them, or of the border
  std::byte* out_;                 ///< where the next output row goes
  std::int64_t out_row_bytes_;
  int rows_;         ///< of this march
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
