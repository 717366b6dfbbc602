#include "formats/tiff_row_reader.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/buffer.hpp"
#include "core/error.hpp"
#include "formats/tiff_handle.hpp"
#include "formats/tiff_pixels.hpp"

namespace haloedge {

namespace {

class TiffRowReader final : public RowReader {
 public:
  TiffRowReader(const std::filesystem::path& path, int page, TiffHeader header);

  [[nodiscard]] const ImageInfo& image() const override { return header_.image; }
  void read(std::byte* out, std::int64_t row_bytes, std::int64_t rows) override;
  [[nodiscard]] std::int64_t working_bytes() const override;

 private:
  void read_row(int plane);

  TiffHeader header_;
  std::vector<std::unique_ptr<TiffHandle>> handles_;  ///< one a plane: each goes through its own strips
  std::vector<Buffer> rows_;
  std::uint64_t file_bytes_;
  std::uint32_t next_row_ = 0;
};

TiffRowReader::TiffRowReader(const std::filesystem::path& path, int page, TiffHeader header)
    : header_(std::move(header)), file_bytes_(std::filesystem::file_size(path)) {
  for (int plane = 0; plane < header_.planes; ++plane) {
    handles_.push_back(std::make_unique<TiffHandle>(path, page));
    rows_.emplace_back(header_.row_bytes);
  }
}

std::int64_t TiffRowReader::working_bytes() const {
  // libtiff takes in all of a strip's compressed bytes before it decodes the first row.
  std::uint64_t most = 0;
  TIFF* tiff = handles_.front()->get();
  for (std::uint32_t strip = 0; strip < TIFFNumberOfStrips(tiff); ++strip) {
    most = std::max(most, std::min<std::uint64_t>(TIFFGetStrileByteCount(tiff, strip), file_bytes_));
  }
  constexpr std::int64_t codec_bytes = std::int64_t{4} << 20;
  return header_.planes * (static_cast<std::int64_t>(most) + header_.row_bytes + codec_bytes);
}

void TiffRowReader::read_row(int plane) {
  TiffHandle& handle = *handles_.at(static_cast<std::size_t>(plane));
  handle.clear_error();
  std::byte* to = rows_.at(static_cast<std::size_t>(plane)).data();
  const bool read = TIFFReadScanline(handle.get(), to, next_row_, static_cast<std::uint16_t>(plane)) == 1;
  if (read && handle.error().empty()) return;
  throw Error(fmt::format("{}: row {} cannot be decoded: {}", handle.path().string(), next_row_,
                          handle.error().empty() ? "it is damaged" : handle.error()));
}

void TiffRowReader::read(std::byte* out, std::int64_t row_bytes, std::int64_t rows) {
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
      convert_tiff_row(header_, planes, width, to);
    }
  }
}

}  // namespace

std::unique_ptr<RowReader> make_tiff_row_reader(const std::filesystem::path& path, int page, const TiffHeader& header) {
  return std::make_unique<TiffRowReader>(path, page, header);
}

}  // namespace haloedge
