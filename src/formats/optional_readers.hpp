#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/buffer.hpp"
#include "core/file.hpp"
#include "core/image.hpp"
#include "formats/row_reader.hpp"

/// Readers of formats whose libraries are optional when haloedge is built.
namespace haloedge {

/// The reader of a format, or what is known of it where it was not built in.
struct OptionalReader {
  std::string library;  ///< the library that decodes the format: "libwebp"
  std::string version;  ///< the version of the library: "1.2.4"; empty without the library
  /// Opens the image in `file`, which is the one named `path`. Throws Error naming the file. Null without the library.
  std::unique_ptr<RowReader> (*open)(const std::filesystem::path& path, File file);
};

/// Still WebP images, lossy or lossless, as RGB or RGBA, turned as their EXIF orientation says.
[[nodiscard]] OptionalReader webp_reader();

/// The first frame of a GIF, as RGB; what the frame leaves free of the image is black.
[[nodiscard]] OptionalReader gif_reader();

/// JPEG 2000, as files (JP2) or bare codestreams: gray or RGB, with or without alpha, of up to 16 bits. Samples of less
/// than 8 bits are spread to 8; those of more than 8 bits keep their values.
[[nodiscard]] OptionalReader jpeg2000_reader();

/// The primary image of a HEIF or AVIF file, upright, as RGB or RGBA. Samples of more than 8 bits are spread to 16.
[[nodiscard]] OptionalReader heif_reader();

/// Decodes all rows of an image into `pixels`, without padding between the rows. Throws Error naming the file.
using WholeDecoder = std::function<void(std::byte* pixels)>;

/// Returns a reader for an image that can only be decoded as a whole, which happens at the first read. Meanwhile, the
/// decoder holds `decoder_bytes` beside the pixels.
[[nodiscard]] std::unique_ptr<RowReader> make_whole_reader(ImageInfo image, std::int64_t decoder_bytes,
                                                           WholeDecoder decode);

/// Returns the whole content of a file. Throws Error.
[[nodiscard]] Buffer whole_content(const File& file);

}  // namespace haloedge
