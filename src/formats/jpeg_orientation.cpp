#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/buffer.hpp"
#include "formats/row_reader.hpp"

namespace haloedge {

namespace {

/// Reads a number of `size` bytes of an EXIF block, which has its own byte order. Beyond the end of the block
/// everything is 0.
std::uint32_t exif_number(std::span<const std::byte> exif, std::size_t at, std::size_t size) {
  if (at > exif.size() || exif.size() - at < size) return 0;
  const bool big_endian = exif[0] == std::byte{'M'};
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value = value << 8 | std::to_integer<std::uint32_t>(exif[at + (big_endian ? i : size - 1 - i)]);
  }
  return value;
}

class OrientedReader final : public RowReader {
 public:
  OrientedReader(std::unique_ptr<RowReader> reader, int orientation)
      : reader_(std::move(reader)),
        orientation_(orientation),
        image_(reader_->image()),
        pixel_bytes_(image_.pixel_bytes()) {
    if (orientation >= 5) {
      std::swap(image_.width, image_.height);
      if (image_.metadata.resolution) std::swap(image_.metadata.resolution->x, image_.metadata.resolution->y);
    }
    image_.description.emplace_back("orientation", fmt::format("EXIF {}, turned upright", orientation));
  }

  [[nodiscard]] const ImageInfo& image() const override { return image_; }

  void read(std::byte* out, std::int64_t row_bytes, std::int64_t rows) override {
    const std::int64_t width = reader_->image().width;
    const std::int64_t height = reader_->image().height;
    const std::int64_t stored_row = width * pixel_bytes_;
    if (stored_.size() == 0) {
      stored_ = Buffer(stored_row * (needs_whole() ? height : 1));
      if (needs_whole()) reader_->read(stored_.data(), stored_row, height);
    }
    // `from` is the place where the first pixel of a shown row is stored, `step` the distance between two shown pixels.
    const bool transposed = orientation_ >= 5;
    const bool from_bottom = orientation_ == 3 || orientation_ == 4 || orientation_ == 6 || orientation_ == 7;
    const bool from_right = orientation_ == 2 || orientation_ == 3 || orientation_ == 7 || orientation_ == 8;
    for (std::int64_t i = 0; i < rows; ++i, ++next_row_) {
      if (!needs_whole()) reader_->read(stored_.data(), stored_row, 1);
      const std::int64_t down = transposed || !needs_whole() ? 0 : next_row_;
      const std::int64_t across = transposed ? next_row_ : 0;
      const std::int64_t row = from_bottom ? height - 1 - down : down;
      const std::int64_t column = from_right ? width - 1 - across : across;
      const std::int64_t step =
          transposed ? (from_bottom ? -stored_row : stored_row) : (from_right ? -pixel_bytes_ : pixel_bytes_);
      const std::byte* from = stored_.data() + row * stored_row + column * pixel_bytes_;
      std::byte* to = out + i * row_bytes;
      for (std::int64_t x = 0; x < image_.width; ++x, to += pixel_bytes_, from += step) {
        std::memcpy(to, from, static_cast<std::size_t>(pixel_bytes_));
      }
    }
  }

  void skip(std::int64_t rows) override {
    next_row_ += rows;
    if (!needs_whole()) reader_->skip(rows);
  }
  [[nodiscard]] std::int64_t working_bytes() const override {
    const ImageInfo& stored = reader_->image();
    return reader_->working_bytes() + stored.width * pixel_bytes_ * (needs_whole() ? stored.height : 1);
  }

 private:
  [[nodiscard]] bool needs_whole() const { return orientation_ != 2; }

  std::unique_ptr<RowReader> reader_;
  int orientation_;
  ImageInfo image_;
  std::int64_t pixel_bytes_;
  std::int64_t next_row_ = 0;
  Buffer stored_;  ///< the stored image, or one row of it
};

}  // namespace

int exif_orientation(std::span<const std::byte> app1) {
  constexpr std::string_view signature("Exif\0\0", 6);
  if (app1.size() < signature.size() || std::memcmp(app1.data(), signature.data(), signature.size()) != 0) return 1;
  const std::span<const std::byte> exif = app1.subspan(signature.size());
  const std::size_t directory = exif_number(exif, 4, 4);
  const std::uint32_t entries = exif_number(exif, directory, 2);
  constexpr std::uint32_t orientation_tag = 274;
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + std::size_t{12} * i;
    if (exif_number(exif, entry, 2) != orientation_tag) continue;
    const std::uint32_t value = exif_number(exif, entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

std::unique_ptr<RowReader> orient(std::unique_ptr<RowReader> reader, int orientation) {
  if (orientation == 1) return reader;
  return std::make_unique<OrientedReader>(std::move(reader), orientation);
}

}  // namespace haloedge
