#pragma once

#include <array>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <tiffio.h>

namespace haloedge {

/// A tag of the GeoTIFF standard (OGC 19-008), which libtiff itself does not know.
struct GeoTag {
  std::uint16_t id;
  TIFFDataType type;
  const char* name;
};

inline constexpr std::size_t geo_tag_count = 6;
inline constexpr std::array<GeoTag, geo_tag_count> geo_tags{{
    {33550, TIFF_DOUBLE, "ModelPixelScale"},
    {33922, TIFF_DOUBLE, "ModelTiepoint"},
    {34264, TIFF_DOUBLE, "ModelTransformation"},
    {34735, TIFF_SHORT, "GeoKeyDirectory"},
    {34736, TIFF_DOUBLE, "GeoDoubleParams"},
    {34737, TIFF_ASCII, "GeoAsciiParams"},
}};

/// The message that libtiff formats so, in one line.
[[nodiscard]] std::string tiff_message(const char* format, va_list arguments);

/// An open TIFF file at one of its pages. Not thread-safe, as libtiff is not: each thread has its own. The file is not
/// mapped into memory (mapped pages would count as this program's memory, and a file cut short would end it), and the
/// tables of tile offsets are read as they are needed. JPEG data in YCbCr is decoded to RGB.
class TiffHandle {
 public:
  /// Throws Error naming the file; if it has no such page, also how many it has.
  TiffHandle(const std::filesystem::path& path, int page);
  TiffHandle(const TiffHandle&) = delete;
  TiffHandle& operator=(const TiffHandle&) = delete;
  ~TiffHandle() = default;

  [[nodiscard]] TIFF* get() const { return tiff_.get(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Drops the errors of libtiff so far.
  void clear_error() { error_.clear(); }
  /// The first error since then that makes decoded pixels worthless; empty if there was none.
  [[nodiscard]] const std::string& error() const { return error_; }

  /// The single value of a tag, or `otherwise` if it is not set.
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
