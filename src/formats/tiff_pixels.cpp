#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "formats/tiff_reader.hpp"

namespace haloedge {

namespace {

[[noreturn]] void refuse(const TiffHandle& handle, const std::string& what) {
  throw Error(fmt::format("{}: {}", handle.path().string(), what));
}

TiffSamples read_samples(const TiffHandle& handle) {
  TiffSamples samples{.bits = handle.tag<std::uint16_t>(TIFFTAG_BITSPERSAMPLE, 1)};
  switch (handle.tag<std::uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT)) {
    case SAMPLEFORMAT_INT: samples.kind = TiffSamples::Kind::signed_integer; break;
    case SAMPLEFORMAT_IEEEFP: samples.kind = TiffSamples::Kind::real; break;
    case SAMPLEFORMAT_COMPLEXINT:
    case SAMPLEFORMAT_COMPLEXIEEEFP:
      refuse(handle,
             "has complex samples, which have no edges of their own: write their amplitude into a file, for "
             "example with gdal_calc.py --calc 'abs(A)' -A in.tif --outfile out.tif --type Float32");
    default: break;
  }
  if (!samples.are_supported()) refuse(handle, fmt::format("has samples of {} bits", samples.bits));
  return samples;
}

/// The colour map as 8-bit RGB. Some writers put 8-bit values into its 16-bit entries.
std::vector<std::uint8_t> read_palette(const TiffHandle& handle, int bits) {
  std::array<std::uint16_t*, 3> maps{};
  constexpr int most_bits = 16;
  if (bits > most_bits || TIFFGetField(handle.get(), TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2]) != 1) {
    refuse(handle, "is a palette image without a palette");
  }
  const std::size_t entries = std::size_t{1} << bits;
  bool wide = false;
  for (const std::uint16_t* map : maps) wide = wide || std::any_of(map, map + entries, [](auto v) { return v > 255; });
  std::vector<std::uint8_t> palette;
  palette.reserve(3 * entries);
  for (std::size_t i = 0; i < entries; ++i) {
    for (const std::uint16_t* map : maps) palette.push_back(static_cast<std::uint8_t>(wide ? map[i] / 257 : map[i]));
  }
  return palette;
}

/// The place of the alpha sample in a pixel, if the file says that there is one.
std::optional<int> find_alpha(const TiffHandle& handle, int samples) {
  std::uint16_t count = 0;
  const std::uint16_t* kinds = nullptr;
  if (TIFFGetField(handle.get(), TIFFTAG_EXTRASAMPLES, &count, &kinds) != 1) return std::nullopt;
  const std::span extra(kinds, count);
  const auto alpha = std::ranges::find_if(
      extra, [](int kind) { return kind == EXTRASAMPLE_ASSOCALPHA || kind == EXTRASAMPLE_UNASSALPHA; });
  if (alpha == extra.end()) return std::nullopt;
  return samples - static_cast<int>(extra.end() - alpha);
}

/// The bands that were asked for, counted from 0.
std::vector<int> asked_bands(const TiffHandle& handle, const ReadOptions& options, int samples) {
  std::vector<int> bands;
  for (const int band : options.bands) {
    if (band > samples) {
      throw Error(fmt::format("--band {}: {} has {}, counted from 1", fmt::join(options.bands, ","),
                              handle.path().string(), count_text(samples, "band")));
    }
    bands.push_back(band - 1);
  }
  return bands;
}

/// The samples that are gray, or red, green and blue.
std::vector<int> find_colours(const TiffHandle& handle, const ReadOptions& options, int photometric, int samples,
                              bool has_alpha) {
  if (!options.bands.empty()) return asked_bands(handle, options, samples);
  if (photometric == PHOTOMETRIC_RGB || photometric == PHOTOMETRIC_YCBCR) {
    if (samples < 3) refuse(handle, fmt::format("is a colour image with {} per pixel", count_text(samples, "sample")));
    return {0, 1, 2};
  }
  const int bands = samples - (has_alpha ? 1 : 0);
  if (bands == 1) return {0};
  if (bands == 3) return {0, 1, 2};  // GDAL writes colours so
  throw Error(
      fmt::format("{}: has {} bands and does not say which are its colours: choose one with --band N, such as "
                  "--band 1, or three for red, green and blue, such as --band {}",
                  handle.path().string(), bands, bands > 3 ? "3,2,1" : "1,2,1"));
}

/// Chooses the samples that are delivered. A sample behind the colours is delivered, too, if that saves a conversion.
void pick_samples(const TiffHandle& handle, const ReadOptions& options, int photometric, TiffHeader& header) {
  const std::optional<int> alpha = find_alpha(handle, header.samples);
  header.picked = find_colours(handle, options, photometric, header.samples, alpha.has_value());
  const auto colours = static_cast<int>(header.picked.size());
  bool are_first = true;
  for (int i = 0; i < colours; ++i) are_first = are_first && header.picked[static_cast<std::size_t>(i)] == i;
  if (alpha && std::ranges::find(header.picked, *alpha) == header.picked.end()) {
    header.picked.push_back(*alpha);
  } else if (are_first && header.samples == colours + 1 &&
             handle.tag<std::uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_CONTIG) {
    header.picked.push_back(colours);
    header.image.last_is_alpha = false;
  }
  header.image.channels = static_cast<int>(header.picked.size());
}

/// Makes libtiff turn the colours into RGB.
void show_colours(const TiffHandle& handle, const ReadOptions& options, TiffHeader& header) {
  std::array<char, 1024> why{};
  if (TIFFRGBAImageOK(handle.get(), why.data()) != 1) {
    refuse(handle, fmt::format("has colours that libtiff does not turn into RGB: {}", why.data()));
  }
  if (!options.bands.empty()) {
    throw Error(fmt::format("--band {}: the samples of {} are not bands, but are turned into red, green and blue",
                            fmt::join(options.bands, ","), handle.path().string()));
  }
  header.shown = true;
  header.picked = {0, 1, 2};
  header.image.channels = 3;
  header.image.type = kernels::SampleType::u8;
  header.image.zero = 0;
}

}  // namespace

void read_tiff_pixels(const TiffHandle& handle, const ReadOptions& options, TiffHeader& header) {
  header.samples = handle.tag<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
  if (header.samples < 1) refuse(handle, "has no samples");
  header.stored = read_samples(handle);
  header.image.type = header.stored.type();
  header.image.zero = header.stored.zero();
  const std::uint16_t likely = header.samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
  const int photometric = handle.tag<std::uint16_t>(TIFFTAG_PHOTOMETRIC, likely);
  const bool is_planar = handle.tag<std::uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE: header.inverted = true; [[fallthrough]];
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MASK:
    case PHOTOMETRIC_RGB: return pick_samples(handle, options, photometric, header);
    case PHOTOMETRIC_PALETTE:
      if (!options.bands.empty()) return pick_samples(handle, options, photometric, header);
      header.palette = read_palette(handle, header.stored.bits);
      header.image.type = kernels::SampleType::u8;
      header.image.zero = 0;
      header.picked = {0, 0, 0};
      header.image.channels = 3;
      return;
    case PHOTOMETRIC_YCBCR:
      if (header.compression == COMPRESSION_JPEG && header.samples == 3 && !is_planar) {
        return pick_samples(handle, options, photometric, header);
      }
      return show_colours(handle, options, header);
    default: return show_colours(handle, options, header);
  }
}

}  // namespace haloedge
