#include <algorithm>
#include <bit>
#include <cerrno>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <new>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <png.h>

#include "core/buffer.hpp"
#include "core/error.hpp"
#include "core/number_text.hpp"
#include "formats/claims.hpp"
#include "formats/descriptions.hpp"
#include "formats/exif.hpp"
#include "formats/row_reader.hpp"

namespace haloedge {

namespace {

/// With this buffer, a small image is read in one system call.
constexpr std::size_t stdio_bytes = std::size_t{64} << 10;

/// Returns a text of Latin-1 characters, which are the first 256 of Unicode, in UTF-8.
std::string utf8_of_latin1(std::string_view latin1) {
  std::string utf8;
  for (const char c : latin1) {
    const auto code = static_cast<unsigned char>(c);
    if (code >= 0x80) utf8.push_back(static_cast<char>(0xC0 | code >> 6));
    utf8.push_back(code < 0x80 ? c : static_cast<char>(0x80 | (code & 0x3F)));
  }
  return utf8;
}

class PngReader final : public RowReader {
 public:
  explicit PngReader(const std::filesystem::path& path) : path_(path), file_(std::fopen(path.c_str(), "rb")) {
    if (!file_) throw Error(fmt::format("{}: cannot open: {}", path.string(), errno_text(errno)));
    (void)std::setvbuf(file_.get(), buffer_.data(), _IOFBF, buffer_.size());
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, fail, ignore);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) throw std::bad_alloc();
    read_header();
    read_metadata();
  }

  [[nodiscard]] const ImageInfo& image() const override { return image_; }
  void read(std::byte* out, std::int64_t row_bytes, std::int64_t rows) override;
  [[nodiscard]] std::int64_t working_bytes() const override {
    constexpr std::int64_t decoder_bytes = std::int64_t{1} << 18;
    const std::int64_t row_bytes = image_.row_bytes();
    // libpng holds two rows. The pointers to the rows of a whole image have eight bytes each.
    return decoder_bytes + 2 * row_bytes + (interlaced_ ? image_.height * (row_bytes + 8) : 0);
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { (void)std::fclose(file); }
  };
  /// libpng's two structures for an image that is read.
  struct Handles {
    png_structp png = nullptr;
    png_infop info = nullptr;
    Handles() = default;
    Handles(const Handles&) = delete;
    Handles& operator=(const Handles&) = delete;
    ~Handles() { png_destroy_read_struct(&png, &info, nullptr); }
  };
  static void fail(png_structp png, png_const_charp message) {
    static_cast<PngReader*>(png_get_error_ptr(png))->message_ = message;
    png_longjmp(png, 1);
  }
  static void ignore(png_structp, png_const_charp) {}

  /// Runs `calls`, from which libpng may leave with a jump to here: they must hold nothing that needs a destructor.
  template <class Calls>
  void guarded(Calls calls);
  void read_header();
  void read_metadata();
  void read_texts();

  void read_whole() {
    const std::int64_t row_bytes = image_.row_bytes();
    whole_ = Buffer(image_.height * row_bytes);
    std::vector<png_bytep> rows;
    for (std::int64_t row = 0; row < image_.height; ++row) {
      rows.push_back(reinterpret_cast<png_bytep>(whole_.data() + row * row_bytes));
    }
    guarded([&] { png_read_image(png_, rows.data()); });
  }

  std::filesystem::path path_;
  std::string message_;
  std::vector<char> buffer_ = std::vector<char>(stdio_bytes);  ///< buffer of file_, which it must outlive
  std::unique_ptr<std::FILE, Close> file_;
  Handles handles_;
  png_structp& png_ = handles_.png;
  png_infop& info_ = handles_.info;
  ImageInfo image_;
  bool interlaced_ = false;
  std::int64_t next_row_ = 0;
  Buffer whole_;  ///< all rows of an interlaced image
};

template <class Calls>
void PngReader::guarded(Calls calls) {
  if (setjmp(png_jmpbuf(png_)) != 0) {
    throw Error(fmt::format("{}: row {} cannot be decoded: {}", path_.string(), next_row_, message_));
  }
  calls();
}

void PngReader::read_header() {
  guarded([&] {
    png_init_io(png_, file_.get());
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_read_info(png_, info_);
  });
  image_.width = png_get_image_width(png_, info_);
  image_.height = png_get_image_height(png_, info_);
  const auto filtered_row_bytes = static_cast<double>(png_get_rowbytes(png_, info_)) + 1;
  check_claim(path_.string(), image_.width, image_.height,
              static_cast<double>(image_.height) * filtered_row_bytes / densest::deflate,
              static_cast<std::int64_t>(std::filesystem::file_size(path_)));
  const int bits = png_get_bit_depth(png_, info_);
  const bool palette = png_get_color_type(png_, info_) == PNG_COLOR_TYPE_PALETTE;
  const int channels_in_file = png_get_channels(png_, info_);
  interlaced_ = png_get_interlace_type(png_, info_) != PNG_INTERLACE_NONE;
  guarded([&] {
    if (palette) png_set_palette_to_rgb(png_);
    if (bits < 8 && !palette) png_set_expand_gray_1_2_4_to_8(png_);
    if (bits == 16 && std::endian::native == std::endian::little) png_set_swap(png_);
    if (interlaced_) png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
  });
  image_.channels = png_get_channels(png_, info_);
  image_.type = bits == 16 ? kernels::SampleType::u16 : kernels::SampleType::u8;
  image_.description = {{"format", interlaced_ ? "PNG, interlaced: decoded as a whole" : "PNG"},
                        {"in the file", fmt::format("{} of {} bits{}", count_text(channels_in_file, "sample"), bits,
                                                    palette ? ", palette, read as RGB" : "")}};
}

void PngReader::read_metadata() {
  png_uint_32 x = 0;
  png_uint_32 y = 0;
  int unit = 0;
  if (png_get_pHYs(png_, info_, &x, &y, &unit) != 0 && unit == PNG_RESOLUTION_METER) {
    constexpr std::uint16_t centimetre = 3;
    image_.metadata.resolution = {x / 100.0, y / 100.0, centimetre};
  }
  png_charp name = nullptr;
  int method = 0;
  png_bytep profile = nullptr;
  png_uint_32 length = 0;
  if (png_get_iCCP(png_, info_, &name, &method, &profile, &length) != 0) {
    const auto* bytes = reinterpret_cast<const std::byte*>(profile);
    image_.metadata.icc_profile.assign(bytes, bytes + length);
  }
  png_bytep exif = nullptr;
  if (png_get_eXIf_1(png_, info_, &length, &exif) != 0) {
    add_exif(std::as_bytes(std::span(exif, length)), image_.metadata);
  }
  read_texts();
}

void PngReader::read_texts() {
  png_textp texts = nullptr;
  int count = 0;
  png_get_text(png_, info_, &texts, &count);
  for (const png_text& text : std::span(texts, static_cast<std::size_t>(count))) {
    const std::string_view key = text.key;
    if (key == png_xmp_key) {
      image_.metadata.xmp = xmp_of_edge_map(std::string(text.text, std::max(text.text_length, text.itxt_length)));
    }
    const auto known = std::ranges::find(png_text_keys, key, &PngTextKey::key);
    const bool is_latin1 = text.compression < PNG_ITXT_COMPRESSION_NONE;
    if (known != png_text_keys.end()) {
      add_text(known->tag, is_latin1 ? utf8_of_latin1(text.text) : text.text, image_.metadata.texts);
    }
  }
}

void PngReader::read(std::byte* out, std::int64_t row_bytes, std::int64_t rows) {
  if (interlaced_ && whole_.size() == 0) read_whole();
  for (std::int64_t i = 0; i < rows; ++i, ++next_row_) {
    std::byte* to = out + i * row_bytes;
    if (interlaced_) {
      const std::int64_t bytes = image_.row_bytes();
      std::memcpy(to, whole_.data() + next_row_ * bytes, static_cast<std::size_t>(bytes));
    } else {
      guarded([&] { png_read_row(png_, reinterpret_cast<png_bytep>(to), nullptr); });
    }
  }
}

}  // namespace

std::unique_ptr<RowReader> open_png(const std::filesystem::path& path) { return std::make_unique<PngReader>(path); }

}  // namespace haloedge
