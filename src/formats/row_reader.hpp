#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/buffer.hpp"
#include "core/file.hpp"
#include "core/image.hpp"

namespace haloedge {

/// A decoder that delivers the rows of one image from top to bottom, each at most once.
class RowReader {
 public:
  RowReader() = default;
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;
  virtual ~RowReader() = default;

  [[nodiscard]] virtual const ImageInfo& image() const = 0;
  /// Decodes the next `rows` rows to `out`, which are `row_bytes` apart. Throws Error naming file, rows and reason.
  virtual void read(std::byte* out, std::int64_t row_bytes, std::int64_t rows) = 0;
  /// Skips the next `rows` rows: later rows are read as if these had been read as well. Throws what reading them
  /// throws, except errors that later rows do not depend on. By default, the rows are read and dropped.
  virtual void skip(std::int64_t rows) {
    const std::int64_t row_bytes = image().row_bytes();
    const Buffer dropped(row_bytes);
    for (std::int64_t i = 0; i < rows; ++i) read(dropped.data(), row_bytes, 1);
  }
  /// Upper bound of the bytes that the decoder holds. It contains the whole image if the rows are not in order in the
  /// file (interlaced, progressive).
  [[nodiscard]] virtual std::int64_t working_bytes() const = 0;
};

/// Opens a PNG of any kind. Palettes become RGB, gray of less than 8 bits is spread to 8. Interlaced images are decoded
/// as a whole at the first read. The rows are delivered as they are stored, and the metadata has the orientation of an
/// eXIf chunk that stands before the pixels.
[[nodiscard]] std::unique_ptr<RowReader> open_png(const std::filesystem::path& path);

/// Opens a JPEG of 8 bits a sample; `file` is the one named `path`. Gray is read as gray, YCbCr and RGB as RGB, CMYK
/// and YCCK as RGB (R = C K / 255 of the values as Adobe stores them, inverted). The rows are delivered as they are
/// stored, and the metadata has the EXIF orientation. Data that the decoder would have to make up is an error.
[[nodiscard]] std::unique_ptr<RowReader> open_jpeg(const std::filesystem::path& path, File file);

/// Opens an uncompressed BMP of 1 to 32 bits a pixel; `file` is the one named `path`. All are read as RGB of 8 bits.
[[nodiscard]] std::unique_ptr<RowReader> open_bmp(const std::filesystem::path& path, File file);

/// The version of libjpeg-turbo at compile time: "2.1.5".
[[nodiscard]] std::string jpeg_version();

}  // namespace haloedge
