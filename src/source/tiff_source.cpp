#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "formats/tiff_mask.hpp"
#include "formats/tiff_pages.hpp"
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
      const std::uint32_t number = header.block_number(across, down, header.plane_number(plane));
      bytes += static_cast<std::int64_t>(std::min(TIFFGetStrileByteCount(handle.get(), number), most));
    }
  }
  return bytes;
}

/// A page of a TIFF that is read as an image, and its mask if it has one.
struct TiffImage {
  std::filesystem::path path;
  TiffPages pages{};
  TiffHeader header{};
  std::optional<TiffHeader> mask{};  ///< of pages.mask
};

/// Reads blocks of an image, with its mask.
class MaskedBlockReader {
 public:
  /// `image` must outlive the reader.
  explicit MaskedBlockReader(const TiffImage& image) : pixels_(image.path, image.pages.image, image.header) {
    if (image.mask) mask_.emplace(image.path, *image.pages.mask, *image.mask);
  }

  /// See TiffBlockReader::read(). The block's first pixel is in this column of the image, and its row `first` in `row`.
  [[nodiscard]] kernels::ConstPixels read(std::int64_t across, std::int64_t down, std::int64_t first, std::int64_t rows,
                                          std::int64_t row, std::int64_t column) {
    const kernels::ConstPixels pixels = pixels_.read(across, down, first, rows);
    return mask_ ? mask_->add_to(pixels, row, column) : pixels;
  }

 private:
  TiffBlockReader pixels_;
  std::optional<TiffMaskReader> mask_;
};

class TiffSource final : public Source {
 public:
  explicit TiffSource(TiffImage image) : image_(std::move(image)), info_(image_.header.image) {
    if (image_.mask) describe_mask(info_);
    const bool by_rows = header_.plain && !header_.tiled;
    granule_ = by_rows ? 1 : header_.block_rows;
    const std::int64_t granule_bytes = granule_ * header_.block_width * info_.pixel_bytes();
    const std::int64_t granules = std::max<std::int64_t>(1, task_bytes / granule_bytes);
    group_rows_ = header_.tiled ? granule_ : granule_ * granules;
    // An image that is to be transposed is read in columns of tiles.
    const bool transposed = header_.image.metadata.orientation.value_or(1) >= 5;
    group_blocks_ = header_.tiled && !transposed ? granules : 1;
  }

  [[nodiscard]] const ImageInfo& image() const override { return info_; }
  [[nodiscard]] RowCost row_cost() const override;
  [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const override {
    return cut_between_blocks(rows, granule_, target_rows);
  }
  [[nodiscard]] std::int64_t task_count(RowRange unit) const override {
    return ((unit.end - 1) / group_rows_ - unit.begin / group_rows_ + 1) * tasks_across();
  }
  [[nodiscard]] std::int64_t task_width() const override {
    return std::min(header_.image.width, group_blocks_ * header_.block_width);
  }
  void decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) override;
  [[nodiscard]] std::int64_t working_bytes(int threads) const override {
    const std::int64_t pixels = std::min(group_rows_, header_.block_rows) * header_.block_width;
    const std::int64_t mask = image_.mask ? TiffMaskReader::memory_bytes(*image_.mask, info_, pixels) : 0;
    return threads * (TiffBlockReader::memory_bytes(header_, group_rows_) + mask);
  }

 private:
  [[nodiscard]] std::unique_ptr<MaskedBlockReader> take_reader();
  void give_back(std::unique_ptr<MaskedBlockReader> reader) {
    const std::lock_guard lock(guard_);
    idle_.push_back(std::move(reader));
  }

  /// The number of tasks for the width of a row of blocks.
  [[nodiscard]] std::int64_t tasks_across() const { return divide_up(header_.blocks_across(), group_blocks_); }

  TiffImage image_;
  const TiffHeader& header_ = image_.header;
  ImageInfo info_;             ///< as it is read: with the mask
  std::int64_t granule_;       ///< rows that can be decoded independently
  std::int64_t group_rows_;    ///< rows of a task, a multiple of the granule
  std::int64_t group_blocks_;  ///< blocks of a task, side by side
  std::mutex guard_;
  std::vector<std::unique_ptr<MaskedBlockReader>> idle_;
};

std::unique_ptr<MaskedBlockReader> TiffSource::take_reader() {
  {
    const std::lock_guard lock(guard_);
    if (!idle_.empty()) {
      std::unique_ptr<MaskedBlockReader> reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  return std::make_unique<MaskedBlockReader>(image_);
}

RowCost TiffSource::row_cost() const {
  if (header_.plain) return {};
  const TiffHandle handle(image_.path, image_.pages.image);
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
  std::unique_ptr<MaskedBlockReader> reader = take_reader();
  const std::int64_t group = unit.begin / group_rows_ + task / tasks_across();
  const RowRange rows = intersect(unit, {group * group_rows_, (group + 1) * group_rows_});
  const std::int64_t first_block = task % tasks_across() * group_blocks_;
  const std::int64_t end_block = std::min(first_block + group_blocks_, header_.blocks_across());
  for (std::int64_t row = rows.begin; row < rows.end;) {
    const std::int64_t down = row / header_.block_rows;
    const std::int64_t first = row - down * header_.block_rows;
    const std::int64_t count = std::min(rows.end - row, header_.block_rows - first);
    for (std::int64_t across = first_block; across < end_block; ++across) {
      const std::int64_t column = across * header_.block_width;
      consume(row, column, reader->read(across, down, first, count, row, column));
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

std::unique_ptr<Source> open_tiff_source(const std::filesystem::path& path, const ReadOptions& options) {
  TiffImage image{.path = path, .pages = choose_tiff_pages(path, options)};
  TiffHandle handle(path, image.pages.image);
  TiffHeader& header = image.header = read_tiff_header(handle, options);
  header.image.note = image.pages.note;
  if (image.pages.mask) {
    TiffHandle mask(path, *image.pages.mask);
    image.mask = read_tiff_header(mask);
  }
  if (!header.tiled && !header.plain && !header.shown && header.block_bytes * header.planes > largest_strip_bytes) {
    auto rows = make_tiff_row_reader(path, image.pages.image, header);
    if (!image.mask) return make_sequential_source(std::move(rows));
    return make_sequential_source(
        make_masked_row_reader(std::move(rows), make_tiff_row_reader(path, *image.pages.mask, *image.mask)));
  }
  if ((header.tiled || header.shown) && header.block_bytes > largest_tile_bytes) {
    throw Error(fmt::format("{}: tiles or strips of {} x {} px are more than 1 GiB each", path.string(),
                            header.block_width, header.block_rows));
  }
  return std::make_unique<TiffSource>(std::move(image));
}

std::unique_ptr<Source> make_stand_in_source(ImageInfo image) {
  return std::make_unique<StandInSource>(std::move(image));
}

}  // namespace haloedge
