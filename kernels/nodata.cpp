#include "kernels/nodata.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "kernels/dispatch.hpp"

namespace haloedge::kernels {

namespace {

constexpr std::uint8_t is_nodata = 1;

/// The colour channels of a pixel that count.
struct Channels {
  int first = 0;
  int count = 1;
};

Channels channels_that_count(int channels, Gray gray) {
  if (channels < 3) return {0, 1};
  switch (gray) {
    case Gray::red: return {0, 1};
    case Gray::green: return {1, 1};
    case Gray::blue: return {2, 1};
    default: return {0, 3};
  }
}

/// Returns the value that samples of this type are compared with; nothing if none of them can have it.
template <class Sample>
std::optional<Sample> value_as(const NodataRule& rule) {
  if (!rule.value) return std::nullopt;
  const double value = *rule.value;
  if constexpr (std::is_integral_v<Sample>) {
    if (!(value >= 0 && value <= std::numeric_limits<Sample>::max()) || value != std::floor(value)) return std::nullopt;
  } else if constexpr (std::is_same_v<Sample, float>) {
    // The largest float is often written with digits that are rounded up.
    constexpr double beyond_floats = 3.4028235e38;
    if (std::abs(value) > beyond_floats && !std::isinf(value)) return std::nullopt;
  }
  return static_cast<Sample>(value);
}

template <class Sample, int count>
void mark_colours(const ConstPixels& pixels, std::int64_t row, int first, std::optional<Sample> value, bool nan,
                  std::uint8_t* mask) {
  const Sample* sample = pixels.row<Sample>(row) + first;
  const Sample wanted = value.value_or(Sample{});
  const bool has_value = value.has_value();
  for (std::int64_t x = 0; x < pixels.width; ++x, sample += pixels.channels) {
    bool all = true;
    for (int i = 0; i < count; ++i) {
      bool hit = has_value && sample[i] == wanted;
      if constexpr (std::is_floating_point_v<Sample>) hit |= nan && std::isnan(sample[i]);
      all &= hit;
    }
    mask[x] |= all ? is_nodata : std::uint8_t{0};
  }
}

template <class Sample>
void mark_transparent(const ConstPixels& pixels, std::int64_t row, std::uint8_t* mask) {
  const Sample* alpha = pixels.row<Sample>(row) + pixels.channels - 1;
  for (std::int64_t x = 0; x < pixels.width; ++x, alpha += pixels.channels) {
    mask[x] |= *alpha == Sample{} ? is_nodata : std::uint8_t{0};
  }
}

/// The nodata in the rows around one row of results, in each column: the rows of a mask combined.
class Columns {
 public:
  explicit Columns(std::int64_t width) : found_(static_cast<std::size_t>(width)) {}

  /// Combines `count` rows, each from `column` on. Returns true if there is nodata in them.
  bool combine(const std::byte* const* rows, std::int64_t count, std::int64_t column) {
    std::ranges::fill(found_, std::uint8_t{0});
    std::uint8_t any = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const auto* row = reinterpret_cast<const std::uint8_t*>(rows[i]) + column;
      for (std::size_t x = 0; x < found_.size(); ++x) found_[x] |= row[x];
    }
    for (const std::uint8_t found : found_) any |= found;
    return any != 0;
  }

  /// Calls `take(x, is_nodata)` for each of `width` results: true if there is nodata within `radius` columns.
  template <class Take>
  void each(std::int64_t width, std::int64_t radius, const Take& take) const {
    std::int64_t reach = -1;  // results up to here are nodata
    for (std::int64_t x = -2 * radius; x < width; ++x) {
      if (found_[static_cast<std::size_t>(x + 2 * radius)] != 0) reach = x + 2 * radius;
      if (x >= 0) take(x, reach >= x);
    }
  }

 private:
  std::vector<std::uint8_t> found_;
};

}  // namespace

void mark_nodata(const ConstPixels& pixels, const NodataRule& rule, std::byte* mask, std::int64_t stride) {
  const Channels channels = channels_that_count(pixels.channels, rule.gray);
  with_any_sample(pixels.type, [&](auto tag) {
    using Sample = typename decltype(tag)::Type;
    const std::optional<Sample> value = value_as<Sample>(rule);
    for (std::int64_t row = 0; row < pixels.rows; ++row) {
      auto* to = reinterpret_cast<std::uint8_t*>(mask + row * stride);
      std::fill_n(to, pixels.width, std::uint8_t{0});
      if (value || rule.nan) {
        if (channels.count == 1) mark_colours<Sample, 1>(pixels, row, channels.first, value, rule.nan, to);
        if (channels.count == 3) mark_colours<Sample, 3>(pixels, row, channels.first, value, rule.nan, to);
      }
      if (rule.alpha && pixels.channels % 2 == 0) mark_transparent<Sample>(pixels, row, to);
    }
  });
}

void put_nodata(const std::byte* const* mask_rows, std::int64_t column, std::int64_t radius, double value,
                const Plane& out) {
  Columns columns(out.width + 2 * radius);
  with_sample(out.type, [&](auto tag) {
    using Sample = typename decltype(tag)::Type;
    const auto sample = static_cast<Sample>(value);
    for (std::int64_t y = 0; y < out.rows; ++y) {
      if (!columns.combine(mask_rows + y, 2 * radius + 1, column - radius)) continue;
      auto* to = out.row<Sample>(y);
      columns.each(out.width, radius, [&](std::int64_t x, bool nodata) {
        if (nodata) to[x] = sample;
      });
    }
  });
}

void find_data(const std::byte* const* mask_rows, std::int64_t column, std::int64_t radius, std::int64_t width,
               std::int64_t rows, const DataRun& take) {
  Columns columns(width + 2 * radius);
  for (std::int64_t y = 0; y < rows; ++y) {
    columns.combine(mask_rows + y, 2 * radius + 1, column - radius);
    std::int64_t begin = 0;  // of the run that the last result belongs to
    columns.each(width, radius, [&](std::int64_t x, bool nodata) {
      if (!nodata) return;
      if (x > begin) take(y, begin, x - begin);
      begin = x + 1;
    });
    if (width > begin) take(y, begin, width - begin);
  }
}

NodataMask::NodataMask(const ConstPixels& pixels, const NodataRule& rule, Border border, std::int64_t radius)
    : radius_(radius), mask_(pixels.width, pixels.rows, SampleType::u8, radius) {
  const Plane mask = mask_.plane();
  mark_nodata(pixels, rule, mask.data, mask.row_bytes);
  mask_.fill_border(border);
}

}  // namespace haloedge::kernels
