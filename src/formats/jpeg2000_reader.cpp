#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <openjpeg.h>

#include "core/error.hpp"
#include "formats/claims.hpp"
#include "formats/optional_readers.hpp"
#include "kernels/arithmetic.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// The SIZ segment at the beginning of a codestream (ISO/IEC 15444-1, A.5.1).
struct Codestream {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t tiles = 0;
  int components = 0;
  int bits = 0;
  bool is_signed = false;
  bool is_uniform = true;  ///< all components have the same bits and the size of the image
  bool in_boxes = false;   ///< the file is a JP2, whose boxes contain the codestream
};

/// Reads big-endian numbers at offsets of a file.
class Numbers {
 public:
  Numbers(const fs::path& path, const File& file) : path_(path), file_(file) {}

  [[nodiscard]] std::int64_t at(std::int64_t offset, std::int64_t bytes) const {
    if (offset < 0 || offset + bytes > file_.size()) refuse("it is truncated");
    std::array<std::byte, 8> raw{};
    file_.read_at(offset, std::span(raw).first(static_cast<std::size_t>(bytes)));
    std::uint64_t number = 0;
    for (std::int64_t i = 0; i < bytes; ++i)
      number = number << 8 | std::to_integer<std::uint64_t>(raw.at(static_cast<std::size_t>(i)));
    return static_cast<std::int64_t>(number);
  }
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(fmt::format("{}: the JPEG 2000 cannot be decoded: {}", path_.string(), why));
  }

 private:
  const fs::path& path_;
  const File& file_;
};

/// The first bytes of a codestream: the markers SOC and SIZ.
constexpr std::int64_t codestream_head = 0xFF4FFF51;

/// Returns the offset of the codestream, which is in a box of its own if the file is a JP2.
std::int64_t find_codestream(const Numbers& numbers) {
  constexpr std::int64_t codestream_box = 0x6A703263;  // "jp2c"
  std::int64_t at = 0;
  while (numbers.at(at, 4) != codestream_head) {
    std::int64_t bytes = numbers.at(at, 4);
    const bool is_long = bytes == 1;
    const std::int64_t head_bytes = is_long ? 16 : 8;
    if (numbers.at(at + 4, 4) == codestream_box) return at + head_bytes;
    if (is_long) bytes = numbers.at(at + 8, 8);
    if (bytes < head_bytes) numbers.refuse("it contains no image");
    at += bytes;
  }
  return at;
}

Codestream read_codestream(const Numbers& numbers) {
  const std::int64_t start = find_codestream(numbers);
  if (numbers.at(start, 4) != codestream_head) numbers.refuse("it is damaged");
  const auto field = [&](std::int64_t offset) { return numbers.at(start + offset, 4); };
  const std::int64_t left = field(16);
  const std::int64_t top = field(20);
  const std::int64_t tile_width = field(24);
  const std::int64_t tile_height = field(28);
  if (tile_width < 1 || tile_height < 1 || field(32) > left || field(36) > top) numbers.refuse("it is damaged");
  Codestream stream{.width = field(8) - left, .height = field(12) - top, .in_boxes = start > 0};
  stream.tiles = divide_up(field(8) - field(32), tile_width) * divide_up(field(12) - field(36), tile_height);
  stream.components = static_cast<int>(numbers.at(start + 40, 2));
  for (std::int64_t i = 0; i < stream.components; ++i) {
    const std::int64_t depth = numbers.at(start + 42 + 3 * i, 1);
    const int bits = static_cast<int>(depth & 0x7F) + 1;
    if (i == 0) stream.bits = bits;
    stream.is_signed = stream.is_signed || depth > 0x7F;
    stream.is_uniform = stream.is_uniform && bits == stream.bits && numbers.at(start + 43 + 3 * i, 2) == 0x0101;
  }
  return stream;
}

/// Throws Error for images that are not read, with what to do.
void check_supported(const Numbers& numbers, const fs::path& path, const Codestream& stream) {
  const auto convert = [&](const std::string& what, const char* options = "") {
    throw Error(fmt::format("{}: haloedge does not read JPEG 2000 {}: convert it, with gdal_translate {}{} out.tif",
                            path.string(), what, options, path.string()));
  };
  if (stream.components < 1) numbers.refuse("it has no components");
  if (stream.components > 4) convert(fmt::format("of {} components", stream.components), "-b 1 ");
  if (!stream.is_uniform) convert("whose components differ in size or depth");
  if (stream.is_signed) convert("of signed samples");
  if (stream.bits > 16) convert(fmt::format("of {} bits", stream.bits));
}

/// Gives OpenJPEG access to a file, and keeps its first error.
class Decoder {
 public:
  Decoder(const fs::path& path, const File& file, bool in_boxes)
      : path_(path),
        file_(file),
        codec_(opj_create_decompress(in_boxes ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K), &opj_destroy_codec),
        stream_(opj_stream_create(buffer_bytes, OPJ_TRUE), &opj_stream_destroy) {
    opj_set_error_handler(codec_.get(), keep_error, this);
    opj_stream_set_user_data(stream_.get(), this, nullptr);
    opj_stream_set_user_data_length(stream_.get(), static_cast<OPJ_UINT64>(file.size()));
    opj_stream_set_read_function(stream_.get(), read);
    opj_stream_set_skip_function(stream_.get(), skip);
    opj_stream_set_seek_function(stream_.get(), seek);
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    check(opj_setup_decoder(codec_.get(), &parameters));
  }

  using Image = std::unique_ptr<opj_image_t, decltype(&opj_image_destroy)>;
  [[nodiscard]] Image decode() {
    opj_image_t* image = nullptr;
    const OPJ_BOOL has_header = opj_read_header(stream_.get(), codec_.get(), &image);
    Image owner(image, &opj_image_destroy);
    check(has_header);
    check(opj_decode(codec_.get(), stream_.get(), image));
    check(opj_end_decompress(codec_.get(), stream_.get()));
    return owner;
  }

 private:
  static constexpr OPJ_SIZE_T buffer_bytes = OPJ_SIZE_T{256} << 10;

  static void keep_error(const char* message, void* decoder) {
    std::string& error = static_cast<Decoder*>(decoder)->error_;
    if (error.empty()) error = std::string(message).substr(0, std::strcspn(message, "\n"));
  }
  static OPJ_SIZE_T read(void* to, OPJ_SIZE_T bytes, void* user) {
    auto& decoder = *static_cast<Decoder*>(user);
    const auto count = std::min(static_cast<std::int64_t>(bytes), decoder.file_.size() - decoder.next_);
    if (count <= 0) return static_cast<OPJ_SIZE_T>(-1);
    try {
      decoder.file_.read_at(decoder.next_, {static_cast<std::byte*>(to), static_cast<std::size_t>(count)});
    } catch (const Error& error) {
      decoder.error_ = error.what();
      return static_cast<OPJ_SIZE_T>(-1);
    }
    decoder.next_ += count;
    return static_cast<OPJ_SIZE_T>(count);
  }
  static OPJ_OFF_T skip(OPJ_OFF_T bytes, void* user) {
    static_cast<Decoder*>(user)->next_ += bytes;
    return bytes;
  }
  static OPJ_BOOL seek(OPJ_OFF_T offset, void* user) {
    static_cast<Decoder*>(user)->next_ = offset;
    return OPJ_TRUE;
  }

  void check(OPJ_BOOL done) const {
    if (done == OPJ_TRUE && error_.empty()) return;
    throw Error(fmt::format("{}: the JPEG 2000 cannot be decoded: {}", path_.string(),
                            error_.empty() ? "it is damaged" : error_));
  }

  const fs::path& path_;
  const File& file_;
  std::int64_t next_ = 0;
  std::string error_;
  std::unique_ptr<opj_codec_t, decltype(&opj_destroy_codec)> codec_;
  std::unique_ptr<opj_stream_t, decltype(&opj_stream_destroy)> stream_;
};

/// Interleaves the components, whose samples have 32 bits, to samples of 8 or 16 bits.
template <class Sample>
void interleave(const opj_image_t& decoded, const ImageInfo& image, int bits, std::byte* pixels) {
  auto* to = reinterpret_cast<Sample*>(pixels);
  const int most = (1 << bits) - 1;
  // Fewer than 8 bits are spread over the range of 8.
  const int factor = bits < 8 ? 255 : 1;
  const int divisor = bits < 8 ? most : 1;
  for (int channel = 0; channel < image.channels; ++channel) {
    const OPJ_INT32* from = decoded.comps[channel].data;
    for (std::int64_t i = 0; i < image.width * image.height; ++i) {
      to[i * image.channels + channel] =
          static_cast<Sample>((std::clamp(from[i], 0, most) * factor + divisor / 2) / divisor);
    }
  }
}

void decode_jpeg2000(const fs::path& path, const File& file, const ImageInfo& image, const Codestream& stream,
                     std::byte* pixels) {
  const Decoder::Image decoded = Decoder(path, file, stream.in_boxes).decode();
  const auto refuse = [&](const char* what) {
    throw Error(fmt::format("{}: haloedge does not read JPEG 2000 with {}: convert it, with gdal_translate {} out.tif",
                            path.string(), what, path.string()));
  };
  if (decoded->numcomps != static_cast<OPJ_UINT32>(stream.components)) refuse("a palette");
  if (decoded->color_space == OPJ_CLRSPC_SYCC || decoded->color_space == OPJ_CLRSPC_CMYK)
    refuse("colours other than RGB");
  const bool has_alpha = decoded->comps[decoded->numcomps - 1].alpha != 0;
  if (decoded->color_space == OPJ_CLRSPC_GRAY && decoded->numcomps > (has_alpha ? 2U : 1U)) {
    refuse("several bands that are no colours");
  }
  for (OPJ_UINT32 i = 0; i < decoded->numcomps; ++i) {
    const opj_image_comp_t& component = decoded->comps[i];
    if (component.data == nullptr || component.w != image.width || component.h != image.height) {
      throw Error(fmt::format("{}: the JPEG 2000 cannot be decoded: it is damaged", path.string()));
    }
  }
  const bool wide = image.type == kernels::SampleType::u16;
  wide ? interleave<std::uint16_t>(*decoded, image, stream.bits, pixels)
       : interleave<std::uint8_t>(*decoded, image, stream.bits, pixels);
}

std::unique_ptr<RowReader> open_jpeg2000(const fs::path& path, File file) {
  const Numbers numbers(path, file);
  const Codestream stream = read_codestream(numbers);
  // A tile takes a header of 14 bytes at least, and may have next to nothing in it.
  constexpr double tile_bytes = 14;
  check_claim(path.string(), stream.width, stream.height, static_cast<double>(stream.tiles) * tile_bytes, file.size());
  check_supported(numbers, path, stream);
  ImageInfo image{.width = stream.width,
                  .height = stream.height,
                  .type = stream.bits > 8 ? kernels::SampleType::u16 : kernels::SampleType::u8,
                  .channels = stream.components};
  image.description = {{"format", "JPEG 2000: decoded as a whole"},
                       {"in the file", fmt::format("{} components of {} bits", stream.components, stream.bits)}};
  // The decoder holds coefficients and samples of 32 bits each.
  const std::int64_t decoder_bytes =
      (std::int64_t{8} << 20) + std::int64_t{8} * stream.components * image.width * image.height;
  auto decode = [path, image, stream, from = std::make_shared<File>(std::move(file))](std::byte* pixels) {
    decode_jpeg2000(path, *from, image, stream, pixels);
  };
  return make_whole_reader(image, decoder_bytes, std::move(decode));
}

}  // namespace

OptionalReader jpeg2000_reader() { return {"OpenJPEG", opj_version(), open_jpeg2000}; }

}  // namespace haloedge
