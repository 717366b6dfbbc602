#include "measures/thumbnail.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "formats/row_writer.hpp"

namespace haloedge {

namespace {

using kernels::ConstPixels;
using kernels::SampleType;

struct Size {
  std::int64_t width = 0;
  std::int64_t height = 0;
};

Size thumbnail_size(const ImageInfo& image, std::int64_t longer_side) {
  const std::int64_t longer = std::max(image.width, image.height);
  if (longer <= longer_side) return {image.width, image.height};
  const auto scaled = [&](std::int64_t side) {
    return std::max<std::int64_t>(1, (side * longer_side + longer / 2) / longer);
  };
  return {scaled(image.width), scaled(image.height)};
}

int colours(const ImageInfo& image) { return image.channels <= 2 ? 1 : 3; }

/// Converts a sample to the scale of 8 bits.
double level(std::uint8_t sample) { return sample; }
double level(std::uint16_t sample) { return sample / 257.0; }
double level(float sample) { return sample > 0 ? std::min(sample, 1.0F) * 255.0 : 0.0; }  // NaN becomes 0

/// Divides a line of `pixels` pixels into `cells` cells of a thumbnail. There are no more cells than pixels, so each
/// pixel lies in one or two cells. Calls use(i, cell, weight) for `count` pixels, from pixel `first` on. The weights of
/// a cell add up to `pixels`, those of a pixel to `cells`.
template <class Use>
void cut(std::int64_t first, std::int64_t count, std::int64_t pixels, std::int64_t cells, Use use) {
  std::int64_t cell = first * cells / pixels;
  std::int64_t begin = first * cells;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t end = begin + cells;
    const std::int64_t border = (cell + 1) * pixels;
    use(i, cell, std::min(end, border) - begin);
    if (end > border) use(i, cell + 1, end - border);
    if (end >= border) ++cell;
    begin = end;
  }
}

/// For each sample of a thumbnail, the weighted sum of the image's samples in its area.
class AreaSums {
 public:
  AreaSums(const ImageInfo& image, Size size)
      : image_width_(image.width),
        image_height_(image.height),
        size_(size),
        colours_(colours(image)),
        row_(static_cast<std::size_t>(size.width * colours_)),
        sums_(static_cast<std::size_t>(size.width * size.height * colours_)) {}

  void take(std::int64_t row, std::int64_t column, const ConstPixels& pixels) {
    const std::int64_t begin = column * size_.width / image_width_ * colours_;
    const std::int64_t end = ((column + pixels.width - 1) * size_.width / image_width_ + 2) * colours_;
    const auto used = std::span(row_).first(static_cast<std::size_t>(std::min(end, size_.width * colours_)));
    std::int64_t summed = -1;
    cut(row, pixels.rows, image_height_, size_.height, [&](std::int64_t y, std::int64_t cell, std::int64_t weight) {
      if (y != summed) sum_row(pixels, summed = y, column, used.subspan(static_cast<std::size_t>(begin)));
      double* to = sums_.data() + cell * size_.width * colours_;
      for (auto i = static_cast<std::size_t>(begin); i < used.size(); ++i) {
        to[i] += static_cast<double>(weight) * used[i];
      }
    });
  }

  [[nodiscard]] Thumbnail means() const {
    Thumbnail thumbnail{size_.width, size_.height, colours_, std::vector<std::byte>(sums_.size())};
    const double area = static_cast<double>(image_width_) * static_cast<double>(image_height_);
    std::transform(sums_.begin(), sums_.end(), thumbnail.samples.begin(),
                   [area](double sum) { return static_cast<std::byte>(std::lrint(sum / area)); });
    return thumbnail;
  }

 private:
  /// Sums row y of `pixels` into `part`, the part of row_ that it covers.
  void sum_row(const ConstPixels& pixels, std::int64_t y, std::int64_t column, std::span<double> part) {
    std::fill(part.begin(), part.end(), 0.0);
    const std::byte* from = pixels.data + y * pixels.row_bytes;
    if (pixels.type == SampleType::u8) sum_samples<std::uint8_t>(from, pixels, column);
    if (pixels.type == SampleType::u16) sum_samples<std::uint16_t>(from, pixels, column);
    if (pixels.type == SampleType::f32) sum_samples<float>(from, pixels, column);
  }

  template <class Sample>
  void sum_samples(const std::byte* from, const ConstPixels& pixels, std::int64_t column) {
    const auto pixel_bytes = static_cast<std::int64_t>(sizeof(Sample)) * pixels.channels;
    cut(column, pixels.width, image_width_, size_.width, [&](std::int64_t x, std::int64_t cell, std::int64_t weight) {
      for (int colour = 0; colour < colours_; ++colour) {
        Sample sample{};
        std::memcpy(&sample, from + x * pixel_bytes + static_cast<std::size_t>(colour) * sizeof(Sample), sizeof sample);
        row_[static_cast<std::size_t>(cell * colours_ + colour)] += static_cast<double>(weight) * level(sample);
      }
    });
  }

  std::int64_t image_width_;
  std::int64_t image_height_;
  Size size_;
  int colours_;
  std::vector<double> row_;
  std::vector<double> sums_;
};

}  // namespace

std::int64_t thumbnail_bytes(const Source& source, std::int64_t longer_side) {
  const Size size = thumbnail_size(source.image(), longer_side);
  return source.working_bytes(1) +
         (size.height + 1) * size.width * colours(source.image()) * static_cast<std::int64_t>(sizeof(double));
}

Thumbnail make_thumbnail(Source& source, std::int64_t longer_side, std::int64_t memory) {
  const std::int64_t needed = thumbnail_bytes(source, longer_side);
  if (needed > memory) {
    throw Error(
        fmt::format("decoding needs {} of memory, but only {} are available", size_text(needed), size_text(memory)));
  }
  AreaSums sums(source.image(), thumbnail_size(source.image(), longer_side));
  decode_parts(source, [&](std::int64_t row, std::int64_t column, const ConstPixels& pixels) {
    sums.take(row, column, pixels);
  });
  return sums.means();
}

std::vector<std::byte> to_jpeg(const Thumbnail& thumbnail) {
  constexpr int quality = 80;
  std::vector<std::byte> file;
  const auto writer = make_jpeg_row_writer(
      {.path = "thumbnail",
       .width = thumbnail.width,
       .height = thumbnail.height,
       .channels = thumbnail.channels,
       .quality = quality},
      [&](std::span<const std::byte> bytes) { file.insert(file.end(), bytes.begin(), bytes.end()); });
  writer->write({thumbnail.samples.data(), thumbnail.width * thumbnail.channels, thumbnail.width, thumbnail.height,
                 SampleType::u8, thumbnail.channels});
  writer->finish();
  return file;
}

}  // namespace haloedge
