#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "formats/claims.hpp"
#include "formats/tiff_reader.hpp"
#include "kernels/arithmetic.hpp"

namespace haloedge {

namespace {

[[noreturn]] void refuse(const TiffHandle& handle, const std::string& what) {
  throw Error(fmt::format("{}: {}", handle.path().string(), what));
}

bool is_planar(const TiffHandle& handle) {
  return handle.tag<std::uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
}

void read_blocks(TiffHandle& handle, TiffHeader& header) {
  TIFF* tiff = handle.get();
  header.tiled = TIFFIsTiled(tiff) != 0;
  const bool planar = is_planar(handle) && !header.shown;
  header.block_samples = header.shown ? header.image.channels : planar ? 1 : header.samples;
  // The planes of bands that are not read do not count.
  header.planes = planar && header.palette.empty() ? header.image.channels : 1;
  if (header.tiled) {
    header.block_width = handle.tag<std::uint32_t>(TIFFTAG_TILEWIDTH, 0);
    header.block_rows = handle.tag<std::uint32_t>(TIFFTAG_TILELENGTH, 0);
  } else {
    header.block_width = header.image.width;
    header.block_rows = std::min<std::int64_t>(handle.tag<std::uint32_t>(TIFFTAG_ROWSPERSTRIP, 0), header.image.height);
  }
  if (header.block_width < 1 || header.block_width > largest_side || header.block_rows < 1 ||
      header.block_rows > largest_side) {
    refuse(handle, fmt::format("has tiles or strips of {} x {} px", header.block_width, header.block_rows));
  }
  const int bits = header.shown ? 8 : header.stored.bits;
  header.row_bytes = divide_up(header.block_width * header.block_samples * bits, 8);
  if (header.row_bytes > largest_side) refuse(handle, "has rows of more than 2 GiB");
  const std::uint64_t own_row_bytes = header.tiled ? TIFFTileRowSize64(tiff) : TIFFScanlineSize64(tiff);
  if (!header.shown && own_row_bytes != static_cast<std::uint64_t>(header.row_bytes)) {
    refuse(handle, fmt::format("has rows of {} bytes instead of {} bytes", own_row_bytes, header.row_bytes));
  }
  header.block_bytes = header.row_bytes * header.block_rows;
}

/// The most bytes that a codec can make of one byte.
double most_of_a_byte(int compression) {
  switch (compression) {
    case COMPRESSION_NONE: return densest::stored;
    case COMPRESSION_PACKBITS: return densest::pack_bits;
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE: return densest::deflate;
    case COMPRESSION_JPEG: return densest::jpeg;
    case COMPRESSION_LZW: return densest::lzw;
    case COMPRESSION_LZMA: return densest::lzma;
    case COMPRESSION_ZSTD: return densest::zstd;
    default: return densest::other;
  }
}

/// A larger block without data is not believed.
constexpr std::int64_t largest_sparse_block = std::int64_t{64} << 20;

/// The rows of blocks that the file has data for, each of which counts as often as it has such blocks.
double rows_with_data(const TiffHandle& handle, const TiffHeader& header) {
  const std::int64_t blocks = header.blocks_across() * header.blocks_down() * header.planes;
  std::int64_t with_data = 0;
  for (std::int64_t block = 0; block < blocks; ++block) {
    if (!is_sparse_block(handle, static_cast<std::uint32_t>(block))) ++with_data;
  }
  return static_cast<double>(with_data) * static_cast<double>(header.block_rows);
}

/// Refuses a header whose image cannot be in a file of this size: a damaged header may claim anything.
void check_against_file(const TiffHandle& handle, const TiffHeader& header) {
  const auto file_bytes = static_cast<std::int64_t>(std::filesystem::file_size(handle.path()));
  const std::int64_t blocks = header.blocks_across() * header.blocks_down();
  constexpr double table_bytes_a_block = 4;  // the least that an offset and a byte count take
  const double table_bytes = static_cast<double>(blocks) * table_bytes_a_block;
  const auto row_bytes =
      static_cast<double>(header.tiled ? TIFFTileRowSize64(handle.get()) : TIFFScanlineSize64(handle.get()));
  const auto bytes_of = [&](double block_rows) { return block_rows * row_bytes / most_of_a_byte(header.compression); };
  const auto across = static_cast<double>(header.blocks_across() * header.planes);
  double data_bytes = bytes_of(across * static_cast<double>(header.image.height - 1));
  const auto in_file = static_cast<double>(file_bytes);
  if (data_bytes > in_file && table_bytes <= in_file && header.block_bytes <= largest_sparse_block) {
    // A row of blocks may lie outside the image in part.
    data_bytes = bytes_of(rows_with_data(handle, header) - across * static_cast<double>(header.block_rows));
  }
  check_claim(handle.path().string(), header.image.width, header.image.height, std::max(table_bytes, data_bytes),
              file_bytes);
}

bool is_deflate(int compression) {
  return compression == COMPRESSION_ADOBE_DEFLATE || compression == COMPRESSION_DEFLATE;
}

std::string compression_name(int compression) {
  if (compression == COMPRESSION_NONE) return "none";
  if (is_deflate(compression)) return "Deflate";
  if (compression == COMPRESSION_LZW) return "LZW";
  const TIFFCodec* codec = TIFFFindCODEC(static_cast<std::uint16_t>(compression));
  return codec != nullptr ? codec->name : std::to_string(compression);
}

std::string photometric_text(const TiffHandle& handle, const TiffHeader& header) {
  if (!header.palette.empty()) return "palette, read as RGB";
  if (header.inverted) return "gray, white is 0, read inverted";
  if (handle.tag<std::uint16_t>(TIFFTAG_PHOTOMETRIC, 1) == PHOTOMETRIC_YCBCR) return "YCbCr, read as RGB";
  if (header.shown) return "CMYK, CIELab or LogLuv, read as RGB";
  return header.image.channels >= 3 ? "RGB" : "gray";
}

/// Reads the value that GDAL's tag for nodata has, a number as text.
std::optional<double> read_nodata(const TiffHandle& handle) {
  const char* text = nullptr;
  if (TIFFGetField(handle.get(), gdal_nodata_tag.id, &text) != 1 || text == nullptr) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  return end != text ? std::optional(value) : std::nullopt;
}

/// Describes the page for people; see ImageInfo::description.
std::vector<std::pair<std::string, std::string>> describe(const TiffHandle& handle, const TiffHeader& header) {
  TIFF* tiff = handle.get();
  const bool may_predict =
      is_deflate(header.compression) || header.compression == COMPRESSION_LZW || header.compression == COMPRESSION_ZSTD;
  const int predictor = handle.tag<std::uint16_t>(TIFFTAG_PREDICTOR, PREDICTOR_NONE);
  const std::string predicted = may_predict ? fmt::format(", predictor {}", predictor) : "";
  std::vector<std::pair<std::string, std::string>> lines{
      {"format", fmt::format("{}, {}-endian", TIFFIsBigTIFF(tiff) != 0 ? "BigTIFF" : "TIFF",
                             TIFFIsBigEndian(tiff) != 0 ? "big" : "little")},
      {"page", fmt::format("{} of {}, counted from 0", TIFFCurrentDirectory(tiff), TIFFNumberOfDirectories(tiff))},
      {"in the file", fmt::format("{} of {} bits, {}{}", count_text(header.samples, "sample"), header.stored.bits,
                                  photometric_text(handle, header), is_planar(handle) ? ", in planes" : "")},
      {header.tiled ? "tiles" : "strips", fmt::format("{} x {} px", header.block_width, header.block_rows)},
      {"compression", compression_name(header.compression) + predicted},
  };
  const Metadata& metadata = header.image.metadata;
  if (metadata.is_georeferenced()) {
    lines.emplace_back("georeference", "GeoTIFF tags, carried over");
    if (metadata.orientation.value_or(1) != 1) {
      lines.emplace_back("orientation", fmt::format("{}, carried over: the georeference is that of the stored pixels",
                                                    *metadata.orientation));
    }
  }
  return lines;
}

}  // namespace

bool TiffHeader::direct() const {
  if (shown) return true;
  if (planes > 1 || !palette.empty() || inverted || !stored.are_direct()) return false;
  if (block_samples == 1) return image.channels == 1;
  return block_samples == image.channels && std::ranges::is_sorted(picked);
}

TiffHeader read_tiff_header(TiffHandle& handle, const ReadOptions& options) {
  TiffHeader header;
  ImageInfo& image = header.image;
  image.width = handle.tag<std::uint32_t>(TIFFTAG_IMAGEWIDTH, 0);
  image.height = handle.tag<std::uint32_t>(TIFFTAG_IMAGELENGTH, 0);
  if (image.width < 1 || image.height < 1 || image.width > largest_side || image.height > largest_side) {
    refuse(handle, fmt::format("has a size of {} x {} px", image.width, image.height));
  }
  header.compression = handle.tag<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (TIFFIsCODECConfigured(static_cast<std::uint16_t>(header.compression)) != 1) {
    refuse(handle, fmt::format("is compressed with method {}, which this libtiff does not read: write it anew with a "
                               "program that does, with another compression",
                               header.compression));
  }
  read_tiff_pixels(handle, options, header);
  read_blocks(handle, header);
  check_against_file(handle, header);
  const bool in_order = handle.tag<std::uint16_t>(TIFFTAG_FILLORDER, FILLORDER_MSB2LSB) == FILLORDER_MSB2LSB;
  header.plain = header.compression == COMPRESSION_NONE && in_order && !header.shown;
  image.nodata = read_nodata(handle);
  const bool one_band = image.channels <= 2;  // the second is alpha, or not used
  image.metadata = read_tiff_metadata(handle, one_band ? std::optional(header.picked.front()) : std::nullopt);
  image.description = describe(handle, header);
  return header;
}

}  // namespace haloedge
