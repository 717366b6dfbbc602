#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "formats/row_writer.hpp"
#include "formats/tiff_layout.hpp"
#include "formats/tiff_reader.hpp"

namespace haloedge {

namespace {

constexpr std::int64_t classic_limit = 0xF000'0000;  // 4 GiB less room for the directory

/// Keeps the last message of libtiff, in the string `text`.
int keep_message(TIFF*, void* text, const char*, const char* format, va_list arguments) {
  *static_cast<std::string*>(text) = tiff_message(format, arguments);
  return 1;
}

int sample_format(kernels::SampleType type, bool is_signed) {
  if (type == kernels::SampleType::f32 || type == kernels::SampleType::f64) return SAMPLEFORMAT_IEEEFP;
  return is_signed ? SAMPLEFORMAT_INT : SAMPLEFORMAT_UINT;
}

void describe_pixels(TIFF* tiff, std::int64_t width, std::int64_t height, kernels::SampleType type, int channels,
                     bool is_signed = false) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(width));
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(height));
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, channels);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, static_cast<int>(8 * kernels::sample_bytes(type)));
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, sample_format(type, is_signed));
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, channels >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
}

void set_tag(TIFF* tiff, const TiffTag& tag) {
  if (tag.type == TIFF_ASCII) {
    TIFFSetField(tiff, tag.id, tag.value.data());
  } else {
    TIFFSetField(tiff, tag.id, static_cast<std::uint32_t>(tag.count), tag.value.data());
  }
}

void set_metadata(TIFF* tiff, const Metadata& metadata, int channels) {
  if (metadata.orientation) TIFFSetField(tiff, TIFFTAG_ORIENTATION, *metadata.orientation);
  if (metadata.resolution) {
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, metadata.resolution->x);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, metadata.resolution->y);
    TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, metadata.resolution->unit);
  }
  for (const TiffTag& tag : metadata.geo_tags) set_tag(tiff, tag);
  for (const TiffTag& tag : metadata.texts) set_tag(tiff, tag);
  const auto set_bytes = [tiff](std::uint32_t id, const void* bytes, std::size_t count) {
    TIFFSetField(tiff, id, static_cast<std::uint32_t>(count), bytes);
  };
  if (!metadata.xmp.empty()) set_bytes(TIFFTAG_XMLPACKET, metadata.xmp.data(), metadata.xmp.size());
  if (metadata.icc_fits(channels)) {
    set_bytes(TIFFTAG_ICCPROFILE, metadata.icc_profile.data(), metadata.icc_profile.size());
  }
}

class TiffRowWriter final : public RowWriter {
 public:
  explicit TiffRowWriter(const RowWriterSpec& spec) : path_(spec.path), zero_(spec.zero) {
    const bool big = spec.width * spec.height * spec.channels * kernels::sample_bytes(spec.type) > classic_limit;
    const TiffOptions options = tiff_options(keep_message, &message_);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), keep_message, &message_);
    check("create", [&] {
      tiff_.reset(TIFFOpenExt(path_.c_str(), big ? "w8" : "w", options.get()));
      return tiff_ != nullptr;
    });
    TIFF* tiff = tiff_.get();
    describe_pixels(tiff, spec.width, spec.height, spec.type, spec.channels, spec.zero != 0);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(tiff, 0));
    if (spec.channels == 2 || spec.channels == 4) {
      const std::uint16_t alpha = EXTRASAMPLE_UNASSALPHA;
      TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &alpha);
    }
    set_metadata(tiff, spec.metadata, spec.channels);
    if (spec.nodata) TIFFSetField(tiff, gdal_nodata_tag.id, nodata_text(*spec.nodata).c_str());
  }

  void write(const kernels::ConstPixels& rows) override {
    for (std::int64_t i = 0; i < rows.rows; ++i) {
      // libtiff takes a pointer to non-const samples, but changes them only to swap bytes or for a predictor.
      auto* row = const_cast<std::byte*>(rows.data + i * rows.row_bytes);
      if (zero_ != 0) row = signed_row(row, rows);
      check("write", [&] { return TIFFWriteScanline(tiff_.get(), row, next_row_++, 0) == 1; });
    }
  }

  void finish() override {
    check("finish writing", [&] { return TIFFFlush(tiff_.get()) == 1; });
    tiff_.reset();
  }

 private:
  /// Throws Error if the call fails, with the reason of the system (a full disk), or else that of libtiff.
  template <class Call>
  void check(const char* action, Call call) const {
    errno = 0;
    if (call()) return;
    const std::string reason = errno != 0 ? errno_text(errno) : message_;
    throw Error(fmt::format("{}: cannot {}: {}", path_.string(), action, reason));
  }

  /// Returns the row with the signed samples that the unsigned ones stand for: they differ in the highest bit.
  std::byte* signed_row(const std::byte* row, const kernels::ConstPixels& rows) {
    const std::int64_t bytes = rows.width * rows.channels * kernels::sample_bytes(rows.type);
    signed_.assign(row, row + bytes);
    if (rows.type == kernels::SampleType::u8) {
      for (std::byte& sample : signed_) sample ^= std::byte{0x80};
    } else {
      auto* samples = reinterpret_cast<std::uint16_t*>(signed_.data());
      for (std::int64_t i = 0; i < bytes / 2; ++i) samples[i] = static_cast<std::uint16_t>(samples[i] ^ zero_);
    }
    return signed_.data();
  }

  std::filesystem::path path_;
  std::uint16_t zero_;
  std::string message_;
  std::unique_ptr<TIFF, CloseTiff> tiff_;
  std::uint32_t next_row_ = 0;
  std::vector<std::byte> signed_;  ///< a row of signed samples
};

/// A file in memory, with the callbacks that libtiff needs.
struct MemoryFile {
  std::vector<std::byte> bytes;
  std::size_t at = 0;
  bool takes_more = true;  ///< later writes are dropped if this is false

  static MemoryFile& of(thandle_t handle) { return *static_cast<MemoryFile*>(handle); }

  static tmsize_t read(thandle_t handle, void* to, tmsize_t size) {
    MemoryFile& file = of(handle);
    const auto count =
        std::min(static_cast<std::size_t>(size), file.bytes.size() - std::min(file.at, file.bytes.size()));
    std::memcpy(to, file.bytes.data() + file.at, count);
    file.at += count;
    return static_cast<tmsize_t>(count);
  }

  static tmsize_t write(thandle_t handle, void* from, tmsize_t size) {
    MemoryFile& file = of(handle);
    const auto count = static_cast<std::size_t>(size);
    if (!file.takes_more) return size;
    if (file.bytes.size() < file.at + count) file.bytes.resize(file.at + count);
    std::memcpy(file.bytes.data() + file.at, from, count);
    file.at += count;
    return size;
  }

  static toff_t seek(thandle_t handle, toff_t offset, int from) {
    MemoryFile& file = of(handle);
    const std::size_t base = from == SEEK_CUR ? file.at : from == SEEK_END ? file.bytes.size() : 0;
    file.at = base + static_cast<std::size_t>(offset);
    return file.at;
  }

  static toff_t size(thandle_t handle) { return of(handle).bytes.size(); }
  static int close(thandle_t) { return 0; }
};

/// To a codec, edge maps are noise: libtiff's default levels (6 and 9) made files of photos 1.2 and 2.4 % smaller than
/// these, in 1.8 and 3 times the time.
constexpr int deflate_level = 4;
constexpr int zstd_level = 3;

}  // namespace

std::vector<std::byte> encode_tiff_tile(const TiledImage& image, std::span<const std::byte> samples) {
  MemoryFile memory;
  memory.bytes.reserve(samples.size() / 2);
  std::string message;
  const TiffOptions options = tiff_options(keep_message, &message);
  const std::unique_ptr<TIFF, CloseTiff> tiff(TIFFClientOpenExt("tile", "wm", &memory, MemoryFile::read,
                                                                MemoryFile::write, MemoryFile::seek, MemoryFile::close,
                                                                MemoryFile::size, nullptr, nullptr, options.get()));
  if (!tiff) throw Error(fmt::format("a tile cannot be encoded: {}", message));
  describe_pixels(tiff.get(), image.tile_columns, image.tile_rows, image.type, 1);
  TIFFSetField(tiff.get(), TIFFTAG_TILEWIDTH, static_cast<std::uint32_t>(image.tile_columns));
  TIFFSetField(tiff.get(), TIFFTAG_TILELENGTH, static_cast<std::uint32_t>(image.tile_rows));
  const bool known = TIFFSetField(tiff.get(), TIFFTAG_COMPRESSION, tiff_compression(image.compression)) == 1;
  if (image.compression == Compression::deflate) TIFFSetField(tiff.get(), TIFFTAG_ZIPQUALITY, deflate_level);
  if (image.compression == Compression::zstd) TIFFSetField(tiff.get(), TIFFTAG_ZSTD_LEVEL, zstd_level);
  const std::size_t head = memory.bytes.size();
  // libtiff takes samples that it may change, which only predictors do.
  auto* writable = const_cast<std::byte*>(samples.data());
  if (!known || TIFFWriteEncodedTile(tiff.get(), 0, writable, static_cast<tmsize_t>(samples.size())) < 0) {
    throw Error(fmt::format("a tile cannot be encoded: {}", message));
  }
  memory.bytes.erase(memory.bytes.begin(), memory.bytes.begin() + static_cast<std::ptrdiff_t>(head));
  memory.takes_more = false;  // closing writes a directory, which belongs to no tile
  return std::move(memory.bytes);
}

std::unique_ptr<RowWriter> make_tiff_row_writer(const RowWriterSpec& spec) {
  return std::make_unique<TiffRowWriter>(spec);
}

}  // namespace haloedge
