#include "support/tiff_promise.hpp"

#include <algorithm>
#include <bit>

namespace haloedge {

namespace {

std::uint32_t colour(const TiffPage& page, std::uint32_t entry, int channel) {
  const auto& map = page.colour_map;
  const std::uint32_t value = map[static_cast<std::size_t>(channel) * map.size() / 3 + entry];
  const bool wide = std::any_of(map.begin(), map.end(), [](auto v) { return v > 255; });
  return wide ? value * 255 / 65535 : value;
}

std::uint32_t sample(const TiffPage& page, std::int64_t row, std::int64_t column, int channel) {
  if (!page.colour_map.empty()) return colour(page, page.value(row, column, 0), channel);
  const std::uint32_t value = page.value(row, column, channel);
  const bool turn = page.photometric == PHOTOMETRIC_MINISWHITE && channel == 0;
  if (page.bits == 32) return turn ? std::bit_cast<std::uint32_t>(1.0F - std::bit_cast<float>(value)) : value;
  const std::uint32_t most = (1U << page.bits) - 1;
  const std::uint32_t shown = turn ? most - value : value;
  return page.bits < 8 ? shown * 255 / most : shown;
}

}  // namespace

kernels::SampleType promised_type(const TiffPage& page) {
  using kernels::SampleType;
  return page.bits <= 8 ? SampleType::u8 : page.bits == 16 ? SampleType::u16 : SampleType::f32;
}

std::vector<std::byte> promised_rows(const TiffPage& page, int channels, RowRange rows) {
  const auto sample_bytes = static_cast<std::size_t>(kernels::sample_bytes(promised_type(page)));
  std::vector<std::byte> bytes;
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    for (std::int64_t column = 0; column < page.width; ++column) {
      for (int channel = 0; channel < channels; ++channel) {
        const std::uint32_t value = sample(page, row, column, channel);
        const auto* from = reinterpret_cast<const std::byte*>(&value);
        bytes.insert(bytes.end(), from, from + sample_bytes);
      }
    }
  }
  return bytes;
}

}  // namespace haloedge
