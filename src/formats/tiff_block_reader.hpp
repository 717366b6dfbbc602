#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/buffer.hpp"
#include "core/file.hpp"
#include "formats/tiff_handle.hpp"
#include "formats/tiff_header.hpp"

namespace haloedge {

/// Reads blocks of one TIFF page into pixels as they are delivered. Holds a handle and buffers of its own: one a
/// thread.
class TiffBlockReader {
 public:
  /// `header` must outlive the reader.
  TiffBlockReader(const std::filesystem::path& path, int page, const TiffHeader& header);

  /// Rows [first, first + rows) of a block, counted from the block's own top. Valid until the next call. Uncompressed
  /// rows are read alone; of compressed blocks all is decoded. Throws Error naming the block.
  [[nodiscard]] kernels::ConstPixels read(std::int64_t across, std::int64_t down, std::int64_t first,
                                          std::int64_t rows);

  /// Bytes that a reader holds at most, if it is asked for `rows` rows of a block at a time.
  [[nodiscard]] static std::int64_t memory_bytes(const TiffHeader& header, std::int64_t rows);

 private:
  /// Decodes one plane of the block; where its row `first` lies then.
  const std::byte* read_plane(std::int64_t across, std::int64_t down, int plane, std::int64_t first, std::int64_t rows);
  void read_plain(std::uint32_t number, std::int64_t first, std::int64_t rows, std::byte* to);
  void decode(std::uint32_t number, std::int64_t down, std::byte* to);
  [[noreturn]] void fail(std::uint32_t number, const std::string& reason) const;
  /// `buffer` with room for `bytes`.
  static std::byte* room(Buffer& buffer, std::int64_t bytes);

  const TiffHeader& header_;
  TiffHandle handle_;
  File file_;  ///< for uncompressed data
  std::vector<Buffer> planes_;
  Buffer pixels_;
};

}  // namespace haloedge
