#include "support/source_reader.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <stdexcept>

#include "core/threads.hpp"

namespace haloedge {

namespace {

void require(bool good, const char* promise) {
  if (!good) throw std::logic_error(std::string("the source does not keep its promise: ") + promise);
}

/// Receives the pixels of one unit and counts how often each is delivered.
class Canvas {
 public:
  Canvas(const ImageInfo& image, RowRange unit, std::byte* out)
      : image_(image), unit_(unit), out_(out), times_(static_cast<std::size_t>(unit.size() * image.width)) {}

  void put(std::int64_t row, std::int64_t column, const kernels::ConstPixels& pixels) {
    require(pixels.type == image_.type && pixels.channels == image_.channels, "the type announced");
    require(row >= unit_.begin && row + pixels.rows <= unit_.end, "rows of the unit only");
    require(column >= 0 && column + pixels.width <= image_.width, "columns of the image only");
    const std::int64_t pixel_bytes = image_.pixel_bytes();
    for (std::int64_t i = 0; i < pixels.rows; ++i) {
      const std::int64_t first = (row - unit_.begin + i) * image_.width + column;
      std::memcpy(out_ + first * pixel_bytes, pixels.data + i * pixels.row_bytes,
                  static_cast<std::size_t>(pixels.width * pixel_bytes));
      for (std::int64_t x = 0; x < pixels.width; ++x) ++times_[static_cast<std::size_t>(first + x)];
    }
  }

  [[nodiscard]] bool complete() const {
    return std::all_of(times_.begin(), times_.end(), [](const auto& times) { return times == 1; });
  }

 private:
  const ImageInfo& image_;
  RowRange unit_;
  std::byte* out_;
  std::vector<std::atomic<std::uint8_t>> times_;
};

}  // namespace

std::vector<std::byte> read_rows(Source& source, RowRange rows, std::int64_t target_rows, int threads) {
  const ImageInfo& image = source.image();
  const std::int64_t row_bytes = image.width * image.pixel_bytes();
  std::vector<std::byte> out(static_cast<std::size_t>(rows.size() * row_bytes));
  std::int64_t next_row = rows.begin;
  for (const RowRange unit : source.units(rows, target_rows)) {
    require(unit.begin == next_row && unit.end > unit.begin && unit.end <= rows.end, "units that cover the rows");
    next_row = unit.end;
    Canvas canvas(image, unit, out.data() + (unit.begin - rows.begin) * row_bytes);
    run_tasks(threads, source.task_count(unit), [&](std::int64_t task, int) {
      source.decode(unit, task, [&](std::int64_t row, std::int64_t column, const kernels::ConstPixels& pixels) {
        canvas.put(row, column, pixels);
      });
    });
    require(canvas.complete(), "each pixel once");
  }
  require(next_row == rows.end, "units that cover the rows");
  return out;
}

std::vector<std::byte> read_image(Source& source, std::int64_t target_rows, int threads) {
  return read_rows(source, {0, source.image().height}, target_rows, threads);
}

}  // namespace haloedge
