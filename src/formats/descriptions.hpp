#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/image.hpp"

namespace haloedge {

// What files say of an image in words and in XML, reduced to what also holds for its edge map. All functions are pure.

inline constexpr std::uint16_t image_description = 270;
/// The tags of TIFF and EXIF whose texts hold: DocumentName, ImageDescription, Make, Model, DateTime, Artist,
/// Copyright.
inline constexpr std::array<std::uint16_t, 7> text_tags{269, image_description, 271, 272, 306, 315, 33432};

/// The key of the iTXt chunk of a PNG, and the beginning of the APP1 segment of a JPEG, that hold an XMP packet.
inline constexpr std::string_view png_xmp_key = "XML:com.adobe.xmp";
inline constexpr std::string_view xmp_signature("http://ns.adobe.com/xap/1.0/\0", 29);

/// The keys of a PNG's texts that have the meaning of one of these tags.
struct PngTextKey {
  std::string_view key;
  std::uint16_t tag;
};
inline constexpr std::array<PngTextKey, 4> png_text_keys{
    {{"Title", 269}, {"Description", image_description}, {"Author", 315}, {"Copyright", 33432}}};

/// Appends the text of such a tag, or of GDAL_METADATA, to `texts`; the first text of a tag counts. Leaves out empty
/// texts, and an ImageDescription that is a program's record of the layout of the input (OME, ImageJ, tifffile, Aperio,
/// ...): readers would take it for the layout of the edge map.
void add_text(std::uint16_t id, std::string_view text, std::vector<TiffTag>& texts);

/// Returns an XMP packet without the properties that do not hold for an edge map: size, sample type, colour and
/// orientation of the pixels, and thumbnails. The packet is returned unchanged if it has none of them, and an empty
/// text if it is not well-formed XML.
[[nodiscard]] std::string xmp_of_edge_map(const std::string& packet);

/// Returns the content of a GDAL_METADATA tag without what does not hold for an edge map: scale, offset, unit, colour
/// and statistics of bands. What is said of band `band`, counted from 0, such as its description, is then said of the
/// edge map's only band; without a number, because several bands were mixed, it is left out, too. An empty text if
/// nothing is left or if it is not well-formed XML.
[[nodiscard]] std::string gdal_metadata_of_edge_map(const std::string& xml, std::optional<int> band);

}  // namespace haloedge
