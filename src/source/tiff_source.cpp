#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "formats/tiff_reader.hpp"
#include "kernels/arithmetic.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

constexpr std::int64_t largest_strip_bytes = std::int64_t{64} << 20;
constexpr std::int64_t largest_tile_bytes = std::int64_t{1} << 30;
/// The pixel bytes of a task: enough to be worth its start, few enough to stay in the cache.
constexpr std::int64_t task_bytes = std::int64_t{256} << 10;

/// The compressed bytes of a row of blocks. Each block counts at most twice the bytes of its pixels, because a damaged
/// file may claim more.
std::int64_t stored_bytes(const TiffHandle& handle, const TiffHeader& header, std::int64_t down) {
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

class TiffSource final : public Source {
 public:
  TiffSource(std::filesystem::path path, int page, TiffHeader header)
      : path_(std::move(path)), page_(page), header_(std::move(header)) {
    const bool by_rows = header_.plain && !header_.tiled;
    granule_ = by_rows ? 1 : header_.block_rows;
    const std::int64_t granule_bytes = granule_ * header_.block_width * header_.image.pixel_bytes();
    const std::int64_t granules = std::max<std::int64_t>(1, task_bytes / granule_bytes);
    group_rows_ = header_.tiled ? granule_ : granule_ * granules;
    group_blocks_ = header_.tiled ? granules : 1;
  }

  [[nodiscard]] const ImageInfo& image() const override { return header_.image; }
  [[nodiscard]] RowCost row_cost() const override;
  [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const override {
    return cut_between_blocks(rows, granule_, target_rows);
  }
  [[nodiscard]] std::int64_t task_count(RowRange unit) const override {
    return ((unit.end - 1) / group_rows_ - unit.begin / group_rows_ + 1) * tasks_across();
  }
  void decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) override;
  [[nodiscard]] std::int64_t working_bytes(int threads) const override {
    return threads * TiffBlockReader::memory_bytes(header_, group_rows_);
  }

 private:
  [[nodiscard]] std::unique_ptr<TiffBlockReader> take_reader();
  void give_back(std::unique_ptr<TiffBlockReader> reader) {
    const std::lock_guard lock(guard_);
    idle_.push_back(std::move(reader));
  }

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

std::unique_ptr<TiffBlockReader> TiffSource::take_reader() {
  {
    const std::lock_guard lock(guard_);
    if (!idle_.empty()) {
      std::unique_ptr<TiffBlockReader> reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  return std::make_unique<TiffBlockReader>(path_, page_, header_);
}

RowCost TiffSource::row_cost() const {
  if (header_.plain) return {};
  const TiffHandle handle(path_, page_);
  std::vector<std::int64_t> sums{0};  // the compressed bytes above each row of blocks, and those of all
  for (std::int64_t down = 0; down < header_.blocks_down(); ++down) {
    sums.push_back(sums.back() + stored_bytes(handle, header_, down));
  }
  // Within a block, the compressed bytes are taken to be spread evenly over the rows. The last strip ends with the
  // image; a tile never does.
  const auto stored_above = [sums = std::move(sums), block_rows = header_.block_rows,
                             end = header_.tiled ? header_.blocks_down() * header_.block_rows
                                                 : image().height](std::int64_t row) {
    const auto block = static_cast<std::size_t>(row / block_rows);
    if (block + 1 == sums.size()) return sums.back();
    const std::int64_t first = static_cast<std::int64_t>(block) * block_rows;
    const std::int64_t rows = std::min(block_rows, end - first);
    return sums.at(block) + (sums.at(block + 1) - sums.at(block)) * (row - first) / rows;
  };
  // Measured with Deflate and LZW: decoding a compressed byte takes as long as all other work for six pixel bytes.
  constexpr std::int64_t decoded_bytes_a_stored_one = 6;
  return [stored_above, decoded = image().row_bytes()](RowRange rows) {
    return stored_above(rows.end) - stored_above(rows.begin) + rows.size() * decoded / decoded_bytes_a_stored_one;
  };
}

void TiffSource::decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) {
  std::unique_ptr<TiffBlockReader> reader = take_reader();
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
  give_back(std::move(reader));
}

class StandInSource final : public Source {
 public:
  explicit StandInSource(ImageInfo image) : image_(std::move(image)) {}

  [[nodiscard]] const ImageInfo& image() const override { return image_; }

  [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const override {
    return cut_between_blocks(rows, tile, target_rows);
  }

  [[nodiscard]] std::int64_t task_count(RowRange unit) const override {
    return divide_up(unit.size(), tile) * divide_up(image_.width, tile);
  }

  void decode(RowRange, std::int64_t, const PixelConsumer&) override {
    throw Error("there is no image to decode: this is a plan");
  }

  /// Each thread holds its tile as it is in the file, and decoded.
  [[nodiscard]] std::int64_t working_bytes(int threads) const override {
    return threads * (2 * tile * tile * image_.pixel_bytes());
  }

 private:
  static constexpr std::int64_t tile = 256;

  ImageInfo image_;
};

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

std::unique_ptr<Source> make_stand_in_source(ImageInfo image) {
  return std::make_unique<StandInSource>(std::move(image));
}

}  // namespace haloedge
