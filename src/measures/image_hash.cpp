#include "measures/image_hash.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "kernels/dhash.hpp"

namespace haloedge {

namespace {

using kernels::ConstPixels;
using kernels::SampleType;

/// The gray rows that the hash depends on.
class HashRows {
 public:
  HashRows(const kernels::Dhash& dhash, const ImageInfo& image, const kernels::Backend& backend)
      : rows_(dhash.rows()),
        width_(image.width),
        backend_(backend),
        gray_(static_cast<std::size_t>(std::ssize(rows_) * image.width)) {}

  [[nodiscard]] bool needs(RowRange rows) const {
    const auto first = std::lower_bound(rows_.begin(), rows_.end(), rows.begin);
    return first != rows_.end() && *first < rows.end;
  }

  void take(std::int64_t row, std::int64_t column, const ConstPixels& pixels) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (rows_[i] < row || rows_[i] >= row + pixels.rows) continue;
      ConstPixels line = pixels;
      line.data += (rows_[i] - row) * pixels.row_bytes;
      line.rows = 1;
      std::uint8_t* to = gray_.data() + static_cast<std::int64_t>(i) * width_ + column;
      backend_.gray(as_bytes(line), kernels::Gray::bt601,
                    {reinterpret_cast<std::byte*>(to), line.width, line.width, 1, SampleType::u8});
    }
  }

  [[nodiscard]] std::uint64_t hash(const kernels::Dhash& dhash) const {
    std::vector<const std::uint8_t*> rows;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      rows.push_back(gray_.data() + i * static_cast<std::size_t>(width_));
    }
    return dhash.of(rows);
  }

 private:
  /// Converts a row to samples of 8 bits.
  ConstPixels as_bytes(const ConstPixels& row) {
    if (row.type == SampleType::u8) return row;
    const std::int64_t samples = row.width * row.channels;
    bytes_.resize(static_cast<std::size_t>(samples));
    for (std::int64_t i = 0; i < samples; ++i) {
      const std::byte* from = row.data + i * kernels::sample_bytes(row.type);
      if (row.type == SampleType::u16) {
        std::uint16_t sample = 0;
        std::memcpy(&sample, from, sizeof sample);
        bytes_[static_cast<std::size_t>(i)] = static_cast<std::byte>(sample >> 8);
      } else {
        float sample = 0;
        std::memcpy(&sample, from, sizeof sample);
        const float scaled = sample > 0 ? std::min(sample * 255.0F, 255.0F) : 0.0F;  // NaN becomes 0
        bytes_[static_cast<std::size_t>(i)] = static_cast<std::byte>(std::lrint(scaled));
      }
    }
    ConstPixels converted = row;
    converted.data = bytes_.data();
    converted.type = SampleType::u8;
    return converted;
  }

  const std::vector<std::int64_t>& rows_;
  std::int64_t width_;
  const kernels::Backend& backend_;
  std::vector<std::uint8_t> gray_;
  std::vector<std::byte> bytes_;
};

/// The height of units. Units of one row decode no more than the hash needs; tall images have taller units, so that a
/// file cannot cause too many of them by claiming a great height.
std::int64_t unit_rows(std::int64_t height) { return std::max<std::int64_t>(1, height / 1024); }

}  // namespace

std::int64_t hashing_bytes(const Source& source) {
  const ImageInfo& image = source.image();
  constexpr std::int64_t hash_rows = 16;
  return source.working_bytes(1) + hash_rows * image.width + image.width * image.pixel_bytes();
}

std::uint64_t image_hash(Source& source, const kernels::Backend& backend, std::int64_t memory) {
  const ImageInfo& image = source.image();
  const kernels::Dhash dhash(image.width, image.height);
  const std::int64_t needed = hashing_bytes(source);
  if (needed > memory) {
    throw Error(fmt::format("decoding needs {} of memory, but there are {}: raise --memory", size_text(needed),
                            size_text(memory)));
  }
  HashRows rows(dhash, image, backend);
  for (const RowRange unit : source.units({0, image.height}, unit_rows(image.height))) {
    if (!rows.needs(unit)) continue;
    for (std::int64_t task = 0; task < source.task_count(unit); ++task) {
      source.decode(unit, task, [&](std::int64_t row, std::int64_t column, const ConstPixels& pixels) {
        rows.take(row, column, pixels);
      });
    }
  }
  return rows.hash(dhash);
}

}  // namespace haloedge
