#include <cstdarg>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "core/error.hpp"
#include "formats/row_writer.hpp"
#include "formats/tiff_handle.hpp"

namespace haloedge {

namespace {

constexpr std::int64_t classic_limit = 0xF000'0000;  // 4 GiB less room for the directory

class TiffRowWriter final : public RowWriter {
 public:
  explicit TiffRowWriter(const RowWriterSpec& spec);

  void write(const kernels::ConstPixels& rows) override;
  void finish() override;

 private:
  struct Close {
    void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  };

  static int keep_message(TIFF*, void* writer, const char*, const char* format, va_list arguments);
  void check(bool good, const char* deed) const {
    if (!good) throw Error(fmt::format("{}: cannot {}: {}", path_.string(), deed, message_));
  }

  std::filesystem::path path_;
  std::string message_;
  std::unique_ptr<TIFF, Close> tiff_;
  std::uint32_t next_row_ = 0;
};

int TiffRowWriter::keep_message(TIFF*, void* writer, const char*, const char* format, va_list arguments) {
  static_cast<TiffRowWriter*>(writer)->message_ = tiff_message(format, arguments);
  return 1;
}

TiffRowWriter::TiffRowWriter(const RowWriterSpec& spec) : path_(spec.path) {
  const bool big = spec.width * spec.height * spec.channels * kernels::sample_bytes(spec.type) > classic_limit;
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 &TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_message, this);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), keep_message, this);
  tiff_.reset(TIFFOpenExt(path_.c_str(), big ? "w8" : "w", options.get()));
  check(tiff_ != nullptr, "create");
  TIFF* tiff = tiff_.get();
  const bool colour = spec.channels >= 3;
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(spec.width));
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(spec.height));
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, spec.channels);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, static_cast<int>(8 * kernels::sample_bytes(spec.type)));
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT,
               spec.type == kernels::SampleType::f32 ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, colour ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(tiff, 0));
  if (spec.channels == 2 || spec.channels == 4) {
    const std::uint16_t alpha = EXTRASAMPLE_UNASSALPHA;
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &alpha);
  }
}

void TiffRowWriter::write(const kernels::ConstPixels& rows) {
  for (std::int64_t i = 0; i < rows.rows; ++i) {
    // libtiff takes a pointer to non-const samples, but changes them only to swap bytes or for a predictor.
    auto* row = const_cast<std::byte*>(rows.data + i * rows.row_bytes);
    check(TIFFWriteScanline(tiff_.get(), row, next_row_++, 0) == 1, "write");
  }
}

void TiffRowWriter::finish() {
  check(TIFFFlush(tiff_.get()) == 1, "finish writing");
  tiff_.reset();
}

}  // namespace

std::unique_ptr<RowWriter> make_tiff_row_writer(const RowWriterSpec& spec) {
  return std::make_unique<TiffRowWriter>(spec);
}

}  // namespace haloedge
