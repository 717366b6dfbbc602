#include "formats/tiff_handle.hpp"

#include <array>
#include <cstdio>
#include <mutex>

#include <fmt/format.h>

#include "core/error.hpp"
#include "formats/tiff_tags.hpp"

namespace haloedge {

namespace {

TIFFExtendProc parent_extender = nullptr;

/// Makes the GeoTIFF tags known to libtiff, which else drops them with a warning.
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

std::string formatted(const char* format, va_list arguments) {
  std::array<char, 512> text{};
  (void)std::vsnprintf(text.data(), text.size(), format, arguments);
  return text.data();
}

}  // namespace

int TiffHandle::keep_error(TIFF*, void* handle, const char*, const char* format, va_list arguments) {
  auto& error = static_cast<TiffHandle*>(handle)->error_;
  if (error.empty()) error = formatted(format, arguments);
  return 1;
}

int TiffHandle::keep_warning(TIFF*, void* handle, const char*, const char* format, va_list arguments) {
  auto& warning = static_cast<TiffHandle*>(handle)->warning_;
  if (warning.empty()) warning = formatted(format, arguments);
  return 1;
}

TiffHandle::TiffHandle(const std::filesystem::path& path, int page) : path_(path) {
  static std::once_flag once;
  std::call_once(once, [] { parent_extender = TIFFSetTagExtender(add_geo_tags); });

  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 &TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_error, this);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), keep_warning, this);
  tiff_.reset(TIFFOpenExt(path.c_str(), "rmO", options.get()));
  if (!tiff_) throw Error(fmt::format("{}: not a readable TIFF: {}", path.string(), error_));
  if (page > 0 && TIFFSetDirectory(tiff_.get(), static_cast<tdir_t>(page)) != 1) {
    clear_messages();
    throw Error(fmt::format("{}: has no page {}: it has {} page(s), counted from 0", path.string(), page,
                            TIFFNumberOfDirectories(tiff_.get())));
  }
}

void TiffHandle::clear_messages() {
  error_.clear();
  warning_.clear();
}

}  // namespace haloedge
