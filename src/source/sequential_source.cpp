#include <algorithm>
#include <utility>

#include "core/buffer.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

/// Decoded rows are passed on in pieces of about this size, which are still in the cache then.
constexpr std::int64_t piece_bytes = std::int64_t{256} << 10;

class SequentialSource final : public Source {
 public:
  explicit SequentialSource(std::unique_ptr<RowReader> reader);

  [[nodiscard]] const ImageInfo& image() const override { return reader_->image(); }
  [[nodiscard]] bool any_order() const override { return false; }
  [[nodiscard]] std::vector<RowRange> sequences() const override { return {{0, image().height}}; }
  [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const override;
  [[nodiscard]] std::int64_t task_count(RowRange) const override { return 1; }
  void decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) override;
  [[nodiscard]] std::int64_t working_bytes(int threads) const override;

 private:
  [[nodiscard]] std::int64_t row_bytes() const { return image().width * image().pixel_bytes(); }

  std::unique_ptr<RowReader> reader_;
  std::int64_t piece_rows_;
  Buffer piece_;
  std::int64_t next_row_ = 0;
};

SequentialSource::SequentialSource(std::unique_ptr<RowReader> reader)
    : reader_(std::move(reader)), piece_rows_(std::max<std::int64_t>(1, piece_bytes / row_bytes())) {}

std::vector<RowRange> SequentialSource::units(RowRange rows, std::int64_t target_rows) const {
  std::vector<RowRange> units;
  for (std::int64_t row = rows.begin; row < rows.end; row += target_rows) {
    units.push_back({row, std::min(rows.end, row + target_rows)});
  }
  return units;
}

void SequentialSource::decode(RowRange unit, std::int64_t, const PixelConsumer& consume) {
  if (piece_.size() == 0) piece_ = Buffer(piece_rows_ * row_bytes());
  if (next_row_ < unit.begin) reader_->skip(unit.begin - next_row_);
  for (next_row_ = unit.begin; next_row_ < unit.end;) {
    const std::int64_t rows = std::min(piece_rows_, unit.end - next_row_);
    reader_->read(piece_.data(), row_bytes(), rows);
    consume(next_row_, 0, {piece_.data(), row_bytes(), image().width, rows, image().type, image().channels});
    next_row_ += rows;
  }
}

std::int64_t SequentialSource::working_bytes(int) const {
  constexpr std::int64_t skipped_row = 1;
  return reader_->working_bytes() + (piece_rows_ + skipped_row) * row_bytes();
}

}  // namespace

std::unique_ptr<Source> make_sequential_source(std::unique_ptr<RowReader> reader) {
  return std::make_unique<SequentialSource>(std::move(reader));
}

}  // namespace haloedge
