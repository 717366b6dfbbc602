#include "formats/tiff_reader.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string_view>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"

namespace haloedge {

namespace {

TIFFExtendProc parent_extender = nullptr;

constexpr TIFFFieldInfo field_info(const PrivateTag& tag) {
  const bool is_text = tag.type == TIFF_ASCII;
  const short count = is_text ? TIFF_VARIABLE : TIFF_VARIABLE2;  // passed as 32 bits
  auto* name = const_cast<char*>(tag.name);
  return {tag.id, count, count, tag.type, FIELD_CUSTOM, 1, static_cast<unsigned char>(is_text ? 0 : 1), name};
}

/// Makes private tags known to libtiff, which would otherwise drop them with a warning.
void add_private_tags(TIFF* tiff) {
  static constexpr auto fields = [] {
    std::array<TIFFFieldInfo, geo_tags.size() + 2> all{};
    std::ranges::transform(geo_tags, all.begin(), field_info);
    all[geo_tags.size()] = field_info(gdal_metadata_tag);
    all.back() = field_info(gdal_nodata_tag);
    return all;
  }();
  TIFFMergeFieldInfo(tiff, fields.data(), static_cast<std::uint32_t>(fields.size()));
  if (parent_extender != nullptr) parent_extender(tiff);
}

void look_up_palette(const TiffHeader& header, const std::byte* row, std::int64_t width, std::byte* out) {
  for (std::int64_t x = 0; x < width; ++x) {
    const std::size_t entry = std::size_t{3} * packed_sample(row, x * header.block_samples, header.stored.bits);
    for (std::size_t i = 0; i < 3; ++i) *out++ = std::byte{header.palette[entry + i]};
  }
}

/// Converts `width` pixels of a row of decoded blocks (one pointer per plane, to the first pixel) into pixels as they
/// are delivered: planes are interleaved, palettes looked up, samples converted. Only for headers that are not
/// direct().
void convert_row(const TiffHeader& header, const std::vector<const std::byte*>& planes, std::int64_t width,
                 std::byte* out) {
  if (!header.palette.empty()) return look_up_palette(header, planes[0], width, out);
  const ImageInfo& image = header.image;
  for (std::size_t channel = 0; channel < header.picked.size(); ++channel) {
    const bool is_alpha = image.has_alpha() && channel + 1 == header.picked.size();
    ChannelRow row{.row = planes[0],
                   .first = header.picked[channel],
                   .step = header.block_samples,
                   .is_inverted = header.inverted && !is_alpha};
    if (header.planes > 1) {
      row.row = planes[channel];
      row.first = 0;
    } else if (header.block_samples == 1) {
      row.first = 0;  // the only plane that is read
    }
    convert_samples(header.stored, row, width,
                    out + static_cast<std::int64_t>(channel) * kernels::sample_bytes(image.type), image.channels);
  }
}

/// Fills rows of a block that the file has no data for.
void fill_sparse(const TiffHeader& header, std::int64_t rows, std::byte* to) {
  fill_samples(header.shown ? TiffSamples{} : header.stored, header.image.nodata.value_or(0), rows * header.row_bytes,
               to);
}

/// Bytes of a pixel as libtiff shows it: red, green, blue and alpha.
constexpr std::int64_t raster_pixel_bytes = 4;

class TiffRowReader final : public RowReader {
 public:
  TiffRowReader(const std::filesystem::path& path, int page, TiffHeader header)
      : header_(std::move(header)), file_bytes_(std::filesystem::file_size(path)) {
    for (int plane = 0; plane < header_.planes; ++plane) {
      handles_.push_back(std::make_unique<TiffHandle>(path, page));
      rows_.emplace_back(header_.row_bytes);
    }
  }

  [[nodiscard]] const ImageInfo& image() const override { return header_.image; }

  void read(std::byte* out, std::int64_t row_bytes, std::int64_t rows) override {
    const std::int64_t width = header_.image.width;
    for (std::int64_t i = 0; i < rows; ++i, ++next_row_) {
      std::vector<const std::byte*> planes;
      for (int plane = 0; plane < header_.planes; ++plane) {
        read_row(plane);
        planes.push_back(rows_.at(static_cast<std::size_t>(plane)).data());
      }
      std::byte* to = out + i * row_bytes;
      if (header_.direct()) {
        std::memcpy(to, planes[0], static_cast<std::size_t>(width * header_.image.pixel_bytes()));
      } else {
        convert_row(header_, planes, width, to);
      }
    }
  }

  [[nodiscard]] std::int64_t working_bytes() const override {
    // libtiff reads all compressed bytes of a strip before it decodes the first row.
    std::uint64_t most = 0;
    TIFF* tiff = handles_.front()->get();
    for (std::uint32_t strip = 0; strip < TIFFNumberOfStrips(tiff); ++strip) {
      most = std::max(most, std::min<std::uint64_t>(TIFFGetStrileByteCount(tiff, strip), file_bytes_));
    }
    constexpr std::int64_t codec_bytes = std::int64_t{4} << 20;
    return header_.planes * (static_cast<std::int64_t>(most) + header_.row_bytes + codec_bytes);
  }

 private:
  void read_row(int plane) {
    TiffHandle& handle = *handles_.at(static_cast<std::size_t>(plane));
    handle.clear_error();
    std::byte* to = rows_.at(static_cast<std::size_t>(plane)).data();
    const int sample = header_.plane_number(plane);
    if (is_sparse_block(handle, TIFFComputeStrip(handle.get(), next_row_, static_cast<std::uint16_t>(sample)))) {
      return fill_sparse(header_, 1, to);
    }
    const bool read = TIFFReadScanline(handle.get(), to, next_row_, static_cast<std::uint16_t>(sample)) == 1;
    if (read && handle.error().empty()) return;
    throw Error(fmt::format("{}: row {} cannot be decoded: {}", handle.path().string(), next_row_,
                            handle.error().empty() ? "it is damaged" : handle.error()));
  }

  TiffHeader header_;
  std::vector<std::unique_ptr<TiffHandle>> handles_;  ///< one for each plane, which has its own strips
  std::vector<Buffer> rows_;
  std::uint64_t file_bytes_;
  std::uint32_t next_row_ = 0;
};

}  // namespace

std::string tiff_message(const char* format, va_list arguments) {
  std::array<char, 512> text{};
  (void)std::vsnprintf(text.data(), text.size(), format, arguments);
  std::ranges::replace(text, '\n', ' ');
  return text.data();
}

TiffOptions tiff_options(TIFFErrorHandlerExtR keep_error, void* data) {
  TiffOptions options(TIFFOpenOptionsAlloc(), &TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_error, data);
  return options;
}

int TiffHandle::keep_error(TIFF*, void* handle, const char*, const char* format, va_list arguments) {
  auto& error = static_cast<TiffHandle*>(handle)->error_;
  if (error.empty()) error = tiff_message(format, arguments);
  return 1;
}

int TiffHandle::keep_jpeg_warning(TIFF* tiff, void* handle, const char* module, const char* format, va_list arguments) {
  // Warnings of libtiff are about unusual tags and the like. Those of libjpeg are about damaged data that it replaced.
  const bool of_libjpeg = module != nullptr && std::string_view(module) == "JPEGLib";
  return of_libjpeg ? keep_error(tiff, handle, module, format, arguments) : 1;
}

TiffHandle::TiffHandle(const std::filesystem::path& path, int page) : path_(path) {
  static std::once_flag once;
  std::call_once(once, [] { parent_extender = TIFFSetTagExtender(add_private_tags); });

  const TiffOptions options = tiff_options(keep_error, this);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), keep_jpeg_warning, this);
  tiff_.reset(TIFFOpenExt(path.c_str(), "rmO", options.get()));
  if (!tiff_) throw Error(fmt::format("{}: is not a readable TIFF: {}", path.string(), error_));
  if (page > 0 && TIFFSetDirectory(tiff_.get(), static_cast<tdir_t>(page)) != 1) {
    const tdir_t pages = TIFFNumberOfDirectories(tiff_.get());
    if (static_cast<tdir_t>(page) < pages) throw Error(fmt::format("{}: page {}: {}", path.string(), page, error_));
    throw Error(
        fmt::format("{}: has no page {}: it has {}, counted from 0", path.string(), page, count_text(pages, "page")));
  }
  const bool jpeg = tag<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE) == COMPRESSION_JPEG;
  if (jpeg && tag<std::uint16_t>(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB) == PHOTOMETRIC_YCBCR) {
    TIFFSetField(tiff_.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  }
}

bool is_sparse_block(const TiffHandle& handle, std::uint32_t number) {
  int failed = 0;
  const std::uint64_t offset = TIFFGetStrileOffsetWithErr(handle.get(), number, &failed);
  if (failed != 0 || offset != 0) return false;
  return TIFFGetStrileByteCountWithErr(handle.get(), number, &failed) == 0 && failed == 0;
}

TiffBlockReader::TiffBlockReader(const std::filesystem::path& path, int page, const TiffHeader& header)
    : header_(header), handle_(path, page), planes_(static_cast<std::size_t>(header.planes)) {
  if (header.plain) file_ = File::open_to_read(path);
  // Pixels are delivered as they are stored; libtiff would mirror the blocks that it turns into RGB.
  if (header.shown) TIFFSetField(handle_.get(), TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
}

std::int64_t TiffBlockReader::memory_bytes(const TiffHeader& header, std::int64_t rows) {
  const std::int64_t held_rows = header.plain ? std::min(rows, header.block_rows) : header.block_rows;
  const std::int64_t decoded = header.row_bytes * held_rows * header.planes;
  const std::int64_t converted = header.direct() ? 0 : held_rows * header.block_width * header.image.pixel_bytes();
  // The compressed data and the window of the codec are each seldom larger than the decoded data.
  const std::int64_t raw = header.plain ? 0 : 2 * header.block_bytes;
  const std::int64_t raster = header.shown ? header.block_width * header.block_rows * raster_pixel_bytes : 0;
  constexpr std::int64_t table_bytes_a_block = 16;
  const std::int64_t blocks = header.blocks_across() * header.blocks_down() * header.planes;
  constexpr std::int64_t handle_bytes = std::int64_t{1} << 18;
  return decoded + converted + raw + raster + blocks * table_bytes_a_block + handle_bytes;
}

std::byte* TiffBlockReader::room(Buffer& buffer, std::int64_t bytes) {
  if (buffer.size() < bytes) buffer = Buffer(bytes);
  return buffer.data();
}

void TiffBlockReader::fail(std::uint32_t number, const std::string& reason) const {
  const ImageInfo& image = header_.image;
  const std::int64_t top = number / header_.blocks_across() % header_.blocks_down() * header_.block_rows;
  const std::int64_t left = number % header_.blocks_across() * header_.block_width;
  throw Error(fmt::format(
      "{}: {} {} (rows {} to {}, columns {} to {}) cannot be decoded: {}", handle_.path().string(),
      header_.tiled ? "tile" : "strip", number, top, std::min(top + header_.block_rows, image.height) - 1, left,
      std::min(left + header_.block_width, image.width) - 1, reason.empty() ? "it is damaged" : reason));
}

void TiffBlockReader::read_plain(std::uint32_t number, std::int64_t first, std::int64_t rows, std::byte* to) {
  const auto offset = static_cast<std::int64_t>(TIFFGetStrileOffset(handle_.get(), number));
  const auto bytes = static_cast<std::int64_t>(TIFFGetStrileByteCount(handle_.get(), number));
  const std::int64_t end = (first + rows) * header_.row_bytes;
  if (offset <= 0) fail(number, "the file contains no data for it: it is truncated");
  if (bytes < end) fail(number, fmt::format("it has {} bytes, but {} are needed", bytes, end));
  if (offset > file_.size() - end) fail(number, "the file ends too early: it is truncated");
  file_.read_at(offset + first * header_.row_bytes, {to, static_cast<std::size_t>(rows * header_.row_bytes)});
  if (TIFFIsByteSwapped(handle_.get()) == 0) return;
  const std::int64_t samples = rows * header_.row_bytes * 8 / header_.stored.bits;
  switch (header_.stored.bits) {
    case 16: return TIFFSwabArrayOfShort(reinterpret_cast<std::uint16_t*>(to), samples);
    case 24: return TIFFSwabArrayOfTriples(reinterpret_cast<std::uint8_t*>(to), samples);
    case 32: return TIFFSwabArrayOfLong(reinterpret_cast<std::uint32_t*>(to), samples);
    case 64: return TIFFSwabArrayOfLong8(reinterpret_cast<std::uint64_t*>(to), samples);
    default: return;
  }
}

void TiffBlockReader::decode(std::uint32_t number, std::int64_t down, std::byte* to) {
  handle_.clear_error();
  // The last strip ends with the image; a tile never does.
  const std::int64_t rows = header_.tiled
                                ? header_.block_rows
                                : std::min(header_.block_rows, header_.image.height - down * header_.block_rows);
  const std::int64_t bytes = rows * header_.row_bytes;
  const tmsize_t got = header_.tiled ? TIFFReadEncodedTile(handle_.get(), number, to, bytes)
                                     : TIFFReadEncodedStrip(handle_.get(), number, to, bytes);
  if (got != bytes || !handle_.error().empty()) fail(number, handle_.error());
}

void TiffBlockReader::decode_shown(std::int64_t across, std::int64_t down, std::byte* to) {
  handle_.clear_error();
  const std::int64_t width = header_.block_width;
  auto* raster = reinterpret_cast<std::uint32_t*>(room(raster_, width * header_.block_rows * raster_pixel_bytes));
  const auto first_row = static_cast<std::uint32_t>(down * header_.block_rows);
  const auto first_column = static_cast<std::uint32_t>(across * width);
  const bool read = header_.tiled ? TIFFReadRGBATileExt(handle_.get(), first_column, first_row, raster, 1) == 1
                                  : TIFFReadRGBAStripExt(handle_.get(), first_row, raster, 1) == 1;
  if (!read || !handle_.error().empty()) fail(header_.block_number(across, down, 0), handle_.error());
  // libtiff puts the last row of a tile first, and that of a strip, which ends with the image.
  const std::int64_t rows =
      header_.tiled ? header_.block_rows : std::min(header_.block_rows, header_.image.height - first_row);
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::uint32_t* from = raster + (rows - 1 - row) * width;
    for (std::int64_t x = 0; x < width; ++x) {
      *to++ = static_cast<std::byte>(TIFFGetR(from[x]));
      *to++ = static_cast<std::byte>(TIFFGetG(from[x]));
      *to++ = static_cast<std::byte>(TIFFGetB(from[x]));
    }
  }
}

const std::byte* TiffBlockReader::read_plane(std::int64_t across, std::int64_t down, int plane, std::int64_t first,
                                             std::int64_t rows) {
  const std::uint32_t number = header_.block_number(across, down, header_.plane_number(plane));
  Buffer& buffer = planes_.at(static_cast<std::size_t>(plane));
  if (is_sparse_block(handle_, number)) {
    std::byte* to = room(buffer, rows * header_.row_bytes);
    fill_sparse(header_, rows, to);
    return to;
  }
  if (header_.plain) {
    std::byte* to = room(buffer, rows * header_.row_bytes);
    read_plain(number, first, rows, to);
    return to;
  }
  std::byte* to = room(buffer, header_.block_bytes);
  if (header_.shown) {
    decode_shown(across, down, to);
  } else {
    decode(number, down, to);
  }
  return to + first * header_.row_bytes;
}

kernels::ConstPixels TiffBlockReader::read(std::int64_t across, std::int64_t down, std::int64_t first,
                                           std::int64_t rows) {
  const ImageInfo& image = header_.image;
  const std::int64_t width = std::min(header_.block_width, image.width - across * header_.block_width);
  std::vector<const std::byte*> planes;
  planes.reserve(planes_.size());
  for (int plane = 0; plane < header_.planes; ++plane) planes.push_back(read_plane(across, down, plane, first, rows));
  if (header_.direct()) return {planes[0], header_.row_bytes, width, rows, image.type, image.channels};

  const std::int64_t out_bytes = width * image.pixel_bytes();
  std::byte* out = room(pixels_, rows * out_bytes);
  for (std::int64_t row = 0; row < rows; ++row) {
    convert_row(header_, planes, width, out + row * out_bytes);
    for (const std::byte*& plane : planes) plane += header_.row_bytes;
  }
  return {out, out_bytes, width, rows, image.type, image.channels};
}

std::unique_ptr<RowReader> make_tiff_row_reader(const std::filesystem::path& path, int page, const TiffHeader& header) {
  return std::make_unique<TiffRowReader>(path, page, header);
}

}  // namespace haloedge
