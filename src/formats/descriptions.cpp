#include "formats/descriptions.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <sstream>
#include <utility>

#include <pugixml.hpp>

namespace haloedge {

namespace {

template <std::size_t count>
bool contains(const std::array<std::string_view, count>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// Returns true for a property of XMP that tells of the pixels of the file in which the packet was.
bool is_of_pixels(std::string_view name) {
  constexpr std::array<std::string_view, 6> lasting_tiff{"tiff:Make",   "tiff:Model",     "tiff:ImageDescription",
                                                         "tiff:Artist", "tiff:Copyright", "tiff:DateTime"};
  constexpr std::array<std::string_view, 9> of_pixels{"exif:PixelXDimension",
                                                      "exif:PixelYDimension",
                                                      "exif:ColorSpace",
                                                      "exif:ComponentsConfiguration",
                                                      "exif:CompressedBitsPerPixel",
                                                      "photoshop:ColorMode",
                                                      "photoshop:ICCProfile",
                                                      "xmp:Thumbnails",
                                                      "dc:format"};
  return name.starts_with("tiff:") ? !contains(lasting_tiff, name) : contains(of_pixels, name);
}

/// Removes such properties, which are attributes or elements, from a node and all below it. Returns true if there were
/// any.
bool remove_pixel_properties(pugi::xml_node node) {
  bool removed = false;
  for (pugi::xml_attribute next, attribute = node.first_attribute(); attribute; attribute = next) {
    next = attribute.next_attribute();
    if (is_of_pixels(attribute.name())) removed = node.remove_attribute(attribute) || removed;
  }
  for (pugi::xml_node next, child = node.first_child(); child; child = next) {
    next = child.next_sibling();
    removed = (is_of_pixels(child.name()) ? node.remove_child(child) : remove_pixel_properties(child)) || removed;
  }
  return removed;
}

std::string text_of(const pugi::xml_document& document, const char* indent, unsigned format) {
  std::ostringstream text;
  document.save(text, indent, format | pugi::format_no_declaration, pugi::encoding_utf8);
  return text.str();
}

/// Returns true for an <Item> of GDAL_METADATA that holds for the edge map of one band.
bool holds_for_edges_of_band(pugi::xml_node item) {
  const std::string_view role = item.attribute("role").value();
  const std::string_view name = item.attribute("name").value();
  return role == "description" || (role.empty() && !name.starts_with("STATISTICS_"));
}

/// Returns true for a description that was written to be read by programs.
bool describes_layout(std::string_view description) {
  constexpr std::array<std::string_view, 5> beginnings{"<", "{", "ImageJ=", "SCANIMAGE.", "Aperio "};
  return std::ranges::any_of(beginnings,
                             [&](std::string_view beginning) { return description.starts_with(beginning); });
}

}  // namespace

void add_text(std::uint16_t id, std::string_view text, std::vector<TiffTag>& texts) {
  constexpr std::uint16_t ascii = 2;
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
  if (text.empty() || (id == image_description && describes_layout(text))) return;
  if (std::ranges::find(texts, id, &TiffTag::id) != texts.end()) return;
  const auto bytes = std::as_bytes(std::span(text));
  TiffTag tag{id, ascii, text.size() + 1, {bytes.begin(), bytes.end()}};
  tag.value.push_back(std::byte{0});
  texts.push_back(std::move(tag));
}

std::string xmp_of_edge_map(const std::string& packet) {
  pugi::xml_document document;
  // The instructions <?xpacket ...?> around a packet, and the spaces in it, are kept.
  if (!document.load_buffer(packet.data(), packet.size(), pugi::parse_full | pugi::parse_ws_pcdata)) return "";
  if (!remove_pixel_properties(document)) return packet;
  return text_of(document, "", pugi::format_raw);
}

std::string gdal_metadata_of_edge_map(const std::string& xml, std::optional<int> band) {
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size())) return "";
  pugi::xml_node root = document.child("GDALMetadata");
  const auto items = root.children("Item");
  for (pugi::xml_node item : std::vector<pugi::xml_node>(items.begin(), items.end())) {
    pugi::xml_attribute sample = item.attribute("sample");
    if (!sample) continue;
    if (band && sample.as_int(-1) == *band && holds_for_edges_of_band(item)) {
      sample.set_value(0);
    } else {
      root.remove_child(item);
    }
  }
  return root.first_child() ? text_of(document, "  ", pugi::format_default) : "";
}

}  // namespace haloedge
