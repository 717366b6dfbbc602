#include "formats/exif.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "formats/descriptions.hpp"

namespace haloedge {

namespace {

/// Reads a number of `size` bytes of an EXIF block, which has its own byte order. Beyond the end of the block
/// everything is 0.
std::uint32_t exif_number(std::span<const std::byte> exif, std::size_t at, std::size_t size) {
  if (at > exif.size() || exif.size() - at < size) return 0;
  const bool big_endian = exif[0] == std::byte{'M'};
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value = value << 8 | std::to_integer<std::uint32_t>(exif[at + (big_endian ? i : size - 1 - i)]);
  }
  return value;
}

/// An entry of the first directory of an EXIF block, which has the form of a TIFF's.
struct ExifEntry {
  std::uint32_t tag = 0;
  std::uint32_t type = 0;
  std::uint32_t count = 0;
  std::size_t value_at = 0;  ///< place in the block of the value, or of its offset if it has more than four bytes
};

std::vector<ExifEntry> exif_entries(std::span<const std::byte> exif) {
  constexpr std::size_t entry_bytes = 12;
  const std::size_t directory = exif_number(exif, 4, 4);
  std::vector<ExifEntry> entries(exif_number(exif, directory, 2));
  for (std::size_t at = directory + 2; ExifEntry & entry : entries) {
    entry = {exif_number(exif, at, 2), exif_number(exif, at + 2, 2), exif_number(exif, at + 4, 4), at + 8};
    at += entry_bytes;
  }
  return entries;
}

/// Returns a number. The standard wants a SHORT for the orientation, but some cameras write another type.
std::uint32_t number_of(std::span<const std::byte> exif, const ExifEntry& entry) {
  constexpr std::uint32_t byte_type = 1;
  constexpr std::uint32_t long_type = 4;
  return exif_number(exif, entry.value_at, entry.type == byte_type ? 1 : entry.type == long_type ? 4 : 2);
}

/// Returns a text, up to its first zero.
std::string_view text_of(std::span<const std::byte> exif, const ExifEntry& entry) {
  constexpr std::uint32_t ascii_type = 2;
  const std::size_t at = entry.count > 4 ? exif_number(exif, entry.value_at, 4) : entry.value_at;
  if (entry.type != ascii_type || at > exif.size() || exif.size() - at < entry.count) return "";
  const std::string_view text(reinterpret_cast<const char*>(exif.data() + at), entry.count);
  return text.substr(0, text.find('\0'));
}

}  // namespace

void add_exif(std::span<const std::byte> exif, Metadata& metadata) {
  constexpr std::uint32_t orientation_tag = 274;
  for (const ExifEntry& entry : exif_entries(exif)) {
    if (entry.tag == orientation_tag) {
      const std::uint32_t value = number_of(exif, entry);
      if (value >= 1 && value <= 8) metadata.orientation = static_cast<std::uint16_t>(value);
    } else if (std::ranges::find(text_tags, entry.tag) != text_tags.end()) {
      add_text(static_cast<std::uint16_t>(entry.tag), text_of(exif, entry), metadata.texts);
    }
  }
}

}  // namespace haloedge
