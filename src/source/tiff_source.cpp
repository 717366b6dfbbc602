#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/arithmetic.hpp"
#include "core/error.hpp"
#include "formats/tiff_header.hpp"
#include "formats/tiff_reader.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

constexpr std::int64_t largest_strip_bytes = std::int64_t{64} << 20;
constexpr std::int64_t largest_tile_bytes = std::int64_t{1} << 30;
/// The pixel bytes of a task: enough to be worth its start, few enough to stay in the cache.
constexpr std::int64_t task_bytes = std::int64_t{256} << 10;

/// The compressed bytes above a row, as the tables of the file give them. Within a block, they are taken to be spread
/// evenly over the rows.
class StoredBytes {
 public:
  StoredBytes(const TiffHandle& handle, const TiffHeader& header)
      : tiled_(header.tiled), block_rows_(header.block_rows), height_(header.image.height) {
    for (std::int64_t down = 0; down < header.blocks_down(); ++down) {
      above_.push_back(above_.back() + bytes_of_row(handle, header, down));
    }
  }

  [[nodiscard]] std::int64_t above(std::int64_t row) const {
    const auto block = static_cast<std::size_t>(row / block_rows_);
    if (block + 1 == above_.size()) return above_.back();
    // The last strip ends with the image; a tile never does.
    const std::int64_t first = static_cast<std::int64_t>(block) * block_rows_;
    const std::int64_t rows = tiled_ ? block_rows_ : std::min(block_rows_, height_ - first);
    return above_.at(block) + (above_.at(block + 1) - above_.at(block)) * (row - first) / rows;
  }

 private:
  /// Limits a block to twice the bytes of its pixels, because a damaged file may claim more.
  static std::int64_t bytes_of_row(const TiffHandle& handle, const TiffHeader& header, std::int64_t down) {
    const auto most = static_cast<std::uint64_t>(2 * header.block_bytes);
    std::int64_t bytes = 0;
    for (int plane = 0; plane < header.planes; ++plane) {
      for (std::int64_t across = 0; across < header.blocks_across(); ++across) {
        const std::uint32_t number = header.block_number(across, down, plane);
        bytes += static_cast<std::int64_t>(std::min(TIFFGetStrileByteCount(handle.get(), number), most));
      }
    }
    return bytes;
  }

  bool tiled_;
  std::int64_t block_rows_;
  std::int64_t height_;
  std::vector<std::int64_t> above_{0};  ///< one number for each row of blocks, and the sum
};

class TiffSource final : public Source {
 public:
  TiffSource(std::filesystem::path path, int page, TiffHeader header);

  [[nodiscard]] const ImageInfo& image() const override { return header_.image; }
  [[nodiscard]] RowCost row_cost() const override;
  [[nodiscard]] bool any_order() const override { return true; }
  [[nodiscard]] std::vector<RowRange> sequences() const override { return {}; }
  [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const override;
  [[nodiscard]] std::int64_t task_count(RowRange unit) const override;
  void decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) override;
  [[nodiscard]] std::int64_t working_bytes(int threads) const override;

 private:
  /// Borrows an idle reader, and returns it in the destructor.
  class Lease {
   public:
    explicit Lease(TiffSource& source);
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();
    TiffBlockReader* operator->() const { return reader_.get(); }

   private:
    TiffSource& source_;
    std::unique_ptr<TiffBlockReader> reader_;
  };

  /// The number of tasks for the width of a row of blocks.
  [[nodiscard]] std::int64_t tasks_across() const { return divide_up(header_.blocks_across(), group_blocks_); }

  std::filesystem::path path_;
  int page_;
  TiffHeader header_;
  std::int64_t granule_;       ///< rows that can be decoded independently
  std::int64_t group_rows_;    ///< rows of a task, a multiple of the granule
  std::int64_t group_blocks_;  ///< blocks of a task, side by side
  std::mutex guard_;
  std::vector<std::unique_ptr<TiffBlockReader>> idle_;
};

TiffSource::TiffSource(std::filesystem::path path, int page, TiffHeader header)
    : path_(std::move(path)), page_(page), header_(std::move(header)) {
  const bool by_rows = header_.plain && !header_.tiled;
  granule_ = by_rows ? 1 : header_.block_rows;
  const std::int64_t granule_bytes = granule_ * header_.block_width * header_.image.pixel_bytes();
  const std::int64_t granules = std::max<std::int64_t>(1, task_bytes / granule_bytes);
  group_rows_ = header_.tiled ? granule_ : granule_ * granules;
  group_blocks_ = header_.tiled ? granules : 1;
}

TiffSource::Lease::Lease(TiffSource& source) : source_(source) {
  {
    const std::lock_guard lock(source.guard_);
    if (!source.idle_.empty()) {
      reader_ = std::move(source.idle_.back());
      source.idle_.pop_back();
      return;
    }
  }
  reader_ = std::make_unique<TiffBlockReader>(source.path_, source.page_, source.header_);
}

TiffSource::Lease::~Lease() {
  const std::lock_guard lock(source_.guard_);
  source_.idle_.push_back(std::move(reader_));
}

RowCost TiffSource::row_cost() const {
  if (header_.plain) return {};
  // Measured with Deflate and LZW: decoding a compressed byte takes as long as all other work for six pixel bytes.
  constexpr std::int64_t decoded_bytes_a_stored_one = 6;
  const std::int64_t decoded = header_.image.width * header_.image.pixel_bytes();
  const TiffHandle handle(path_, page_);
  return [stored = StoredBytes(handle, header_), decoded](RowRange rows) {
    return stored.above(rows.end) - stored.above(rows.begin) + rows.size() * decoded / decoded_bytes_a_stored_one;
  };
}

std::vector<RowRange> TiffSource::units(RowRange rows, std::int64_t target_rows) const {
  // Units begin and end between blocks; the first and the last one are cut where `rows` begin and end.
  const std::int64_t step = granule_ * std::max<std::int64_t>(1, target_rows / granule_);
  std::vector<RowRange> units;
  for (std::int64_t row = rows.begin; row < rows.end;) {
    const std::int64_t end = std::min(rows.end, row / granule_ * granule_ + step);
    units.push_back({row, end});
    row = end;
  }
  return units;
}

std::int64_t TiffSource::task_count(RowRange unit) const {
  return ((unit.end - 1) / group_rows_ - unit.begin / group_rows_ + 1) * tasks_across();
}

void TiffSource::decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) {
  const Lease reader(*this);
  const std::int64_t group = unit.begin / group_rows_ + task / tasks_across();
  const RowRange rows = intersect(unit, {group * group_rows_, (group + 1) * group_rows_});
  const std::int64_t first_block = task % tasks_across() * group_blocks_;
  const std::int64_t end_block = std::min(first_block + group_blocks_, header_.blocks_across());
  for (std::int64_t row = rows.begin; row < rows.end;) {
    const std::int64_t down = row / header_.block_rows;
    const std::int64_t first = row - down * header_.block_rows;
    const std::int64_t count = std::min(rows.end - row, header_.block_rows - first);
    for (std::int64_t across = first_block; across < end_block; ++across) {
      consume(row, across * header_.block_width, reader->read(across, down, first, count));
    }
    row += count;
  }
}

std::int64_t TiffSource::working_bytes(int threads) const {
  return threads * TiffBlockReader::memory_bytes(header_, group_rows_);
}

}  // namespace

std::unique_ptr<Source> open_tiff_source(const std::filesystem::path& path, int page) {
  TiffHandle handle(path, page);
  TiffHeader header = read_tiff_header(handle);
  if (!header.tiled && !header.plain && header.block_bytes * header.planes > largest_strip_bytes) {
    return make_sequential_source(make_tiff_row_reader(path, page, header));
  }
  if (header.tiled && header.block_bytes > largest_tile_bytes) {
    throw Error(fmt::format("{}: tiles of {} x {} px are more than 1 GiB each", path.string(), header.block_width,
                            header.block_rows));
  }
  return std::make_unique<TiffSource>(path, page, std::move(header));
}

}  // namespace haloedge
