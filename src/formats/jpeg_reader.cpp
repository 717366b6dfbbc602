#include "formats/jpeg_reader.hpp"

#include <array>
#include <csetjmp>
#include <cstdio>
// libjpeg's header needs stdio's types before it.
#include <jpeglib.h>
// Message codes.
#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <jerror.h>

#include "core/error.hpp"
#include "formats/jpeg_input.hpp"
#include "formats/jpeg_orientation.hpp"
#include "formats/tiff_metadata.hpp"

namespace haloedge {

namespace {

constexpr int exif_marker = JPEG_APP0 + 1;
constexpr int icc_marker = JPEG_APP0 + 2;
constexpr unsigned whole_segment = 0xFFFF;

/// Warnings that leave the pixels as they were meant.
bool is_harmless(int message) {
  return message == JWRN_EXTRANEOUS_DATA || message == JWRN_ADOBE_XFORM || message == JWRN_JFIF_MAJOR ||
         message == JWRN_TOO_MUCH_DATA || message == JWRN_BOGUS_ICC;
}

class JpegReader final : public RowReader {
 public:
  JpegReader(const std::filesystem::path& path, File file);

  [[nodiscard]] const ImageInfo& image() const override { return image_; }
  void read(std::byte* out, std::int64_t row_bytes, std::int64_t rows) override;
  void skip(std::int64_t rows) override { unwanted_rows_ += rows; }
  [[nodiscard]] std::int64_t working_bytes() const override;
  [[nodiscard]] int orientation() const { return orientation_; }

 private:
  struct Decoder : jpeg_decompress_struct {
    Decoder() : jpeg_decompress_struct{} {}
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;
    ~Decoder() { jpeg_destroy_decompress(this); }
  };
  /// libjpeg knows this object by the pointer it keeps for its client.
  static JpegReader& self(j_common_ptr decoder) { return *static_cast<JpegReader*>(decoder->client_data); }
  static void fail(j_common_ptr decoder);
  static void heed_warning(j_common_ptr decoder, int level);

  /// Runs `calls`, in which libjpeg may end by a jump back to here: it must hold nothing that needs a destructor.
  template <class Calls>
  void guarded(Calls calls);
  void read_metadata();
  void read_row(std::byte* to);
  void leave_out_unwanted_rows();
  void to_rgb(const std::byte* cmyk, std::byte* rgb) const;

  std::filesystem::path path_;
  JpegInput input_;
  jpeg_error_mgr errors_{};
  Decoder decoder_;
  std::jmp_buf jump_{};
  std::array<char, JMSG_LENGTH_MAX> message_{};
  ImageInfo image_;
  bool cmyk_ = false;
  bool started_ = false;
  int orientation_ = 1;
  std::int64_t unwanted_rows_ = 0;  ///< skipped since the last row that was read
  std::vector<std::byte> row_;      ///< of CMYK, or not wanted
};

void JpegReader::fail(j_common_ptr decoder) {
  JpegReader& reader = self(decoder);
  decoder->err->format_message(decoder, reader.message_.data());
  std::longjmp(reader.jump_, 1);
}

void JpegReader::heed_warning(j_common_ptr decoder, int level) {
  if (level < 0 && !is_harmless(decoder->err->msg_code)) fail(decoder);
}

template <class Calls>
void JpegReader::guarded(Calls calls) {
  if (setjmp(jump_) != 0) {
    if (input_.error()) std::rethrow_exception(input_.error());
    throw Error(
        fmt::format("{}: row {} cannot be decoded: {}", path_.string(), decoder_.output_scanline, message_.data()));
  }
  calls();
}

JpegReader::JpegReader(const std::filesystem::path& path, File file) : path_(path), input_(std::move(file)) {
  decoder_.err = jpeg_std_error(&errors_);
  errors_.error_exit = fail;
  errors_.emit_message = heed_warning;
  decoder_.client_data = this;
  guarded([&] {
    jpeg_create_decompress(&decoder_);
    decoder_.client_data = this;
    jpeg_save_markers(&decoder_, exif_marker, whole_segment);
    jpeg_save_markers(&decoder_, icc_marker, whole_segment);
    input_.attach(decoder_);
    jpeg_read_header(&decoder_, TRUE);
  });
  image_.width = decoder_.image_width;
  image_.height = decoder_.image_height;
  image_.type = kernels::SampleType::u8;
  cmyk_ = decoder_.num_components == 4;
  if (decoder_.num_components == 1) {
    decoder_.out_color_space = JCS_GRAYSCALE;
  } else if (cmyk_) {
    decoder_.out_color_space = JCS_CMYK;
  } else if (decoder_.num_components == 3) {
    decoder_.out_color_space = JCS_RGB;
  } else {
    throw Error(fmt::format("{}: a JPEG of {} components is not supported", path.string(), decoder_.num_components));
  }
  image_.channels = decoder_.num_components == 1 ? 1 : 3;
  read_metadata();
}

void JpegReader::read_metadata() {
  image_.description = {
      {"format", jpeg_has_multiple_scans(&decoder_) != 0 ? "JPEG, progressive: coefficients held as a whole" : "JPEG"},
      {"in the file", fmt::format("{} component(s){}", decoder_.num_components, cmyk_ ? ", CMYK, read as RGB" : "")}};
  if (decoder_.saw_JFIF_marker != 0 && decoder_.X_density > 0 && decoder_.Y_density > 0 && decoder_.density_unit > 0) {
    constexpr std::uint16_t inch = 2;
    constexpr std::uint16_t centimetre = 3;
    image_.metadata.resolution = {double(decoder_.X_density), double(decoder_.Y_density),
                                  decoder_.density_unit == 1 ? inch : centimetre};
  }
  for (jpeg_saved_marker_ptr marker = decoder_.marker_list; marker != nullptr; marker = marker->next) {
    if (marker->marker != exif_marker) continue;
    orientation_ = exif_orientation(std::as_bytes(std::span(marker->data, marker->data_length)));
    if (orientation_ != 1) break;
  }
  JOCTET* profile = nullptr;
  unsigned length = 0;
  bool has_profile = false;
  guarded([&] { has_profile = jpeg_read_icc_profile(&decoder_, &profile, &length) != 0; });
  if (has_profile) {
    const std::unique_ptr<JOCTET, decltype(&std::free)> owner(profile, &std::free);
    const auto* bytes = reinterpret_cast<const std::byte*>(profile);
    image_.metadata.icc_profile.assign(bytes, bytes + length);
    image_.metadata.icc_is_gray = icc_is_gray(image_.metadata.icc_profile);
  }
}

std::int64_t JpegReader::working_bytes() const {
  constexpr std::int64_t decoder_bytes = (std::int64_t{1} << 18) + JpegInput::memory_bytes;
  // A progressive image's coefficients are 16 bits each and all needed at the end.
  const bool whole = decoder_.progressive_mode != 0 || decoder_.comps_in_scan < decoder_.num_components;
  constexpr std::int64_t rows_held = 64;
  return decoder_bytes + image_.width * decoder_.num_components * 2 * (whole ? image_.height : rows_held);
}

void JpegReader::to_rgb(const std::byte* cmyk, std::byte* rgb) const {
  // Adobe's files, which nearly all are, hold what is left of the light; others hold ink.
  const unsigned turn = decoder_.saw_Adobe_marker != 0 ? 0U : 255U;
  for (std::int64_t x = 0; x < image_.width; ++x, cmyk += 4, rgb += 3) {
    const unsigned black = std::to_integer<unsigned>(cmyk[3]) ^ turn;
    for (std::size_t i = 0; i < 3; ++i) {
      const unsigned colour = std::to_integer<unsigned>(cmyk[i]) ^ turn;
      rgb[i] = static_cast<std::byte>((colour * black + 127) / 255);
    }
  }
}

void JpegReader::read_row(std::byte* to) {
  auto* row = reinterpret_cast<JSAMPROW>(to);
  guarded([&] { jpeg_read_scanlines(&decoder_, &row, 1); });
}

void JpegReader::leave_out_unwanted_rows() {
  // With libjpeg-turbo 2.1.5, rows come out wrong behind a skip that begins inside a group of rows that share their
  // chroma (issue 915), and behind two skips without a row read between them.
  const auto group = static_cast<JDIMENSION>(decoder_.max_v_samp_factor);
  for (; unwanted_rows_ > 0 && decoder_.output_scanline % group != 0; --unwanted_rows_) read_row(row_.data());
  guarded([&] { jpeg_skip_scanlines(&decoder_, static_cast<JDIMENSION>(unwanted_rows_)); });
  unwanted_rows_ = 0;
}

void JpegReader::read(std::byte* out, std::int64_t row_bytes, std::int64_t rows) {
  if (!started_) {
    guarded([&] { jpeg_start_decompress(&decoder_); });
    // Here all scans of a progressive image have been read; those that are not there look like its end.
    if (input_.passed_end()) throw Error(fmt::format("{}: the file ends too early: it is truncated", path_.string()));
    started_ = true;
    row_.resize(static_cast<std::size_t>(image_.width * decoder_.output_components));
  }
  if (rows > 0 && unwanted_rows_ > 0) leave_out_unwanted_rows();
  for (std::int64_t i = 0; i < rows; ++i) {
    std::byte* to = out + i * row_bytes;
    read_row(cmyk_ ? row_.data() : to);
    if (cmyk_) to_rgb(row_.data(), to);
  }
}

}  // namespace

std::string jpeg_version() {
  constexpr int number = LIBJPEG_TURBO_VERSION_NUMBER;  // 2001005 is 2.1.5
  return fmt::format("{}.{}.{}", number / 1'000'000, number / 1000 % 1000, number % 1000);
}

std::unique_ptr<RowReader> open_jpeg(const std::filesystem::path& path, File file) {
  auto reader = std::make_unique<JpegReader>(path, std::move(file));
  const int orientation = reader->orientation();
  return orient(std::move(reader), orientation);
}

}  // namespace haloedge
