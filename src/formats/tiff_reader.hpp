#pragma once

#include <array>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tiffio.h>

#include "core/buffer.hpp"
#include "core/file.hpp"
#include "core/image.hpp"
#include "formats/row_reader.hpp"
#include "formats/tiff_samples.hpp"
#include "kernels/arithmetic.hpp"

namespace haloedge {

/// A tag that libtiff itself does not know.
struct PrivateTag {
  std::uint16_t id;
  TIFFDataType type;
  const char* name;
};

/// The tags of the GeoTIFF standard (OGC 19-008), and rational polynomial coefficients (RPC) as GDAL stores them.
inline constexpr std::array<PrivateTag, 7> geo_tags{{
    {33550, TIFF_DOUBLE, "ModelPixelScale"},
    {33922, TIFF_DOUBLE, "ModelTiepoint"},
    {34264, TIFF_DOUBLE, "ModelTransformation"},
    {34735, TIFF_SHORT, "GeoKeyDirectory"},
    {34736, TIFF_DOUBLE, "GeoDoubleParams"},
    {34737, TIFF_ASCII, "GeoAsciiParams"},
    {50844, TIFF_DOUBLE, "RPCCoefficient"},
}};

/// GDAL's tag for the value that stands for no data, which is a text.
inline constexpr PrivateTag gdal_nodata_tag{42113, TIFF_ASCII, "GDALNoDataValue"};

/// The text of this tag for a value.
[[nodiscard]] std::string nodata_text(double value);

/// What GDAL says of the image and its bands, as XML.
inline constexpr PrivateTag gdal_metadata_tag{42112, TIFF_ASCII, "GDALMetadata"};

/// The text that libtiff gives an error handler, in one line.
[[nodiscard]] std::string tiff_message(const char* format, va_list arguments);

/// Options for opening a TIFF, with an error handler that gets `data`.
using TiffOptions = std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)>;
[[nodiscard]] TiffOptions tiff_options(TIFFErrorHandlerExtR keep_error, void* data);

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};

/// An open TIFF file at one of its pages. Not thread-safe, as libtiff is not: each thread has its own. The file is not
/// mapped into memory (mapped pages would count as this program's memory, and a file cut short would end it), and the
/// tables of tile offsets are read as they are needed. JPEG data in YCbCr is decoded to RGB.
class TiffHandle {
 public:
  /// Throws Error naming the file; if it has no such page, also how many it has.
  TiffHandle(const std::filesystem::path& path, int page);
  TiffHandle(const TiffHandle&) = delete;
  TiffHandle& operator=(const TiffHandle&) = delete;
  ~TiffHandle() = default;

  [[nodiscard]] TIFF* get() const { return tiff_.get(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Forgets the errors that libtiff has reported so far.
  void clear_error() { error_.clear(); }
  /// The first error since clear_error() that makes decoded pixels worthless; empty if there was none.
  [[nodiscard]] const std::string& error() const { return error_; }

  /// The single value of a tag, or `otherwise` if it is not set.
  template <class Value>
  [[nodiscard]] Value tag(std::uint32_t id, Value otherwise) const {
    Value value{};
    return TIFFGetFieldDefaulted(get(), id, &value) == 1 ? value : otherwise;
  }

 private:
  static int keep_error(TIFF*, void* handle, const char* module, const char* format, va_list arguments);
  static int keep_jpeg_warning(TIFF*, void* handle, const char* module, const char* format, va_list arguments);

  std::filesystem::path path_;
  std::string error_;
  std::unique_ptr<TIFF, CloseTiff> tiff_;
};

/// The layout of the pixels of a TIFF page. A block is a unit of compression: a tile or a strip of one plane.
struct TiffHeader {
  ImageInfo image;

  bool tiled = false;
  std::int64_t block_width = 0;
  std::int64_t block_rows = 0;
  std::int64_t block_bytes = 0;  ///< bytes of a decoded block of one plane
  std::int64_t row_bytes = 0;    ///< bytes of a row of a decoded block
  int planes = 1;                ///< blocks that hold the same pixels: 1, or the channels of a planar file
  int block_samples = 1;         ///< samples per pixel in a block
  int samples = 1;               ///< samples per pixel in the file
  TiffSamples stored{};
  std::vector<int> picked{0};  ///< the sample of the file that each delivered channel is, counted from 0
  int compression = 1;
  bool inverted = false;                ///< white is 0
  std::vector<std::uint8_t> palette{};  ///< RGB triples; empty if there is none
  bool shown = false;                   ///< libtiff turns the colours into RGB: CMYK, CIELab, most YCbCr
  bool plain = false;                   ///< uncompressed in a form that can be read without libtiff

  [[nodiscard]] std::int64_t blocks_across() const { return divide_up(image.width, block_width); }
  [[nodiscard]] std::int64_t blocks_down() const { return divide_up(image.height, block_rows); }
  /// The plane of the file that is the n-th of those that are read.
  [[nodiscard]] int plane_number(int n) const {
    return block_samples < samples ? picked.at(static_cast<std::size_t>(n)) : 0;
  }
  /// The number that libtiff gives the block.
  [[nodiscard]] std::uint32_t block_number(std::int64_t across, std::int64_t down, int plane) const {
    return static_cast<std::uint32_t>((plane * blocks_down() + down) * blocks_across() + across);
  }
  /// True if the samples of decoded blocks are delivered as they are, without conversion.
  [[nodiscard]] bool direct() const;
};

/// Reads resolution, ICC profile, orientation, georeference, and the texts that also hold for an edge map of the page.
/// `band`, counted from 0, is the only band that is read of it, if it is one.
[[nodiscard]] Metadata read_tiff_metadata(const TiffHandle& handle, std::optional<int> band);

/// Reads the header and checks it against the size of the file. Throws Error for a header that is broken or not
/// supported, and for bands that the page does not have or that must be chosen.
[[nodiscard]] TiffHeader read_tiff_header(TiffHandle& handle, const ReadOptions& options = {});

/// The part of read_tiff_header() that finds out what the samples of the page show: it sets the type and the channels
/// of the image, and what is needed to make them of the samples.
void read_tiff_pixels(const TiffHandle& handle, const ReadOptions& options, TiffHeader& header);

/// True if the file has no data for the block: its samples have the nodata value, or 0 if there is none, as GDAL reads
/// them.
[[nodiscard]] bool is_sparse_block(const TiffHandle& handle, std::uint32_t number);

/// Reads the blocks of a TIFF page and converts them into pixels as they are delivered. Has a handle and buffers of its
/// own. Not thread-safe.
class TiffBlockReader {
 public:
  /// `header` must outlive the reader.
  TiffBlockReader(const std::filesystem::path& path, int page, const TiffHeader& header);

  /// Reads the rows [first, first + rows) of a block, counted from the top of the block. The result is valid until the
  /// next call. Only these rows of an uncompressed block are read; a compressed block is decoded as a whole. Throws
  /// Error naming the block.
  [[nodiscard]] kernels::ConstPixels read(std::int64_t across, std::int64_t down, std::int64_t first,
                                          std::int64_t rows);

  /// Upper bound of the bytes that a reader holds, if at most `rows` rows of a block are read at a time.
  [[nodiscard]] static std::int64_t memory_bytes(const TiffHeader& header, std::int64_t rows);

 private:
  /// Decodes one plane of the block and returns the place of its row `first`.
  const std::byte* read_plane(std::int64_t across, std::int64_t down, int plane, std::int64_t first, std::int64_t rows);
  void read_plain(std::uint32_t number, std::int64_t first, std::int64_t rows, std::byte* to);
  void decode(std::uint32_t number, std::int64_t down, std::byte* to);
  void decode_shown(std::int64_t across, std::int64_t down, std::byte* to);
  [[noreturn]] void fail(std::uint32_t number, const std::string& reason) const;
  /// The memory of `buffer`, which is enlarged to `bytes` if it is smaller.
  static std::byte* room(Buffer& buffer, std::int64_t bytes);

  const TiffHeader& header_;
  TiffHandle handle_;
  File file_;  ///< open if the data is uncompressed
  std::vector<Buffer> planes_;
  Buffer raster_;  ///< a block as libtiff shows it
  Buffer pixels_;
};

/// A reader for the rows of a page whose compressed strips are too large to be decoded whole.
[[nodiscard]] std::unique_ptr<RowReader> make_tiff_row_reader(const std::filesystem::path& path, int page,
                                                              const TiffHeader& header);

}  // namespace haloedge
