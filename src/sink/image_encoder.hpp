#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "formats/row_writer.hpp"
#include "sink/output.hpp"

namespace haloedge {

/// Makes a writer for an edge map as PNG or JPEG. The bytes go to `sink`, or, without one, to the file `path`, which is
/// also the name in errors.
[[nodiscard]] std::unique_ptr<RowWriter> make_row_writer(OutputFormat format, const TiledImage& image,
                                                         const std::filesystem::path& path, ByteSink sink = nullptr);

/// Encodes a whole edge map as a TIFF, PNG or JPEG, into the bytes that the sink of a single rank would write. `name`
/// is its name in errors. Thread-safe. Throws Error.
[[nodiscard]] std::vector<std::byte> encode_image(OutputFormat format, const std::string& name, const TiledImage& image,
                                                  const kernels::ConstPixels& edges);

/// Copies a tile of an edge map to `samples`, without gaps; samples outside the map are 0.
void copy_tile(const TiledImage& image, const kernels::ConstPixels& edges, std::int64_t tile_row,
               std::int64_t tile_column, std::span<std::byte> samples);

/// Upper bound of the memory that encode_image() holds beside `edges`, its result included. Pure.
[[nodiscard]] std::int64_t encoding_bytes(const TiledImage& image);

}  // namespace haloedge
