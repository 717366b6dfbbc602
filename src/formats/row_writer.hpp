#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "core/image.hpp"

namespace haloedge {

/// Writes one image file from top to bottom.
class RowWriter {
 public:
  RowWriter() = default;
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;
  virtual ~RowWriter() = default;

  /// The next rows, interleaved, of the size and kind that the writer was made for. Throws Error naming file and
  /// reason.
  virtual void write(const kernels::ConstPixels& rows) = 0;
  /// Completes the file. Without it, what was written is not an image.
  virtual void finish() = 0;
};

/// Takes the bytes of a file as they come, in order. May throw.
using ByteSink = std::function<void(std::span<const std::byte>)>;

/// What a RowWriter is made for.
struct RowWriterSpec {
  std::filesystem::path path;  ///< where the bytes go, or whose they are
  std::int64_t width = 0;
  std::int64_t height = 0;
  kernels::SampleType type = kernels::SampleType::u8;
  int channels = 1;
  std::optional<Metadata::Resolution> resolution{};  ///< written where the format has a place for it
  int quality = 90;                                  ///< of a JPEG, 1 to 100
};

/// A TIFF in uncompressed strips; BigTIFF where 4 GiB would not do.
[[nodiscard]] std::unique_ptr<RowWriter> make_tiff_row_writer(const RowWriterSpec& spec);

/// A PNG; 8 or 16 bits a sample: UsageError for float. `sink` takes it; without one, it goes to spec.path.
[[nodiscard]] std::unique_ptr<RowWriter> make_png_row_writer(const RowWriterSpec& spec, ByteSink sink = nullptr);

/// A baseline JPEG, gray or RGB, of up to 65,500 x 65,500 px: UsageError for samples of more than 8 bits and other
/// sizes. `sink` as above.
[[nodiscard]] std::unique_ptr<RowWriter> make_jpeg_row_writer(const RowWriterSpec& spec, ByteSink sink = nullptr);

}  // namespace haloedge
