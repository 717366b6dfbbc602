#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

// The order matters: jpeglib.h needs the types of stdio, and jerror.h the version of libjpeg, which decides the numbers
// of its messages.
// clang-format off
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include "core/buffer.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "formats/claims.hpp"
#include "formats/descriptions.hpp"
#include "formats/exif.hpp"
#include "formats/row_reader.hpp"

namespace haloedge {

namespace {

constexpr std::int64_t largest_piece = std::int64_t{256} << 10;
/// The fast decoder needs 512 bytes in the piece for each block of an MCU, which has at most ten.
constexpr std::int64_t padding = 6 << 10;

/// Feeds a JPEG decoder from a file, in large pieces. With less than a few KiB left in a piece, libjpeg-turbo falls
/// back from its fast entropy decoder to a slow one; with the 4 KiB pieces of jpeg_stdio_src(), this happens nearly
/// always. End markers after the end of the file let the fast decoder work up to the end.
class JpegInput {
 public:
  /// Throws Error.
  explicit JpegInput(File file)
      : file_(std::move(file)), size_(file_.size()), memory_(std::min(size_, largest_piece) + padding) {
    manager_.input = this;
    manager_.init_source = [](j_decompress_ptr) {};
    manager_.fill_input_buffer = fill;
    manager_.skip_input_data = skip;
    manager_.resync_to_restart = jpeg_resync_to_restart;
    manager_.term_source = [](j_decompress_ptr) {};
  }
  JpegInput(const JpegInput&) = delete;
  JpegInput& operator=(const JpegInput&) = delete;
  ~JpegInput() = default;

  [[nodiscard]] std::int64_t file_bytes() const { return size_; }

  void attach(jpeg_decompress_struct& decoder) { decoder.src = &manager_; }

  /// Upper bound of the memory held.
  static constexpr std::int64_t memory_bytes = std::int64_t{320} << 10;

  /// True if the decoder has read past the end of the file: the file was cut short.
  [[nodiscard]] bool passed_end() const {
    const auto* file_end = reinterpret_cast<const JOCTET*>(memory_.data() + piece_);
    return passed_end_ || (next_ == size_ && manager_.next_input_byte > file_end);
  }

  /// The exception with which reading the file failed, if it did. The decoder then ends with an error.
  [[nodiscard]] std::exception_ptr error() const { return error_; }

 private:
  static boolean fill(j_decompress_ptr decoder) {
    JpegInput& input = of(decoder);
    if (!input.next_piece()) ERREXIT(decoder, JERR_FILE_READ);
    return TRUE;
  }
  static void skip(j_decompress_ptr decoder, long count);
  /// Reads the next piece. Returns false if the file cannot be read.
  bool next_piece();

  /// The data source that libjpeg holds a pointer to, extended by a pointer to its owner.
  struct Manager : jpeg_source_mgr {
    JpegInput* input;
  };
  static JpegInput& of(j_decompress_ptr decoder) { return *static_cast<Manager*>(decoder->src)->input; }

  Manager manager_{};
  File file_;
  std::int64_t size_;
  std::int64_t next_ = 0;    ///< offset in the file of the next piece
  std::int64_t piece_ = 0;   ///< bytes of the file in memory_
  bool passed_end_ = false;  ///< the end was passed in a piece that was dropped
  Buffer memory_;
  std::exception_ptr error_;
};

bool JpegInput::next_piece() {
  passed_end_ = next_ == size_;
  piece_ = std::min(size_ - next_, largest_piece);
  try {
    file_.read_at(next_, memory_.span().first(static_cast<std::size_t>(piece_)));
  } catch (...) {
    error_ = std::current_exception();
    return false;
  }
  next_ += piece_;
  std::int64_t given = piece_;
  if (next_ == size_) {
    for (; given + 2 <= memory_.size(); given += 2) {
      memory_.data()[given] = std::byte{0xFF};
      memory_.data()[given + 1] = std::byte{JPEG_EOI};
    }
  }
  manager_.next_input_byte = reinterpret_cast<const JOCTET*>(memory_.data());
  manager_.bytes_in_buffer = static_cast<std::size_t>(given);
  return true;
}

void JpegInput::skip(j_decompress_ptr decoder, long count) {
  JpegInput& input = of(decoder);
  const auto here = static_cast<long>(input.manager_.bytes_in_buffer);
  if (count <= here) {
    input.manager_.next_input_byte += count;
    input.manager_.bytes_in_buffer -= static_cast<std::size_t>(count);
    return;
  }
  input.next_ = std::min(input.size_, input.next_ + count - here);
  if (!input.next_piece()) ERREXIT(decoder, JERR_FILE_READ);
}

constexpr int app1_marker = JPEG_APP0 + 1;  // EXIF or XMP
constexpr int icc_marker = JPEG_APP0 + 2;
constexpr unsigned whole_segment = 0xFFFF;
constexpr std::string_view exif_signature("Exif\0\0", 6);

/// True for warnings that do not change the pixels.
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
  [[nodiscard]] std::int64_t working_bytes() const override {
    constexpr std::int64_t decoder_bytes = (std::int64_t{1} << 18) + JpegInput::memory_bytes;
    // All coefficients of a progressive image, 16 bits each, are needed until its end.
    const bool whole = decoder_.progressive_mode != 0 || decoder_.comps_in_scan < decoder_.num_components;
    constexpr std::int64_t rows_held = 64;
    return decoder_bytes + image_.width * decoder_.num_components * 2 * (whole ? image_.height : rows_held);
  }

 private:
  struct Decoder : jpeg_decompress_struct {
    Decoder() : jpeg_decompress_struct{} {}
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;
    ~Decoder() { jpeg_destroy_decompress(this); }
  };
  /// The object whose pointer libjpeg keeps as client data.
  static JpegReader& self(j_common_ptr decoder) { return *static_cast<JpegReader*>(decoder->client_data); }
  static void fail(j_common_ptr decoder) {
    JpegReader& reader = self(decoder);
    decoder->err->format_message(decoder, reader.message_.data());
    std::longjmp(reader.jump_, 1);
  }
  static void heed_warning(j_common_ptr decoder, int level) {
    if (level < 0 && !is_harmless(decoder->err->msg_code)) fail(decoder);
  }

  /// Runs `calls`, from which libjpeg may leave with a jump to here: they must hold nothing that needs a destructor.
  template <class Calls>
  void guarded(Calls calls);
  void read_metadata();
  /// The fewest bytes that the blocks of the image take. Pure.
  [[nodiscard]] double least_bytes() const;
  void read_row(std::byte* to) {
    auto* row = reinterpret_cast<JSAMPROW>(to);
    guarded([&] { jpeg_read_scanlines(&decoder_, &row, 1); });
  }

  void leave_out_unwanted_rows() {
    // With libjpeg-turbo 2.1.5, rows are wrong after a skip that begins inside a group of rows that share their chroma
    // (issue 915), and after two skips without a row read between them.
    const auto group = static_cast<JDIMENSION>(decoder_.max_v_samp_factor);
    for (; unwanted_rows_ > 0 && decoder_.output_scanline % group != 0; --unwanted_rows_) read_row(row_.data());
    guarded([&] { jpeg_skip_scanlines(&decoder_, static_cast<JDIMENSION>(unwanted_rows_)); });
    unwanted_rows_ = 0;
  }

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
  std::int64_t unwanted_rows_ = 0;  ///< skipped since the last row that was read
  std::vector<std::byte> row_;      ///< a row of CMYK samples, or one that is dropped
};

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
    jpeg_save_markers(&decoder_, app1_marker, whole_segment);
    jpeg_save_markers(&decoder_, icc_marker, whole_segment);
    input_.attach(decoder_);
    jpeg_read_header(&decoder_, TRUE);
  });
  image_.width = decoder_.image_width;
  image_.height = decoder_.image_height;
  check_claim(path.string(), image_.width, image_.height, least_bytes(), input_.file_bytes());
  image_.type = kernels::SampleType::u8;
  cmyk_ = decoder_.num_components == 4;
  if (decoder_.num_components != 1 && decoder_.num_components != 3 && !cmyk_) {
    throw Error(fmt::format("{}: a JPEG of {} components is not supported", path.string(), decoder_.num_components));
  }
  decoder_.out_color_space = decoder_.num_components == 1 ? JCS_GRAYSCALE : cmyk_ ? JCS_CMYK : JCS_RGB;
  image_.channels = decoder_.num_components == 1 ? 1 : 3;
  read_metadata();
}

double JpegReader::least_bytes() const {
  if (decoder_.arith_code != 0) return 0;  // an arithmetic coder spends next to nothing on what it expects
  double blocks = 0;
  for (const jpeg_component_info& component : std::span(decoder_.comp_info, std::size_t(decoder_.num_components))) {
    blocks += double(component.width_in_blocks) * component.height_in_blocks;
  }
  // A code has one bit at least. A progressive image may consist of the codes of its DC coefficients; else each block
  // has another code for the end of its AC coefficients.
  const double bits_a_block = decoder_.progressive_mode != 0 ? 1 : 2;
  return blocks * bits_a_block / 8;
}

void JpegReader::read_metadata() {
  image_.description = {
      {"format", jpeg_has_multiple_scans(&decoder_) != 0 ? "JPEG, progressive: coefficients held as a whole" : "JPEG"},
      {"in the file",
       fmt::format("{}{}", count_text(decoder_.num_components, "component"), cmyk_ ? ", CMYK, read as RGB" : "")}};
  if (decoder_.saw_JFIF_marker != 0 && decoder_.X_density > 0 && decoder_.Y_density > 0 && decoder_.density_unit > 0) {
    constexpr std::uint16_t inch = 2;
    constexpr std::uint16_t centimetre = 3;
    image_.metadata.resolution = {double(decoder_.X_density), double(decoder_.Y_density),
                                  decoder_.density_unit == 1 ? inch : centimetre};
  }
  bool has_exif = false;
  for (jpeg_saved_marker_ptr marker = decoder_.marker_list; marker != nullptr; marker = marker->next) {
    if (marker->marker != app1_marker) continue;
    const std::string_view segment(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (segment.starts_with(exif_signature) && !has_exif) {
      add_exif(std::as_bytes(std::span(segment.substr(exif_signature.size()))), image_.metadata);
      has_exif = true;
    } else if (segment.starts_with(xmp_signature)) {
      image_.metadata.xmp = xmp_of_edge_map(std::string(segment.substr(xmp_signature.size())));
    }
  }
  JOCTET* profile = nullptr;
  unsigned length = 0;
  bool has_profile = false;
  guarded([&] { has_profile = jpeg_read_icc_profile(&decoder_, &profile, &length) != 0; });
  if (has_profile) {
    const std::unique_ptr<JOCTET, decltype(&std::free)> owner(profile, &std::free);
    const auto* bytes = reinterpret_cast<const std::byte*>(profile);
    image_.metadata.icc_profile.assign(bytes, bytes + length);
  }
}

void JpegReader::to_rgb(const std::byte* cmyk, std::byte* rgb) const {
  // Files by Adobe, which are nearly all, store the light that is left; others store the ink.
  const unsigned turn = decoder_.saw_Adobe_marker != 0 ? 0U : 255U;
  for (std::int64_t x = 0; x < image_.width; ++x, cmyk += 4, rgb += 3) {
    const unsigned black = std::to_integer<unsigned>(cmyk[3]) ^ turn;
    for (std::size_t i = 0; i < 3; ++i) {
      const unsigned colour = std::to_integer<unsigned>(cmyk[i]) ^ turn;
      rgb[i] = static_cast<std::byte>((colour * black + 127) / 255);
    }
  }
}

void JpegReader::read(std::byte* out, std::int64_t row_bytes, std::int64_t rows) {
  if (!started_) {
    guarded([&] { jpeg_start_decompress(&decoder_); });
    // All scans of a progressive image have been read now. Missing scans look to libjpeg like the end of the image.
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
  return std::make_unique<JpegReader>(path, std::move(file));
}

}  // namespace haloedge
