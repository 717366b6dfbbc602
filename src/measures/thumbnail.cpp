#include "measures/thumbnail.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/nodata.hpp"
#include "core/number_text.hpp"
#include "formats/row_writer.hpp"
#include "kernels/dispatch.hpp"
#include "measures/levels.hpp"

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
        nodata_(nodata_rule(image, image.nodata, image.alpha_is_mask)),
        mask_(static_cast<std::size_t>(image.width)),
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

  /// Returns the means of the areas, which are NaN in areas with pixels without data. Nothing is left here.
  [[nodiscard]] std::vector<double> means() && {
    const double area = static_cast<double>(image_width_) * static_cast<double>(image_height_);
    for (double& sum : sums_) sum /= area;
    return std::move(sums_);
  }

 private:
  /// Sums row y of `pixels` into `part`, the part of row_ that it covers.
  void sum_row(const ConstPixels& pixels, std::int64_t y, std::int64_t column, std::span<double> part) {
    std::fill(part.begin(), part.end(), 0.0);
    ConstPixels line = pixels;
    line.data += y * pixels.row_bytes;
    line.rows = 1;
    kernels::with_any_sample(line.type, [&](auto tag) { sum_samples<typename decltype(tag)::Type>(line, column); });
  }

  template <class Sample>
  void sum_samples(const ConstPixels& line, std::int64_t column) {
    // Bytes are shown as they are. The range of other samples is stretched, and must not contain what is no data.
    constexpr bool is_masked = sizeof(Sample) > 1;
    if (is_masked) kernels::mark_nodata(line, nodata_, mask_.data(), line.width);
    const auto* samples = line.row<Sample>(0);
    cut(column, line.width, image_width_, size_.width, [&](std::int64_t x, std::int64_t cell, std::int64_t weight) {
      const bool has_data = !is_masked || mask_[static_cast<std::size_t>(x)] == std::byte{0};
      for (int colour = 0; colour < colours_; ++colour) {
        const double value = has_data ? static_cast<double>(samples[x * line.channels + colour])
                                      : std::numeric_limits<double>::quiet_NaN();
        row_[static_cast<std::size_t>(cell * colours_ + colour)] += static_cast<double>(weight) * value;
      }
    });
  }

  std::int64_t image_width_;
  std::int64_t image_height_;
  Size size_;
  int colours_;
  kernels::NodataRule nodata_;
  std::vector<std::byte> mask_;  ///< of the row that is summed
  std::vector<double> row_;
  std::vector<double> sums_;
};

/// Converts means of samples of `type` to 8 bits.
std::vector<std::byte> shown(const std::vector<double>& means, SampleType type, Size size, int colours) {
  if (type != SampleType::u8) {
    return to_bytes(
        {reinterpret_cast<const std::byte*>(means.data()), size.width * colours * std::int64_t{sizeof(double)},
         size.width, size.height, SampleType::f64, colours},
        {.type = SampleType::f64, .channels = colours});
  }
  std::vector<std::byte> bytes(means.size());
  std::ranges::transform(means, bytes.begin(), [](double mean) { return static_cast<std::byte>(std::lrint(mean)); });
  return bytes;
}

}  // namespace

std::int64_t thumbnail_bytes(const Source& source, std::int64_t longer_side) {
  const Size size = thumbnail_size(source.image(), longer_side);
  return source.working_bytes(1) + source.image().width +
         (size.height + 1) * size.width * colours(source.image()) * static_cast<std::int64_t>(sizeof(double));
}

Thumbnail make_thumbnail(Source& source, std::int64_t longer_side, std::int64_t memory) {
  const std::int64_t needed = thumbnail_bytes(source, longer_side);
  if (needed > memory) {
    throw Error(
        fmt::format("decoding needs {} of memory, but only {} are available", size_text(needed), size_text(memory)));
  }
  const ImageInfo& image = source.image();
  const Size size = thumbnail_size(image, longer_side);
  AreaSums sums(image, size);
  decode_parts(source, [&](std::int64_t row, std::int64_t column, const ConstPixels& pixels) {
    sums.take(row, column, pixels);
  });
  return {size.width, size.height, colours(image), shown(std::move(sums).means(), image.type, size, colours(image))};
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
