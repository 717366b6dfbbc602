#include <algorithm>
#include <array>
#include <new>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <webp/decode.h>
#include <webp/demux.h>

#include "core/error.hpp"
#include "formats/exif.hpp"
#include "formats/optional_readers.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

const std::uint8_t* bytes_of(const Buffer& content) { return reinterpret_cast<const std::uint8_t*>(content.data()); }

[[noreturn]] void refuse(const fs::path& path, VP8StatusCode status) {
  if (status == VP8_STATUS_OUT_OF_MEMORY) throw std::bad_alloc();
  const bool is_cut = status == VP8_STATUS_NOT_ENOUGH_DATA || status == VP8_STATUS_SUSPENDED;
  throw Error(fmt::format("{}: the WebP cannot be decoded: it is {}", path.string(), is_cut ? "truncated" : "damaged"));
}

/// Reads the EXIF chunk, which is at the end of the file.
void read_exif(const File& file, Metadata& metadata) {
  const Buffer content = whole_content(file);
  const WebPData data{bytes_of(content), static_cast<std::size_t>(content.size())};
  const std::unique_ptr<WebPDemuxer, decltype(&WebPDemuxDelete)> demuxer(WebPDemux(&data), &WebPDemuxDelete);
  WebPChunkIterator chunk{};
  if (demuxer && WebPDemuxGetChunk(demuxer.get(), "EXIF", 1, &chunk) != 0) {
    // Some writers put the mark of a JPEG's segment before the EXIF block.
    constexpr std::string_view mark("Exif\0\0", 6);
    const std::string_view block(reinterpret_cast<const char*>(chunk.chunk.bytes), chunk.chunk.size);
    add_exif(std::as_bytes(std::span(block.substr(block.starts_with(mark) ? mark.size() : 0))), metadata);
  }
  WebPDemuxReleaseChunkIterator(&chunk);
}

void decode_webp(const fs::path& path, const File& file, const ImageInfo& image, std::byte* pixels) {
  const Buffer content = whole_content(file);
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) throw Error("libwebp has another version than its headers");
  config.output.colorspace = image.channels == 4 ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {reinterpret_cast<std::uint8_t*>(pixels), static_cast<int>(image.row_bytes()),
                          static_cast<std::size_t>(image.height * image.row_bytes())};
  const VP8StatusCode status = WebPDecode(bytes_of(content), static_cast<std::size_t>(content.size()), &config);
  if (status != VP8_STATUS_OK) refuse(path, status);
}

std::unique_ptr<RowReader> open_webp(const fs::path& path, File file) {
  constexpr std::int64_t header_bytes = 64;
  Buffer head(std::min(file.size(), header_bytes));
  file.read_at(0, head.span());
  WebPBitstreamFeatures features{};
  const VP8StatusCode status = WebPGetFeatures(bytes_of(head), static_cast<std::size_t>(head.size()), &features);
  if (status != VP8_STATUS_OK) refuse(path, status);
  if (features.has_animation != 0) {
    throw Error(
        fmt::format("{}: is an animated WebP: extract a frame first, with webpmux -get frame 1 {} -o frame.webp",
                    path.string(), path.string()));
  }
  ImageInfo image{.width = features.width, .height = features.height, .channels = features.has_alpha != 0 ? 4 : 3};
  constexpr int lossy = 1;
  image.description = {{"format", "WebP: decoded as a whole"},
                       {"in the file", features.format == lossy ? "RGB, lossy" : "RGB"}};
  // A lossless image is first decoded to 4 bytes a pixel, with tables beside it.
  const std::int64_t decoder_bytes = file.size() + (std::int64_t{1} << 20) + 6 * image.width * image.height;
  constexpr std::size_t flags_at = 20;
  constexpr std::byte has_exif{8};
  const std::string_view format(reinterpret_cast<const char*>(head.data()) + 12, 4);
  if (format == "VP8X" && (head.data()[flags_at] & has_exif) != std::byte{0}) read_exif(file, image.metadata);
  auto decode = [path, image, from = std::make_shared<File>(std::move(file))](std::byte* pixels) {
    decode_webp(path, *from, image, pixels);
  };
  return make_whole_reader(image, decoder_bytes, std::move(decode));
}

}  // namespace

OptionalReader webp_reader() {
  const int version = WebPGetDecoderVersion();
  return {"libwebp", fmt::format("{}.{}.{}", version >> 16, version >> 8 & 0xFF, version & 0xFF), open_webp};
}

}  // namespace haloedge
