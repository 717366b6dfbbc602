#include "support/tiff_fixture.hpp"

#include <algorithm>
#include <bit>
#include <cstdarg>
#include <fstream>
#include <memory>
#include <random>
#include <stdexcept>

#include <tiffio.h>

namespace haloedge {

namespace {

using Tiff = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

void require(bool good, const char* action) {
  if (!good) throw std::runtime_error(std::string("the TIFF fixture cannot ") + action);
}

/// Ignores the warning about the old number of Deflate, which tests use on purpose.
int ignore_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

/// Appends samples of 1 to 64 bits: those of whole bytes in the machine's byte order, others bit by bit from the
/// highest bit of a byte down.
class Packer {
 public:
  Packer(std::vector<std::uint8_t>& bytes, unsigned bits) : bytes_(bytes), bits_(bits) {}

  void put(std::uint64_t value) {
    if (bits_ % 8 == 0) {
      for (unsigned shift = 0; shift < bits_; shift += 8) bytes_.push_back(static_cast<std::uint8_t>(value >> shift));
      return;
    }
    for (unsigned bit = bits_; bit-- > 0; used_ = (used_ + 1) % 8) {
      if (used_ == 0) bytes_.push_back(0);
      bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | ((value >> bit) & 1) << (7 - used_));
    }
  }
  void end_row() { used_ = 0; }

 private:
  std::vector<std::uint8_t>& bytes_;
  unsigned bits_;
  unsigned used_ = 0;
};

/// The bytes of one block. Tiles that exceed the image are padded with zeros.
std::vector<std::uint8_t> block_bytes(const TiffPage& page, std::uint32_t top, std::uint32_t left, int plane) {
  const std::uint32_t width = page.tile_width != 0 ? page.tile_width : page.width;
  const std::uint32_t rows = page.tile_width != 0 ? page.block_rows : std::min(page.block_rows, page.height - top);
  const bool planar = page.planar == PLANARCONFIG_SEPARATE;
  const int first = planar ? plane : 0;
  const int last = planar ? plane + 1 : page.samples;
  std::vector<std::uint8_t> bytes;
  Packer packer(bytes, page.bits);
  for (std::uint32_t row = top; row < top + rows; ++row, packer.end_row()) {
    for (std::uint32_t column = left; column < left + width; ++column) {
      const bool inside = row < page.height && column < page.width;
      for (int sample = first; sample < last; ++sample) packer.put(inside ? page.value(row, column, sample) : 0);
    }
  }
  return bytes;
}

void set_tags(TIFF* tiff, const TiffPage& page) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, page.width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, page.height);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, page.samples);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, page.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, page.format);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, page.planar);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, page.compression);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, page.photometric);
  if (page.orientation != 0) TIFFSetField(tiff, TIFFTAG_ORIENTATION, page.orientation);
  if (page.predictor != PREDICTOR_NONE) TIFFSetField(tiff, TIFFTAG_PREDICTOR, page.predictor);
  if (page.photometric == PHOTOMETRIC_YCBCR && page.compression == COMPRESSION_JPEG) {
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, page.subsampling, page.subsampling);
  }
  if (page.tile_width != 0) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, page.tile_width);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, page.block_rows);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, page.block_rows);
  }
  const int colours = page.photometric == PHOTOMETRIC_RGB || page.photometric == PHOTOMETRIC_YCBCR ? 3 : 1;
  if (page.samples > colours && page.photometric != PHOTOMETRIC_SEPARATED) {
    std::vector<std::uint16_t> extra(static_cast<std::size_t>(page.samples - colours), EXTRASAMPLE_UNSPECIFIED);
    extra[0] = page.extra;
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, static_cast<int>(extra.size()), extra.data());
  }
  if (!page.colour_map.empty()) {
    const std::uint16_t* map = page.colour_map.data();
    const std::size_t entries = page.colour_map.size() / 3;
    TIFFSetField(tiff, TIFFTAG_COLORMAP, map, map + entries, map + 2 * entries);
  }
}

void write_blocks(TIFF* tiff, const TiffPage& page) {
  const std::uint32_t width = page.tile_width != 0 ? page.tile_width : page.width;
  const int planes = page.planar == PLANARCONFIG_SEPARATE ? page.samples : 1;
  std::uint32_t block = 0;
  for (int plane = 0; plane < planes; ++plane) {
    for (std::uint32_t top = 0; top < page.height; top += page.block_rows) {
      for (std::uint32_t left = 0; left < page.width; left += width, ++block) {
        std::vector<std::uint8_t> bytes = block_bytes(page, top, left, plane);
        const auto size = static_cast<tmsize_t>(bytes.size());
        const tmsize_t put = page.tile_width != 0 ? TIFFWriteEncodedTile(tiff, block, bytes.data(), size)
                                                  : TIFFWriteEncodedStrip(tiff, block, bytes.data(), size);
        require(put == size, "write a block");
      }
    }
  }
}

/// Finds the entry of a tag in the file, and leaves the stream at it.
std::streamoff find_entry(std::fstream& file, std::uint16_t tag) {
  const auto number = [&](std::streamoff at, int bytes) {
    std::uint32_t value = 0;
    file.seekg(at);
    file.read(reinterpret_cast<char*>(&value), bytes);
    return value;
  };
  const std::streamoff directory = number(4, 4);
  const std::uint32_t entries = number(directory, 2);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::streamoff entry = directory + 2 + std::streamoff{12} * i;
    if (number(entry, 2) == tag) return entry;
  }
  throw std::runtime_error("the TIFF fixture has no tag " + std::to_string(tag));
}

constexpr std::streamoff type_at = 2;
constexpr std::streamoff value_at = 8;

}  // namespace

void fill_random(TiffPage& page, unsigned seed) {
  std::mt19937 random(seed);
  page.values.resize(std::size_t{page.width} * page.height * page.samples);
  for (std::uint64_t& value : page.values) {
    const std::uint64_t bits = random();
    if (page.format != SAMPLEFORMAT_IEEEFP) {
      value = page.bits <= 32 ? bits >> (32 - page.bits) : bits << 32 | random();
    } else if (page.bits == 16) {
      value = bits & 0xBBFF;  // of either sign, below 2
    } else if (page.bits == 32) {
      value = std::bit_cast<std::uint32_t>(static_cast<float>(bits >> 8) * 0x1p-24F);
    } else {
      value = std::bit_cast<std::uint64_t>(static_cast<double>(bits) * 0x1p-32);
    }
  }
}

void write_tiff(const std::filesystem::path& path, const std::vector<TiffPage>& pages, const std::string& mode) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 &TIFFOpenOptionsFree);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore_warning, nullptr);
  const Tiff tiff(TIFFOpenExt(path.c_str(), mode.c_str(), options.get()), &TIFFClose);
  require(tiff != nullptr, "create a file");
  for (TiffPage page : pages) {
    if (page.block_rows == 0) page.block_rows = page.height;
    set_tags(tiff.get(), page);
    if (page.directory_first) {
      require(TIFFDeferStrileArrayWriting(tiff.get()) == 1, "defer the offsets");
      require(TIFFWriteCheck(tiff.get(), page.tile_width != 0 ? 1 : 0, "write_tiff") == 1, "write such a page");
      require(TIFFWriteDirectory(tiff.get()) == 1, "write the directory");
      require(TIFFSetDirectory(tiff.get(), 0) == 1, "go back to the directory");
      write_blocks(tiff.get(), page);
      require(TIFFForceStrileArrayWriting(tiff.get()) == 1, "write the offsets");
    } else {
      write_blocks(tiff.get(), page);
      require(TIFFWriteDirectory(tiff.get()) == 1, "write the directory");
    }
  }
}

void patch_tag(const std::filesystem::path& path, std::uint16_t tag, std::uint32_t value) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const std::streamoff entry = find_entry(file, tag);
  file.seekg(entry + type_at);
  const bool is_short = file.get() == TIFF_SHORT;
  file.seekp(entry + value_at);
  file.write(reinterpret_cast<const char*>(&value), is_short ? 2 : 4);
  require(file.good(), "patch a tag");
}

std::uint32_t tag_value(const std::filesystem::path& path, std::uint16_t tag) {
  std::fstream file(path, std::ios::in | std::ios::binary);
  const std::streamoff entry = find_entry(file, tag);
  file.seekg(entry + value_at);
  std::uint32_t value = 0;
  file.read(reinterpret_cast<char*>(&value), sizeof value);
  return value;
}

}  // namespace haloedge
