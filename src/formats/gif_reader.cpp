#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gif_lib.h>

#include "core/error.hpp"
#include "formats/claims.hpp"
#include "formats/optional_readers.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// A GIF, open at the pixels of its first frame.
class Gif {
 public:
  explicit Gif(const fs::path& path) : path_(path) {
    int error = 0;
    gif_.reset(DGifOpenFileName(path.c_str(), &error));
    if (!gif_) refuse(GifErrorString(error));
    GifRecordType record = UNDEFINED_RECORD_TYPE;
    while (record != IMAGE_DESC_RECORD_TYPE) {
      check(DGifGetRecordType(gif_.get(), &record));
      if (record == TERMINATE_RECORD_TYPE) refuse("it has no frame");
      if (record == EXTENSION_RECORD_TYPE) skip_extension();
    }
    check(DGifGetImageDesc(gif_.get()));
    const GifImageDesc& frame = gif_->Image;
    check_claim(path.string(), frame.Width, frame.Height, double(frame.Width) * frame.Height / densest::lzw,
                static_cast<std::int64_t>(fs::file_size(path)));
    if (gif_->SWidth < 1 || gif_->SHeight < 1 || frame.Left + frame.Width > gif_->SWidth ||
        frame.Top + frame.Height > gif_->SHeight) {
      refuse("its first frame is larger than the image");
    }
    colours_ = frame.ColorMap != nullptr ? frame.ColorMap : gif_->SColorMap;
    if (colours_ == nullptr) refuse("it has no palette");
  }

  [[nodiscard]] ImageInfo image() const {
    ImageInfo image{.width = gif_->SWidth, .height = gif_->SHeight, .channels = 3};
    image.description = {{"format", "GIF, first frame: decoded as a whole"},
                         {"in the file", fmt::format("palette of {} colours, read as RGB", colours_->ColorCount)}};
    return image;
  }

  void decode(std::byte* pixels) {
    const std::int64_t row_bytes = image().row_bytes();
    std::memset(pixels, 0, static_cast<std::size_t>(row_bytes * gif_->SHeight));
    const GifImageDesc& frame = gif_->Image;
    std::vector<GifPixelType> line(static_cast<std::size_t>(frame.Width));
    for (const int row : rows_in_order(frame)) {
      if (DGifGetLine(gif_.get(), line.data(), frame.Width) == GIF_ERROR) {
        throw Error(fmt::format("{}: row {} cannot be decoded: {}", path_.string(), frame.Top + row,
                                GifErrorString(gif_->Error)));
      }
      std::byte* to = pixels + (frame.Top + row) * row_bytes + std::ptrdiff_t{3} * frame.Left;
      for (const GifPixelType index : line) {
        const GifColorType colour = index < colours_->ColorCount ? colours_->Colors[index] : GifColorType{};
        for (const GifByteType value : {colour.Red, colour.Green, colour.Blue}) *to++ = std::byte{value};
      }
    }
  }

 private:
  struct Close {
    void operator()(GifFileType* gif) const { (void)DGifCloseFile(gif, nullptr); }
  };

  /// The rows of a frame in the order of the file: interlaced frames have every eighth row first (GIF89a, appendix E).
  static std::vector<int> rows_in_order(const GifImageDesc& frame) {
    std::vector<int> rows;
    const std::vector<std::pair<int, int>> passes =
        frame.Interlace ? std::vector<std::pair<int, int>>{{0, 8}, {4, 8}, {2, 4}, {1, 2}}
                        : std::vector<std::pair<int, int>>{{0, 1}};
    for (const auto& [first, step] : passes) {
      for (int row = first; row < frame.Height; row += step) rows.push_back(row);
    }
    return rows;
  }

  void skip_extension() {
    int code = 0;
    GifByteType* data = nullptr;
    check(DGifGetExtension(gif_.get(), &code, &data));
    while (data != nullptr) check(DGifGetExtensionNext(gif_.get(), &data));
  }

  void check(int result) const {
    if (result == GIF_ERROR) refuse(GifErrorString(gif_->Error));
  }
  [[noreturn]] void refuse(const char* reason) const {
    throw Error(
        fmt::format("{}: the GIF cannot be read: {}", path_.string(), reason != nullptr ? reason : "it is damaged"));
  }

  fs::path path_;
  std::unique_ptr<GifFileType, Close> gif_;
  const ColorMapObject* colours_ = nullptr;
};

std::unique_ptr<RowReader> open_gif(const fs::path& path, File) {
  const auto gif = std::make_shared<Gif>(path);
  constexpr std::int64_t decoder_bytes = std::int64_t{256} << 10;
  return make_whole_reader(gif->image(), decoder_bytes, [gif](std::byte* pixels) { gif->decode(pixels); });
}

}  // namespace

OptionalReader gif_reader() {
  return {"giflib", fmt::format("{}.{}.{}", GIFLIB_MAJOR, GIFLIB_MINOR, GIFLIB_RELEASE), open_gif};
}

}  // namespace haloedge
