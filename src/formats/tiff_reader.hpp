#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/buffer.hpp"
#include "core/file.hpp"
#include "formats/row_reader.hpp"
#include "formats/tiff_handle.hpp"
#include "formats/tiff_header.hpp"

namespace haloedge {

/// Reads the blocks of a TIFF page and converts them into pixels as they are delivered. Has a handle and buffers of its
/// own: for one thread.
class TiffBlockReader {
 public:
  /// `header` must outlive the reader.
  TiffBlockReader(const std::filesystem::path& path, int page, const TiffHeader& header);

  /// Reads the rows [first, first + rows) of a block, counted from the top of the block. Valid until the next call. Of
  /// an uncompressed block only these rows are read, a compressed one is decoded as a whole. Throws Error naming the
  /// block.
  [[nodiscard]] kernels::ConstPixels read(std::int64_t across, std::int64_t down, std::int64_t first,
                                          std::int64_t rows);

  /// Upper bound of the bytes that a reader holds, if at most `rows` rows of a block are read at a time.
  [[nodiscard]] static std::int64_t memory_bytes(const TiffHeader& header, std::int64_t rows);

 private:
  /// Decodes one plane of the block and returns the place of its row `first`.
  const std::byte* read_plane(std::int64_t across, std::int64_t down, int plane, std::int64_t first, std::int64_t rows);
  void read_plain(std::uint32_t number, std::int64_t first, std::int64_t rows, std::byte* to);
  void decode(std::uint32_t number, std::int64_t down, std::byte* to);
  [[noreturn]] void fail(std::uint32_t number, const std::string& reason) const;
  /// The memory of `buffer`, which is enlarged to `bytes` if it is smaller.
  static std::byte* room(Buffer& buffer, std::int64_t bytes);

  const TiffHeader& header_;
  TiffHandle handle_;
  File file_;  ///< for uncompressed data
  std::vector<Buffer> planes_;
  Buffer pixels_;
};

/// A reader for the rows of a page whose compressed strips are too large to be decoded whole.
[[nodiscard]] std::unique_ptr<RowReader> make_tiff_row_reader(const std::filesystem::path& path, int page,
                                                              const TiffHeader& header);

}  // namespace haloedge
