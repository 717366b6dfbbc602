#include "formats/tiff_mask.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace haloedge {

namespace {

int channels_with_alpha(int channels) { return channels % 2 == 0 ? channels : channels + 1; }

/// Copies the colours of a row into pixels that have room for alpha.
void copy_colours(const kernels::ConstPixels& pixels, const std::byte* from, std::int64_t pixel_bytes, std::byte* to) {
  const std::int64_t own_bytes = pixels.channels * kernels::sample_bytes(pixels.type);
  const auto copied = static_cast<std::size_t>(std::min(own_bytes, pixel_bytes));
  for (std::int64_t x = 0; x < pixels.width; ++x) std::memcpy(to + x * pixel_bytes, from + x * own_bytes, copied);
}

/// Writes alpha into `width` pixels: all bits are 0 where the mask is 0, and 1 elsewhere. For floats this is NaN, which
/// is as good as any number that is not 0.
void put_alpha(const std::byte* mask, std::int64_t width, std::int64_t sample_bytes, std::int64_t pixel_bytes,
               std::byte* to) {
  for (std::int64_t x = 0; x < width; ++x) {
    const int bits = mask[x] == std::byte{} ? 0 : 0xFF;
    std::memset(to + (x + 1) * pixel_bytes - sample_bytes, bits, static_cast<std::size_t>(sample_bytes));
  }
}

class MaskedRowReader final : public RowReader {
 public:
  MaskedRowReader(std::unique_ptr<RowReader> reader, std::unique_ptr<RowReader> mask)
      : reader_(std::move(reader)), mask_(std::move(mask)), image_(reader_->image()) {
    describe_mask(image_);
    row_ = Buffer(reader_->image().row_bytes());
    mask_row_ = Buffer(mask_->image().row_bytes());
  }

  [[nodiscard]] const ImageInfo& image() const override { return image_; }

  void read(std::byte* out, std::int64_t row_bytes, std::int64_t rows) override {
    const ImageInfo& own = reader_->image();
    for (std::int64_t i = 0; i < rows; ++i) {
      reader_->read(row_.data(), own.row_bytes(), 1);
      mask_->read(mask_row_.data(), mask_->image().row_bytes(), 1);
      std::byte* to = out + i * row_bytes;
      copy_colours({row_.data(), own.row_bytes(), own.width, 1, own.type, own.channels}, row_.data(),
                   image_.pixel_bytes(), to);
      put_alpha(mask_row_.data(), own.width, kernels::sample_bytes(own.type), image_.pixel_bytes(), to);
    }
  }

  [[nodiscard]] std::int64_t working_bytes() const override {
    return reader_->working_bytes() + mask_->working_bytes() + row_.size() + mask_row_.size();
  }

 private:
  std::unique_ptr<RowReader> reader_;
  std::unique_ptr<RowReader> mask_;
  ImageInfo image_;
  Buffer row_;
  Buffer mask_row_;
};

}  // namespace

kernels::ConstPixels TiffMaskReader::add_to(const kernels::ConstPixels& pixels, std::int64_t row, std::int64_t column) {
  const std::int64_t sample_bytes = kernels::sample_bytes(pixels.type);
  const int channels = channels_with_alpha(pixels.channels);
  const std::int64_t pixel_bytes = channels * sample_bytes;
  const std::int64_t row_bytes = pixels.width * pixel_bytes;
  if (masked_.size() < pixels.rows * row_bytes) masked_ = Buffer(pixels.rows * row_bytes);
  for (std::int64_t y = 0; y < pixels.rows; ++y) {
    copy_colours(pixels, pixels.data + y * pixels.row_bytes, pixel_bytes, masked_.data() + y * row_bytes);
  }
  // The blocks of the mask may lie in other places than those of the image.
  for (std::int64_t y = row; y < row + pixels.rows;) {
    const std::int64_t down = y / header_.block_rows;
    const std::int64_t first = y - down * header_.block_rows;
    const std::int64_t rows = std::min(row + pixels.rows - y, header_.block_rows - first);
    for (std::int64_t x = column; x < column + pixels.width;) {
      const std::int64_t across = x / header_.block_width;
      const std::int64_t left = x - across * header_.block_width;
      const std::int64_t width = std::min(column + pixels.width - x, header_.block_width - left);
      const kernels::ConstPixels mask = blocks_.read(across, down, first, rows);
      for (std::int64_t i = 0; i < rows; ++i) {
        put_alpha(mask.data + i * mask.row_bytes + left, width, sample_bytes, pixel_bytes,
                  masked_.data() + (y - row + i) * row_bytes + (x - column) * pixel_bytes);
      }
      x += width;
    }
    y += rows;
  }
  return {masked_.data(), row_bytes, pixels.width, pixels.rows, pixels.type, channels};
}

std::int64_t TiffMaskReader::memory_bytes(const TiffHeader& header, const ImageInfo& image, std::int64_t pixels) {
  return TiffBlockReader::memory_bytes(header, header.block_rows) + pixels * image.pixel_bytes();
}

void describe_mask(ImageInfo& image) {
  image.channels = channels_with_alpha(image.channels);
  image.last_is_alpha = true;
  image.alpha_is_mask = true;
}

std::unique_ptr<RowReader> make_masked_row_reader(std::unique_ptr<RowReader> reader, std::unique_ptr<RowReader> mask) {
  return std::make_unique<MaskedRowReader>(std::move(reader), std::move(mask));
}

}  // namespace haloedge
