#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <csetjmp>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <png.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "formats/descriptions.hpp"
#include "formats/row_writer.hpp"
#include "formats/zlib_stream.hpp"

namespace haloedge {

namespace {

constexpr std::size_t block_bytes = std::size_t{64} << 10;

/// Writes a PNG: libpng writes the chunks, whose data is filtered and compressed here. To a codec, edge maps are noise:
/// neither matches nor a filter chosen for each row save much. For edge maps of photos, the filter "up" in all rows and
/// level 3 of ISA-L made files 6 % larger than the settings of OpenCV (zlib 1, run lengths, "sub") in a third of the
/// time; zlib 6 with "paeth" made them 4 % smaller in ten times the time.
class PngRowWriter final : public RowWriter {
 public:
  PngRowWriter(const RowWriterSpec& spec, ByteSink sink);

  void write(const kernels::ConstPixels& rows) override {
    for (std::int64_t i = 0; i < rows.rows; ++i) {
      add_row(rows.data + i * rows.row_bytes, rows.type);
      if (filtered_.size() >= block_bytes) compress_block();
    }
  }

  void finish() override {
    compress_block();
    stream_.finish(compressed_);
    write_data();
    guarded([&] { write_chunk("IEND", {}); });
    if (file_) file_->finish();
  }

 private:
  /// libpng's two structures for an image that is written.
  struct Handles {
    png_structp png = nullptr;
    png_infop info = nullptr;
    Handles() = default;
    Handles(const Handles&) = delete;
    Handles& operator=(const Handles&) = delete;
    ~Handles() { png_destroy_write_struct(&png, &info); }
  };
  static void fail(png_structp png, png_const_charp message) {
    static_cast<PngRowWriter*>(png_get_error_ptr(png))->message_ = message;
    png_longjmp(png, 1);
  }
  static void ignore(png_structp, png_const_charp) {}
  static void pass_on(png_structp png, png_bytep bytes, png_size_t count);

  /// Runs `calls`, from which libpng may leave with a jump to here: they must hold nothing that needs a destructor.
  template <class Calls>
  void guarded(Calls calls);

  void add_row(const std::byte* samples, kernels::SampleType type);
  void compress_block();
  void write_data() {
    guarded([&] { write_chunk("IDAT", compressed_); });
    compressed_.clear();
  }
  void write_chunk(const char* name, std::span<const std::byte> content) {
    png_write_chunk(png_, reinterpret_cast<png_const_bytep>(name), reinterpret_cast<png_const_bytep>(content.data()),
                    content.size());
  }

  std::filesystem::path path_;
  std::optional<FileWriter> file_;
  ByteSink sink_;
  std::string message_;
  std::exception_ptr sink_error_;
  Handles handles_;
  png_structp& png_ = handles_.png;
  png_infop& info_ = handles_.info;
  std::vector<std::byte> above_;  ///< the previous row; zeros at first
  std::vector<std::byte> row_;    ///< the current row, as PNG stores it
  std::vector<std::byte> filtered_;
  ZlibStream stream_;
  std::vector<std::byte> compressed_;
};

template <class Calls>
void PngRowWriter::guarded(Calls calls) {
  if (setjmp(png_jmpbuf(png_)) != 0) {
    if (sink_error_) std::rethrow_exception(sink_error_);
    throw Error(fmt::format("{}: cannot write: {}", path_.string(), message_));
  }
  calls();
}

void PngRowWriter::pass_on(png_structp png, png_bytep bytes, png_size_t count) {
  auto& self = *static_cast<PngRowWriter*>(png_get_io_ptr(png));
  try {
    self.sink_(std::as_bytes(std::span(bytes, count)));
    return;
  } catch (...) {
    self.sink_error_ = std::current_exception();
  }
  png_error(png, "the bytes could not be written");  // no exception may pass through libpng
}

/// The colour types of images of 1 to 4 channels.
constexpr std::array colour_types{PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                  PNG_COLOR_TYPE_RGB_ALPHA};

/// PNG's filter "up". The compiler vectorises it only if it knows that the output overlaps no input.
void subtract(const std::vector<std::byte>& row, const std::vector<std::byte>& above, std::byte* __restrict out) {
  const auto* from = reinterpret_cast<const std::uint8_t*>(row.data());
  const auto* less = reinterpret_cast<const std::uint8_t*>(above.data());
  const std::size_t count = row.size();
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::byte>(from[i] - less[i]);
}

/// The resolution across and down; 0 if it is not known.
std::array<png_uint_32, 2> resolution_per_metre(const RowWriterSpec& spec) {
  const std::optional<Metadata::Resolution>& resolution = spec.metadata.resolution;
  if (!resolution || resolution->unit < 2) return {0, 0};
  const double units_in_a_metre = resolution->unit == 2 ? 1 / 0.0254 : 100;
  return {static_cast<png_uint_32>(std::lround(resolution->x * units_in_a_metre)),
          static_cast<png_uint_32>(std::lround(resolution->y * units_in_a_metre))};
}

/// Returns what is said of the image, in the form that libpng takes. It points into `metadata`.
std::vector<png_text> png_texts(const Metadata& metadata) {
  std::vector<png_text> texts;
  const auto add = [&texts](std::string_view key, const char* text, std::size_t length) {
    // libpng copies keys and texts, though its types do not say so.
    texts.push_back({.compression = PNG_ITXT_COMPRESSION_NONE,
                     .key = const_cast<char*>(key.data()),
                     .text = const_cast<char*>(text),
                     .itxt_length = length});
  };
  for (const TiffTag& tag : metadata.texts) {
    const auto known = std::ranges::find(png_text_keys, tag.id, &PngTextKey::tag);
    if (known == png_text_keys.end()) continue;
    add(known->key, reinterpret_cast<const char*>(tag.value.data()), tag.value.size() - 1);
  }
  if (!metadata.xmp.empty()) add(png_xmp_key, metadata.xmp.data(), metadata.xmp.size());
  return texts;
}

PngRowWriter::PngRowWriter(const RowWriterSpec& spec, ByteSink sink) : path_(spec.path), sink_(std::move(sink)) {
  const bool is_float = spec.type == kernels::SampleType::f32 || spec.type == kernels::SampleType::f64;
  if (is_float || spec.zero != 0) {
    throw UsageError(
        fmt::format("{}: PNG cannot store {} samples: use TIFF", path_.string(), is_float ? "float" : "signed"));
  }
  if (!sink_) {
    file_.emplace(path_);
    sink_ = [this](std::span<const std::byte> bytes) { file_->append(bytes); };
  }
  png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, this, fail, ignore);
  if (png_ != nullptr) info_ = png_create_info_struct(png_);
  if (info_ == nullptr) throw std::bad_alloc();
  const auto width = static_cast<png_uint_32>(spec.width);
  const auto height = static_cast<png_uint_32>(spec.height);
  const int bits = spec.type == kernels::SampleType::u8 ? 8 : 16;
  const int colour = colour_types.at(static_cast<std::size_t>(spec.channels) - 1);
  const std::array<png_uint_32, 2> dots_per_metre = resolution_per_metre(spec);
  const std::vector<png_text> texts = png_texts(spec.metadata);
  const std::vector<std::byte>& profile = spec.metadata.icc_profile;
  guarded([&] {
    png_set_write_fn(png_, this, pass_on, [](png_structp) {});
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(png_, info_, width, height, bits, colour, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (dots_per_metre[0] > 0) {
      png_set_pHYs(png_, info_, dots_per_metre[0], dots_per_metre[1], PNG_RESOLUTION_METER);
    }
    png_set_text(png_, info_, texts.data(), static_cast<int>(texts.size()));
    if (spec.metadata.icc_fits(spec.channels)) {
      png_set_benign_errors(png_, 1);  // a broken profile is left out
      png_set_iCCP(png_, info_, "ICC profile", PNG_COMPRESSION_TYPE_BASE,
                   reinterpret_cast<png_const_bytep>(profile.data()), static_cast<png_uint_32>(profile.size()));
    }
    png_write_info(png_, info_);
  });
  const std::int64_t row_bytes = spec.width * spec.channels * kernels::sample_bytes(spec.type);
  above_.resize(static_cast<std::size_t>(row_bytes));
  row_.resize(static_cast<std::size_t>(row_bytes));
}

void PngRowWriter::add_row(const std::byte* samples, kernels::SampleType type) {
  constexpr auto filter_up = static_cast<std::byte>(PNG_FILTER_VALUE_UP);
  std::memcpy(row_.data(), samples, row_.size());
  if (type == kernels::SampleType::u16 && std::endian::native == std::endian::little) {
    for (std::size_t i = 0; i < row_.size(); i += 2) std::swap(row_[i], row_[i + 1]);
  }
  const std::size_t at = filtered_.size();
  filtered_.resize(at + 1 + row_.size());
  filtered_[at] = filter_up;
  subtract(row_, above_, filtered_.data() + at + 1);
  row_.swap(above_);
}

void PngRowWriter::compress_block() {
  stream_.add(filtered_, compressed_);
  filtered_.clear();
  if (compressed_.size() >= block_bytes) write_data();
}

}  // namespace

std::unique_ptr<RowWriter> make_png_row_writer(const RowWriterSpec& spec, ByteSink sink) {
  return std::make_unique<PngRowWriter>(spec, std::move(sink));
}

}  // namespace haloedge
