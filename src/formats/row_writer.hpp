#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/image.hpp"
#include "kernels/arithmetic.hpp"

namespace haloedge {

enum class Compression : std::uint8_t { none, deflate, lzw, zstd };

/// A picture of one channel that is to be written, and the tiles in which it is made.
struct TiledImage {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t tile_rows = 0;     ///< height of a tile
  std::int64_t tile_columns = 0;  ///< width of a tile
  kernels::SampleType type = kernels::SampleType::u8;
  Compression compression = Compression::none;
  int quality = 90;  ///< quality of a JPEG, 1 to 100
  Metadata metadata{};
  std::optional<double> nodata{};  ///< the value of pixels without data, for formats that have a place for it
  std::string software{};          ///< the program that made it, for formats that have a place for its name

  [[nodiscard]] std::int64_t row_bytes() const { return width * kernels::sample_bytes(type); }
  [[nodiscard]] std::int64_t tiles_across() const { return divide_up(width, tile_columns); }
  [[nodiscard]] std::int64_t tiles_down() const { return divide_up(height, tile_rows); }
  [[nodiscard]] std::int64_t tile_count() const { return tiles_across() * tiles_down(); }
  /// Bytes of one uncompressed tile. Tiles at the right and lower edge have as many as the others.
  [[nodiscard]] std::int64_t tile_bytes() const { return tile_rows * tile_columns * kernels::sample_bytes(type); }
};

/// Writes one image file from top to bottom.
class RowWriter {
 public:
  RowWriter() = default;
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;
  virtual ~RowWriter() = default;

  /// Writes the next rows, interleaved, of the width, type and channels that the writer was made for. Throws Error
  /// naming file and reason.
  virtual void write(const kernels::ConstPixels& rows) = 0;
  /// Completes the file, which is not a valid image before.
  virtual void finish() = 0;
};

/// Takes the bytes of a file piece by piece, in order. May throw.
using ByteSink = std::function<void(std::span<const std::byte>)>;

/// The file that a RowWriter is made for.
struct RowWriterSpec {
  std::filesystem::path path;  ///< the file, and its name in errors
  std::int64_t width = 0;
  std::int64_t height = 0;
  kernels::SampleType type = kernels::SampleType::u8;
  int channels = 1;
  Metadata metadata{};             ///< written if the format has a place for it
  int quality = 90;                ///< quality of a JPEG, 1 to 100
  std::uint16_t zero = 0;          ///< the sample that stands for 0: the rows have signed samples if it is not 0
  std::optional<double> nodata{};  ///< the value of pixels without data, for formats that have a place for it
};

/// A TIFF in uncompressed strips; a BigTIFF if it would be larger than 4 GiB.
[[nodiscard]] std::unique_ptr<RowWriter> make_tiff_row_writer(const RowWriterSpec& spec);

/// A PNG of 8 or 16 bits a sample; throws UsageError for floats and signed samples. The bytes go to `sink`, or, without
/// one, to spec.path.
[[nodiscard]] std::unique_ptr<RowWriter> make_png_row_writer(const RowWriterSpec& spec, ByteSink sink = nullptr);

/// A baseline JPEG, gray or RGB, of up to 65,500 x 65,500 px; throws UsageError for larger images and for samples of
/// more than 8 bits. `sink` is used as for a PNG.
[[nodiscard]] std::unique_ptr<RowWriter> make_jpeg_row_writer(const RowWriterSpec& spec, ByteSink sink = nullptr);

}  // namespace haloedge
