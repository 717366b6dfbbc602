#pragma once

#include <filesystem>
#include <memory>

#include "core/buffer.hpp"
#include "formats/row_reader.hpp"
#include "formats/tiff_reader.hpp"

namespace haloedge {

/// Reads the mask of a TIFF, and adds it to the pixels of the image as their alpha. Has a handle and buffers of its
/// own. Not thread-safe.
class TiffMaskReader {
 public:
  /// `header` is that of the mask, and must outlive the reader.
  TiffMaskReader(const std::filesystem::path& path, int page, const TiffHeader& header)
      : header_(header), blocks_(path, page, header) {}

  /// Returns the pixels with the alpha of the rectangle whose upper left corner is at (row, column). They are valid
  /// until the next call. Throws Error naming the block of the mask that cannot be decoded.
  [[nodiscard]] kernels::ConstPixels add_to(const kernels::ConstPixels& pixels, std::int64_t row, std::int64_t column);

  /// Upper bound of the bytes that a reader holds, for rectangles of `pixels` pixels of an image.
  [[nodiscard]] static std::int64_t memory_bytes(const TiffHeader& header, const ImageInfo& image, std::int64_t pixels);

 private:
  const TiffHeader& header_;
  TiffBlockReader blocks_;
  Buffer masked_;
};

/// Describes the image with the mask as its alpha. Its own alpha, if it has one, is replaced.
void describe_mask(ImageInfo& image);

/// The rows of `reader` with those of `mask` as their alpha.
[[nodiscard]] std::unique_ptr<RowReader> make_masked_row_reader(std::unique_ptr<RowReader> reader,
                                                                std::unique_ptr<RowReader> mask);

}  // namespace haloedge
