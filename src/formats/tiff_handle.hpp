#pragma once

#include <cstdarg>
#include <filesystem>
#include <memory>
#include <string>

#include <tiffio.h>

namespace haloedge {

/// One open TIFF file at one of its pages. Not thread-safe, as libtiff is not; each thread takes its own. Opened
/// without mapping (mapped pages would count as this program's memory, and a file cut short would end it) and with the
/// tables of tile offsets read as they are needed. JPEG data in YCbCr is decoded to RGB.
class TiffHandle {
 public:
  /// Throws Error naming the file, and how many pages there are if it has no such page.
  TiffHandle(const std::filesystem::path& path, int page);
  TiffHandle(const TiffHandle&) = delete;
  TiffHandle& operator=(const TiffHandle&) = delete;
  ~TiffHandle() = default;

  [[nodiscard]] TIFF* get() const { return tiff_.get(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Forgets what libtiff complained of so far.
  void clear_error() { error_.clear(); }
  /// The first complaint since then that makes decoded pixels worthless; empty if there was none.
  [[nodiscard]] const std::string& error() const { return error_; }

  /// A tag's single value, or `otherwise` where it is not set.
  template <class Value>
  [[nodiscard]] Value tag(std::uint32_t id, Value otherwise) const {
    Value value{};
    return TIFFGetFieldDefaulted(get(), id, &value) == 1 ? value : otherwise;
  }

 private:
  struct Close {
    void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  };
  static int keep_error(TIFF*, void* handle, const char* module, const char* format, va_list arguments);
  static int keep_jpeg_warning(TIFF*, void* handle, const char* module, const char* format, va_list arguments);

  std::filesystem::path path_;
  std::string error_;
  std::unique_ptr<TIFF, Close> tiff_;
};

}  // namespace haloedge
