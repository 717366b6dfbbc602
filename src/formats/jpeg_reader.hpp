#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/file.hpp"
#include "formats/row_reader.hpp"

namespace haloedge {

/// A JPEG of 8 bits a sample: gray as gray, YCbCr and RGB as RGB, CMYK and YCCK as RGB (R = C K / 255 of the values as
/// Adobe stores them, inverted). Turned as its EXIF orientation says; orientations other than 1 and 2 are decoded as a
/// whole at the first read. Data that the decoder would have to make up is an error. `file` is the one named `path`.
[[nodiscard]] std::unique_ptr<RowReader> open_jpeg(const std::filesystem::path& path, File file);

/// "2.1.5", of libjpeg-turbo as compiled with.
[[nodiscard]] std::string jpeg_version();

}  // namespace haloedge
