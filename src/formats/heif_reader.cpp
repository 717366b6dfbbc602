#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <libheif/heif.h>

#include "core/error.hpp"
#include "formats/claims.hpp"
#include "formats/optional_readers.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// The primary image of an open HEIF or AVIF file.
class Heif {
 public:
  explicit Heif(const fs::path& path) : path_(path), context_(heif_context_alloc(), &heif_context_free) {
    check(heif_context_read_from_file(context_.get(), path.c_str(), nullptr));
    heif_image_handle* handle = nullptr;
    check(heif_context_get_primary_image_handle(context_.get(), &handle));
    handle_.reset(handle);
    const int bits = heif_image_handle_get_luma_bits_per_pixel(handle);
    image_.width = heif_image_handle_get_width(handle);
    image_.height = heif_image_handle_get_height(handle);
    image_.channels = heif_image_handle_has_alpha_channel(handle) != 0 ? 4 : 3;
    image_.type = bits > 8 ? kernels::SampleType::u16 : kernels::SampleType::u8;
    check_claim(path.string(), image_.width, image_.height, 0, 0);
    image_.description = {{"format", "HEIF or AVIF: decoded as a whole"},
                          {"in the file", bits > 0 ? fmt::format("samples of {} bits", bits) : "samples"}};
    const std::size_t profile = heif_image_handle_get_raw_color_profile_size(handle);
    image_.metadata.icc_profile.resize(profile);
    if (profile > 0) check(heif_image_handle_get_raw_color_profile(handle, image_.metadata.icc_profile.data()));
  }

  [[nodiscard]] const ImageInfo& image() const { return image_; }

  void decode(std::byte* pixels) const {
    const bool wide = image_.type == kernels::SampleType::u16;
    const heif_chroma chroma =
        wide ? image_.channels == 4 ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE
        : image_.channels == 4 ? heif_chroma_interleaved_RGBA
                               : heif_chroma_interleaved_RGB;
    heif_image* decoded = nullptr;
    check(heif_decode_image(handle_.get(), &decoded, heif_colorspace_RGB, chroma, nullptr));
    const std::unique_ptr<heif_image, decltype(&heif_image_release)> owner(decoded, &heif_image_release);
    int stride = 0;
    const std::uint8_t* plane = heif_image_get_plane_readonly(decoded, heif_channel_interleaved, &stride);
    if (plane == nullptr || heif_image_get_width(decoded, heif_channel_interleaved) != image_.width ||
        heif_image_get_height(decoded, heif_channel_interleaved) != image_.height) {
      throw Error(fmt::format("{}: decodes to another size than its header claims: it is damaged", path_.string()));
    }
    const int bits = heif_image_get_bits_per_pixel_range(decoded, heif_channel_interleaved);
    const std::int64_t row_bytes = image_.row_bytes();
    for (std::int64_t row = 0; row < image_.height; ++row, pixels += row_bytes) {
      std::memcpy(pixels, plane + row * stride, static_cast<std::size_t>(row_bytes));
      if (wide) spread(pixels, row_bytes, (1U << bits) - 1);
    }
  }

 private:
  /// Spreads little-endian samples from 0 to `most` over the full range of 16 bits.
  static void spread(std::byte* row, std::int64_t bytes, unsigned most) {
    for (std::int64_t i = 0; i < bytes; i += 2) {
      const unsigned sample = std::to_integer<unsigned>(row[i]) | std::to_integer<unsigned>(row[i + 1]) << 8;
      const auto wide = static_cast<std::uint16_t>((std::min(sample, most) * 65535U + most / 2) / most);
      std::memcpy(row + i, &wide, sizeof wide);
    }
  }

  void check(const heif_error& error) const {
    if (error.code == heif_error_Ok) return;
    throw Error(fmt::format("{}: the HEIF or AVIF cannot be decoded: {}", path_.string(), error.message));
  }

  fs::path path_;
  std::unique_ptr<heif_context, decltype(&heif_context_free)> context_;
  struct Release {
    void operator()(const heif_image_handle* handle) const { heif_image_handle_release(handle); }
  };
  std::unique_ptr<heif_image_handle, Release> handle_;
  ImageInfo image_;
};

std::unique_ptr<RowReader> open_heif(const fs::path& path, File file) {
  const auto heif = std::make_shared<Heif>(path);
  const ImageInfo& image = heif->image();
  // The decoder holds the planes of the video frame and the pixels that are made of them.
  const std::int64_t decoder_bytes = file.size() + (std::int64_t{8} << 20) + 3 * image.height * image.row_bytes();
  return make_whole_reader(image, decoder_bytes, [heif](std::byte* pixels) { heif->decode(pixels); });
}

}  // namespace

OptionalReader heif_reader() { return {"libheif", heif_get_version(), open_heif}; }

}  // namespace haloedge
