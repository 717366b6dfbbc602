#include <algorithm>
#include <array>
#include <bit>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "formats/claims.hpp"
#include "formats/row_reader.hpp"
#include "kernels/arithmetic.hpp"

namespace haloedge {

namespace {

/// The place of a colour in a pixel of a BMP.
struct Mask {
  std::uint32_t bits = 0;

  /// The colour, spread to 8 bits.
  [[nodiscard]] std::byte of(std::uint32_t pixel) const {
    const std::uint32_t most = bits >> std::countr_zero(bits);
    return static_cast<std::byte>((std::uint64_t{(pixel & bits) >> std::countr_zero(bits)} * 255 + most / 2) / most);
  }
};

/// Reads uncompressed BMPs row by row, those that are stored from the bottom too. The fields are those of the
/// structures BITMAPFILEHEADER and BITMAPINFOHEADER, or BITMAPCOREHEADER, of Windows.
class BmpReader final : public RowReader {
 public:
  BmpReader(const std::filesystem::path& path, File file) : path_(path), file_(std::move(file)) {
    const std::int64_t header_bytes = number(14, 4);
    const bool is_core = header_bytes == 12;
    if (!is_core && header_bytes < 40) refuse(fmt::format("has an unknown header of {} bytes", header_bytes));
    image_.width = is_core ? number(18, 2) : signed_number(18);
    const std::int64_t height = is_core ? number(20, 2) : signed_number(22);
    from_bottom_ = height > 0;
    image_.height = std::abs(height);
    image_.channels = 3;
    bits_ = static_cast<int>(number(is_core ? 24 : 28, 2));
    check_compression(is_core ? 0 : number(30, 4));
    data_at_ = number(10, 4);
    check_claim(path.string(), image_.width, image_.height, 0, 0);
    stored_row_bytes_ = divide_up(image_.width * bits_, 32) * 4;
    check_claim(path.string(), image_.width, image_.height,
                static_cast<double>(data_at_) + double(stored_row_bytes_) * double(image_.height), file_.size());
    if (bits_ <= 8) read_palette(14 + header_bytes, is_core ? 3 : 4, is_core ? 0 : number(46, 4));
    image_.description = {
        {"format", "BMP"},
        {"in the file", fmt::format("pixels of {} bits{}", bits_, bits_ <= 8 ? ", palette, read as RGB" : "")}};
  }

  [[nodiscard]] const ImageInfo& image() const override { return image_; }

  void read(std::byte* out, std::int64_t row_bytes, std::int64_t rows) override {
    row_.resize(static_cast<std::size_t>(stored_row_bytes_));
    for (std::int64_t i = 0; i < rows; ++i, ++next_row_) {
      const std::int64_t stored = from_bottom_ ? image_.height - 1 - next_row_ : next_row_;
      file_.read_at(data_at_ + stored * stored_row_bytes_, row_);
      bits_ <= 8 ? look_up(out + i * row_bytes) : pick(out + i * row_bytes);
    }
  }
  void skip(std::int64_t rows) override { next_row_ += rows; }
  [[nodiscard]] std::int64_t working_bytes() const override { return stored_row_bytes_ + std::ssize(palette_); }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(fmt::format("{}: this BMP {}", path_.string(), why));
  }

  [[nodiscard]] std::uint32_t number(std::int64_t offset, std::int64_t bytes) const {
    if (offset + bytes > file_.size()) refuse("is truncated");
    std::array<std::byte, 4> raw{};
    file_.read_at(offset, std::span(raw).first(static_cast<std::size_t>(bytes)));
    std::uint32_t value = 0;
    for (std::size_t i = raw.size(); i-- > 0;) value = value << 8 | std::to_integer<std::uint32_t>(raw.at(i));
    return value;
  }
  [[nodiscard]] std::int64_t signed_number(std::int64_t offset) const {
    return static_cast<std::int32_t>(number(offset, 4));
  }

  void check_compression(std::uint32_t compression) {
    constexpr std::uint32_t none = 0;
    constexpr std::uint32_t masks = 3;
    constexpr std::array known{1, 2, 4, 8, 16, 24, 32};
    const bool has_masks = compression == masks && (bits_ == 16 || bits_ == 32);
    if (compression != none && !has_masks) {
      refuse(fmt::format("is compressed, which haloedge does not read: convert it, with gdal_translate {} out.tif",
                         path_.string()));
    }
    if (std::ranges::find(known, bits_) == known.end())
      refuse(fmt::format("has pixels of {} bits: it is damaged", bits_));
    if (bits_ == 16) masks_ = {Mask{0x7C00}, Mask{0x03E0}, Mask{0x001F}};
    for (std::size_t i = 0; has_masks && i < masks_.size(); ++i) {
      masks_.at(i).bits = number(54 + 4 * static_cast<std::int64_t>(i), 4);
      if (masks_.at(i).bits == 0) refuse("has a colour without bits: it is damaged");
    }
  }

  /// Entries are blue, green, red, and in most headers a byte that is not used.
  void read_palette(std::int64_t at, std::int64_t entry_bytes, std::int64_t used) {
    const std::int64_t most = std::int64_t{1} << bits_;
    const std::int64_t entries = used > 0 && used <= most ? used : most;
    palette_.resize(static_cast<std::size_t>(3 * most));  // entries that are missing are black
    for (std::int64_t i = 0; i < entries; ++i) {
      for (std::int64_t colour = 0; colour < 3; ++colour) {
        palette_[static_cast<std::size_t>(3 * i + colour)] =
            static_cast<std::byte>(number(at + i * entry_bytes + 2 - colour, 1));
      }
    }
  }

  void look_up(std::byte* to) const {
    for (std::int64_t x = 0; x < image_.width; ++x, to += 3) {
      const std::int64_t bit = x * bits_;
      const auto byte = std::to_integer<unsigned>(row_[static_cast<std::size_t>(bit / 8)]);
      const unsigned index = byte >> (8 - bits_ - bit % 8) & ((1U << bits_) - 1);
      std::copy_n(palette_.begin() + std::ptrdiff_t{3} * index, 3, to);
    }
  }

  void pick(std::byte* to) const {
    const std::int64_t pixel_bytes = bits_ / 8;
    for (std::int64_t x = 0; x < image_.width; ++x, to += 3) {
      std::uint32_t pixel = 0;
      for (std::int64_t i = pixel_bytes; i-- > 0;) {
        pixel = pixel << 8 | std::to_integer<std::uint32_t>(row_[static_cast<std::size_t>(x * pixel_bytes + i)]);
      }
      for (std::size_t i = 0; i < masks_.size(); ++i) to[i] = masks_[i].of(pixel);
    }
  }

  std::filesystem::path path_;
  File file_;
  ImageInfo image_;
  bool from_bottom_ = true;
  int bits_ = 0;
  std::array<Mask, 3> masks_{Mask{0xFF0000}, Mask{0x00FF00}, Mask{0x0000FF}};  ///< red, green, blue
  std::int64_t data_at_ = 0;
  std::int64_t stored_row_bytes_ = 0;
  std::vector<std::byte> palette_;
  std::vector<std::byte> row_;
  std::int64_t next_row_ = 0;
};

}  // namespace

std::unique_ptr<RowReader> open_bmp(const std::filesystem::path& path, File file) {
  return std::make_unique<BmpReader>(path, std::move(file));
}

}  // namespace haloedge
