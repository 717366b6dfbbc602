#include "formats/tiff_handle.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <mutex>
#include <string_view>

#include <fmt/format.h>

#include "core/error.hpp"

namespace haloedge {

namespace {

TIFFExtendProc parent_extender = nullptr;

/// Makes the GeoTIFF tags known to libtiff, which would otherwise drop them with a warning.
void add_geo_tags(TIFF* tiff) {
  static constexpr std::array<TIFFFieldInfo, geo_tag_count> fields = [] {
    std::array<TIFFFieldInfo, geo_tag_count> all{};
    for (std::size_t i = 0; i < geo_tag_count; ++i) {
      const GeoTag& tag = geo_tags.at(i);
      all.at(i) = {tag.id,
                   TIFF_VARIABLE,
                   TIFF_VARIABLE,
                   tag.type,
                   FIELD_CUSTOM,
                   1,
                   static_cast<unsigned char>(tag.type == TIFF_ASCII ? 0 : 1),
                   const_cast<char*>(tag.name)};
    }
    return all;
  }();
  TIFFMergeFieldInfo(tiff, fields.data(), geo_tag_count);
  if (parent_extender != nullptr) parent_extender(tiff);
}

}  // namespace

std::string tiff_message(const char* format, va_list arguments) {
  std::array<char, 512> text{};
  (void)std::vsnprintf(text.data(), text.size(), format, arguments);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text.data();
}

int TiffHandle::keep_error(TIFF*, void* handle, const char*, const char* format, va_list arguments) {
  auto& error = static_cast<TiffHandle*>(handle)->error_;
  if (error.empty()) error = tiff_message(format, arguments);
  return 1;
}

int TiffHandle::keep_jpeg_warning(TIFF* tiff, void* handle, const char* module, const char* format, va_list arguments) {
  // Warnings of libtiff are about unusual tags and the like. Those of libjpeg are about damaged data that it replaced.
  const bool of_libjpeg = module != nullptr && std::string_view(module) == "JPEGLib";
  return of_libjpeg ? keep_error(tiff, handle, module, format, arguments) : 1;
}

TiffHandle::TiffHandle(const std::filesystem::path& path, int page) : path_(path) {
  static std::once_flag once;
  std::call_once(once, [] { parent_extender = TIFFSetTagExtender(add_geo_tags); });

  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 &TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_error, this);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), keep_jpeg_warning, this);
  tiff_.reset(TIFFOpenExt(path.c_str(), "rmO", options.get()));
  if (!tiff_) throw Error(fmt::format("{}: not a readable TIFF: {}", path.string(), error_));
  if (page > 0 && TIFFSetDirectory(tiff_.get(), static_cast<tdir_t>(page)) != 1) {
    const tdir_t pages = TIFFNumberOfDirectories(tiff_.get());
    if (static_cast<tdir_t>(page) < pages) throw Error(fmt::format("{}: page {}: {}", path.string(), page, error_));
    throw Error(fmt::format("{}: has no page {}: it has {} page(s), counted from 0", path.string(), page, pages));
  }
  const bool jpeg = tag<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE) == COMPRESSION_JPEG;
  if (jpeg && tag<std::uint16_t>(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB) == PHOTOMETRIC_YCBCR) {
    TIFFSetField(tiff_.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  }
}

}  // namespace haloedge
