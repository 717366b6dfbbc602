#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
// libjpeg's header needs stdio's types before it.
#include <cmath>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <jpeglib.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "formats/descriptions.hpp"
#include "formats/row_writer.hpp"

namespace haloedge {

namespace {

class JpegRowWriter final : public RowWriter {
 public:
  JpegRowWriter(const RowWriterSpec& spec, ByteSink sink);

  void write(const kernels::ConstPixels& rows) override {
    guarded([&] {
      for (std::int64_t i = 0; i < rows.rows; ++i) {
        // libjpeg does not write to what it is given, but its types do not say so.
        auto* row = const_cast<JSAMPROW>(reinterpret_cast<const JSAMPLE*>(rows.data + i * rows.row_bytes));
        jpeg_write_scanlines(&encoder_, &row, 1);
      }
    });
  }

  void finish() override {
    guarded([&] { jpeg_finish_compress(&encoder_); });
    if (file_) file_->finish();
  }

 private:
  struct Encoder : jpeg_compress_struct {
    Encoder() : jpeg_compress_struct{} {}
    Encoder(const Encoder&) = delete;
    Encoder& operator=(const Encoder&) = delete;
    ~Encoder() { jpeg_destroy_compress(this); }
  };
  /// The object whose pointer libjpeg keeps as client data.
  static JpegRowWriter& self(j_common_ptr encoder) { return *static_cast<JpegRowWriter*>(encoder->client_data); }
  static JpegRowWriter& self(j_compress_ptr encoder) { return self(reinterpret_cast<j_common_ptr>(encoder)); }
  static void fail(j_common_ptr encoder) {
    JpegRowWriter& writer = self(encoder);
    encoder->err->format_message(encoder, writer.message_.data());
    std::longjmp(writer.jump_, 1);
  }
  static void begin_buffer(j_compress_ptr encoder) {
    JpegRowWriter& writer = self(encoder);
    writer.destination_.next_output_byte = writer.buffer_.data();
    writer.destination_.free_in_buffer = writer.buffer_.size();
  }
  static boolean empty_buffer(j_compress_ptr encoder) {
    self(encoder).pass_on(self(encoder).buffer_.size());
    begin_buffer(encoder);
    return TRUE;
  }
  static void end_buffer(j_compress_ptr encoder) {
    self(encoder).pass_on(self(encoder).buffer_.size() - self(encoder).destination_.free_in_buffer);
  }

  /// Runs `calls`, from which libjpeg may leave with a jump to here: they must hold nothing that needs a destructor.
  template <class Calls>
  void guarded(Calls calls);

  /// Gives the first bytes of the buffer to the sink. If the sink throws, jumps to guarded(), because no exception may
  /// pass through libjpeg.
  void pass_on(std::size_t count) {
    try {
      sink_(std::as_bytes(std::span(buffer_).first(count)));
      return;
    } catch (...) {
      sink_error_ = std::current_exception();
    }
    std::longjmp(jump_, 1);
  }

  std::filesystem::path path_;
  std::optional<FileWriter> file_;
  ByteSink sink_;
  std::exception_ptr sink_error_;
  jpeg_error_mgr errors_{};
  jpeg_destination_mgr destination_{};
  std::array<JOCTET, 16384> buffer_{};
  Encoder encoder_;
  std::jmp_buf jump_{};
  std::array<char, JMSG_LENGTH_MAX> message_{};
};

template <class Calls>
void JpegRowWriter::guarded(Calls calls) {
  if (setjmp(jump_) != 0) {
    if (sink_error_) std::rethrow_exception(sink_error_);
    throw Error(fmt::format("{}: cannot write: {}", path_.string(), message_.data()));
  }
  calls();
}

void check_fits(const RowWriterSpec& spec) {
  if (spec.type != kernels::SampleType::u8 || (spec.channels != 1 && spec.channels != 3)) {
    throw UsageError(
        fmt::format("{}: JPEG stores only gray or RGB with 8 bits per sample: use TIFF", spec.path.string()));
  }
  if (spec.width > JPEG_MAX_DIMENSION || spec.height > JPEG_MAX_DIMENSION) {
    throw UsageError(fmt::format("{}: JPEG stores at most {} x {} px, not {} x {}: use TIFF", spec.path.string(),
                                 JPEG_MAX_DIMENSION, JPEG_MAX_DIMENSION, spec.width, spec.height));
  }
}

/// Sets the resolution, which a JPEG has in whole numbers, in the unit that they express better.
void set_density(jpeg_compress_struct& encoder, const Metadata::Resolution& resolution) {
  constexpr std::uint16_t inch = 2;
  if (resolution.unit < inch) return;
  const double to_inch = resolution.unit == inch ? 1 : 2.54;
  const auto error = [&resolution](double factor) {
    return std::abs(std::remainder(resolution.x * factor, 1)) / factor +
           std::abs(std::remainder(resolution.y * factor, 1)) / factor;
  };
  const bool in_inches = error(to_inch) <= error(to_inch / 2.54);
  const auto density = [factor = in_inches ? to_inch : to_inch / 2.54](double dots) {
    return static_cast<UINT16>(std::clamp(std::round(dots * factor), 0.0, 65535.0));
  };
  encoder.density_unit = in_inches ? 1 : 2;
  encoder.X_density = density(resolution.x);
  encoder.Y_density = density(resolution.y);
}

/// Writes the ICC profile and the XMP packet. A packet that does not fit into one segment is left out.
void write_descriptions(jpeg_compress_struct& encoder, const Metadata& metadata) {
  if (metadata.icc_fits(encoder.input_components)) {
    jpeg_write_icc_profile(&encoder, reinterpret_cast<const JOCTET*>(metadata.icc_profile.data()),
                           static_cast<unsigned>(metadata.icc_profile.size()));
  }
  constexpr std::size_t largest_segment = 65533;
  const std::size_t bytes = xmp_signature.size() + metadata.xmp.size();
  if (metadata.xmp.empty() || bytes > largest_segment) return;
  jpeg_write_m_header(&encoder, JPEG_APP0 + 1, static_cast<unsigned>(bytes));
  for (const std::string_view part : {xmp_signature, std::string_view(metadata.xmp)}) {
    for (const char byte : part) jpeg_write_m_byte(&encoder, static_cast<unsigned char>(byte));
  }
}

JpegRowWriter::JpegRowWriter(const RowWriterSpec& spec, ByteSink sink) : path_(spec.path), sink_(std::move(sink)) {
  check_fits(spec);
  if (!sink_) {
    file_.emplace(path_);
    sink_ = [this](std::span<const std::byte> bytes) { file_->append(bytes); };
  }
  encoder_.err = jpeg_std_error(&errors_);
  errors_.error_exit = fail;
  encoder_.client_data = this;
  destination_.init_destination = begin_buffer;
  destination_.empty_output_buffer = empty_buffer;
  destination_.term_destination = end_buffer;
  guarded([&] {
    jpeg_create_compress(&encoder_);
    encoder_.client_data = this;
    encoder_.dest = &destination_;
    encoder_.image_width = static_cast<JDIMENSION>(spec.width);
    encoder_.image_height = static_cast<JDIMENSION>(spec.height);
    encoder_.input_components = spec.channels;
    encoder_.in_color_space = spec.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&encoder_);
    jpeg_set_quality(&encoder_, spec.quality, TRUE);
    if (spec.metadata.resolution) set_density(encoder_, *spec.metadata.resolution);
    jpeg_start_compress(&encoder_, TRUE);
    write_descriptions(encoder_, spec.metadata);
  });
}

}  // namespace

std::unique_ptr<RowWriter> make_jpeg_row_writer(const RowWriterSpec& spec, ByteSink sink) {
  return std::make_unique<JpegRowWriter>(spec, std::move(sink));
}

}  // namespace haloedge
