#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "source/open_source.hpp"

namespace haloedge {

namespace {

using kernels::ConstPixels;

/// Turned pixels are passed on in pieces of about this size, which are then still in the cache.
constexpr std::int64_t piece_bytes = std::int64_t{256} << 10;

/// How the stored pixels lie in the upright image, by the orientation of TIFF 6.0 and EXIF.
struct Turn {
  bool transposed = false;   ///< the rows of the upright image are stored as columns
  bool from_bottom = false;  ///< the stored image is read from its last row up
  bool from_right = false;   ///< the stored image is read from its last column to the left

  explicit Turn(int orientation)
      : transposed(orientation >= 5),
        from_bottom(orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7),
        from_right(orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) {}

  /// True if the upright rows are stored from the last one to the first.
  [[nodiscard]] bool reverses_rows() const { return transposed ? from_right : from_bottom; }
  /// Returns the stored rows, or if transposed columns, that hold these rows of an upright image of this height.
  [[nodiscard]] RowRange stored_lines(RowRange rows, std::int64_t height) const {
    return reverses_rows() ? RowRange{height - rows.end, height - rows.begin} : rows;
  }
};

template <std::size_t bytes>
void gather_pixels(const std::byte* from, std::int64_t step, std::int64_t count, std::byte* to) {
  for (std::int64_t i = 0; i < count; ++i, from += step, to += bytes) std::memcpy(to, from, bytes);
}

/// Copies `count` pixels, which are `step` bytes apart, into a row without gaps.
void gather_row(const std::byte* from, std::int64_t step, std::int64_t count, std::int64_t pixel_bytes, std::byte* to) {
  switch (pixel_bytes) {  // copies of a constant size are several times as fast
    case 1: return gather_pixels<1>(from, step, count, to);
    case 2: return gather_pixels<2>(from, step, count, to);
    case 3: return gather_pixels<3>(from, step, count, to);
    case 4: return gather_pixels<4>(from, step, count, to);
    default: break;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    std::memcpy(to + i * pixel_bytes, from + i * step, static_cast<std::size_t>(pixel_bytes));
  }
}

/// An image that is stored in another orientation than it is shown in. Where the stored image can be decoded in any
/// order, it is turned piece by piece; else it is decoded as a whole when its first rows are asked for. Mirrored rows
/// are always turned as they come.
class UprightSource final : public Source {
 public:
  UprightSource(std::unique_ptr<Source> stored, int orientation)
      : stored_(std::move(stored)), turn_(orientation), image_(stored_->image()) {
    const ImageInfo& from = stored_->image();
    if (turn_.transposed) {
      std::swap(image_.width, image_.height);
      if (image_.metadata.resolution) std::swap(image_.metadata.resolution->x, image_.metadata.resolution->y);
      streams_ = stored_->any_order() && stored_->task_width() < from.width;
      if (streams_) bands_ = stored_->units({0, from.height}, 1);
    } else {
      streams_ = stored_->any_order() || !turn_.from_bottom;
    }
    image_.metadata.orientation.reset();
    image_.description.emplace_back(
        "orientation", fmt::format("{}, turned upright{}", orientation, streams_ ? "" : ": decoded as a whole"));
  }

  [[nodiscard]] const ImageInfo& image() const override { return image_; }

  [[nodiscard]] RowCost row_cost() const override {
    RowCost cost = stored_->row_cost();
    if (!streams_ || turn_.transposed || !cost) return {};
    return [cost = std::move(cost), turn = turn_, height = image_.height](RowRange rows) {
      return cost(turn.stored_lines(rows, height));
    };
  }

  [[nodiscard]] std::vector<RowRange> sequences() const override {
    return streams_ ? stored_->sequences() : std::vector<RowRange>{{0, image_.height}};
  }
  [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const override;
  [[nodiscard]] std::int64_t task_count(RowRange unit) const override {
    if (!streams_) return 1;
    const RowRange lines = stored_lines(unit);
    if (!turn_.transposed) return stored_->task_count(lines);
    const std::int64_t width = stored_->task_width();
    return ((lines.end - 1) / width - lines.begin / width + 1) * std::ssize(bands_);
  }

  void decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) override;
  [[nodiscard]] std::int64_t working_bytes(int threads) const override {
    const std::int64_t whole = streams_ ? 0 : image_.height * image_.row_bytes();
    return stored_->working_bytes(threads) + whole + threads * std::max(piece_bytes, image_.row_bytes());
  }

 private:
  [[nodiscard]] RowRange stored_lines(RowRange rows) const { return turn_.stored_lines(rows, image_.height); }

  /// Turns a part of the stored image whose upper left corner is at (row, column), and passes on those of its pixels
  /// that are in the rows of `unit`.
  void turn_part(std::int64_t row, std::int64_t column, const ConstPixels& part, RowRange unit,
                 const PixelConsumer& consume) const;

  std::unique_ptr<Source> stored_;
  Turn turn_;
  ImageInfo image_;
  bool streams_ = false;         ///< the stored image is turned piece by piece
  std::vector<RowRange> bands_;  ///< the rows of blocks of the stored image, if it is streamed and transposed
  Buffer memory_;                ///< the pixels of whole_
  ConstPixels whole_{};          ///< the stored image, once it is decoded as a whole
};

std::vector<RowRange> UprightSource::units(RowRange rows, std::int64_t target_rows) const {
  if (!streams_) return cut_between_blocks(rows, 1, target_rows);
  const RowRange lines = stored_lines(rows);
  std::vector<RowRange> units = turn_.transposed ? cut_between_blocks(lines, stored_->task_width(), target_rows)
                                                 : stored_->units(lines, target_rows);
  for (RowRange& unit : units) unit = stored_lines(unit);
  if (turn_.reverses_rows()) std::ranges::reverse(units);
  return units;
}

void UprightSource::decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) {
  if (!streams_) {
    if (whole_.data == nullptr) whole_ = decode_image(*stored_, memory_);
    return turn_part(0, 0, whole_, unit, consume);
  }
  const auto turn = [&](std::int64_t row, std::int64_t column, const ConstPixels& part) {
    turn_part(row, column, part, unit, consume);
  };
  const RowRange lines = stored_lines(unit);
  if (!turn_.transposed) return stored_->decode(lines, task, turn);
  const auto band = static_cast<std::size_t>(task % std::ssize(bands_));
  stored_->decode(bands_[band], lines.begin / stored_->task_width() + task / std::ssize(bands_), turn);
}

void UprightSource::turn_part(std::int64_t row, std::int64_t column, const ConstPixels& part, RowRange unit,
                              const PixelConsumer& consume) const {
  const ImageInfo& from = stored_->image();
  const std::int64_t pixel_bytes = image_.pixel_bytes();
  // The place of the part in the upright image.
  std::int64_t top = turn_.from_bottom ? from.height - row - part.rows : row;
  std::int64_t left = turn_.from_right ? from.width - column - part.width : column;
  std::int64_t width = part.width;
  std::int64_t rows = part.rows;
  if (turn_.transposed) {
    std::swap(top, left);
    std::swap(width, rows);
  }
  // The distances in bytes between stored pixels that are neighbours in the part, and then in the upright image.
  const std::int64_t down = turn_.from_bottom ? -part.row_bytes : part.row_bytes;
  const std::int64_t right = turn_.from_right ? -pixel_bytes : pixel_bytes;
  const std::int64_t shown_down = turn_.transposed ? right : down;
  const std::int64_t shown_right = turn_.transposed ? down : right;
  const std::byte* first = part.data + (turn_.from_bottom ? (part.rows - 1) * part.row_bytes : 0) +
                           (turn_.from_right ? (part.width - 1) * pixel_bytes : 0);

  const std::int64_t row_bytes = width * pixel_bytes;
  const std::int64_t rows_at_once = std::max<std::int64_t>(1, piece_bytes / row_bytes);
  const RowRange wanted = intersect(unit, {top, top + rows});
  const Buffer buffer(std::min(rows_at_once, wanted.size()) * row_bytes);
  for (std::int64_t begin = wanted.begin; begin < wanted.end; begin += rows_at_once) {
    const std::int64_t count = std::min(rows_at_once, wanted.end - begin);
    for (std::int64_t y = 0; y < count; ++y) {
      gather_row(first + (begin + y - top) * shown_down, shown_right, width, pixel_bytes,
                 buffer.data() + y * row_bytes);
    }
    consume(begin, left, {buffer.data(), row_bytes, width, count, part.type, part.channels});
  }
}

}  // namespace

std::unique_ptr<Source> make_upright_source(std::unique_ptr<Source> stored) {
  const Metadata& metadata = stored->image().metadata;
  const int orientation = metadata.orientation.value_or(1);
  if (orientation == 1 || metadata.is_georeferenced()) return stored;
  return std::make_unique<UprightSource>(std::move(stored), orientation);
}

}  // namespace haloedge
