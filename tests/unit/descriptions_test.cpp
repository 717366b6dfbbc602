#include "formats/descriptions.hpp"

#include <string>

#include <gtest/gtest.h>

namespace haloedge {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Descriptions, TextsForPeople) {
  std::vector<TiffTag> texts;
  for (const char* layout : {"ImageJ=1.53t\nimages=3\n", R"({"shape": [3, 40, 50]})", "  <?xml version=\"1.0\"?><OME/>",
                             "Aperio Image Library v10\n46000x32914", "SCANIMAGE.SI.hPmts", "", " \n"}) {
    add_text(image_description, layout, texts);
    EXPECT_TRUE(texts.empty()) << layout;
  }
  add_text(image_description, "A scan of <plate 7>", texts);
  add_text(315, "<name>", texts);  // only descriptions are written for programs
  add_text(315, "another", texts);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_STREQ(reinterpret_cast<const char*>(texts[1].value.data()), "<name>");
  EXPECT_EQ(texts[0].count, 20U);
  EXPECT_STREQ(reinterpret_cast<const char*>(texts[0].value.data()), "A scan of <plate 7>");
}

constexpr const char* gdal_metadata = R"(<GDALMetadata>
  <Item name="CLOUDS">12 &lt; 13</Item>
  <Item name="SENSOR" domain="IMAGERY">S2</Item>
  <Item name="DESCRIPTION" sample="0" role="description">Red</Item>
  <Item name="SCALE" sample="0" role="scale">0.0001</Item>
  <Item name="STATISTICS_MAXIMUM" sample="0">255</Item>
  <Item name="DESCRIPTION" sample="1" role="description">NIR</Item>
  <Item name="OFFSET" sample="1" role="offset">-0.1</Item>
  <Item name="UNITTYPE" sample="1" role="unittype">m</Item>
  <Item name="COLORINTERP" sample="1" role="colorinterp">Undefined</Item>
  <Item name="wavelength" sample="1">842</Item>
</GDALMetadata>)";

TEST(Descriptions, GdalMetadataOfOneBand) {
  const std::string kept = gdal_metadata_of_edge_map(gdal_metadata, 1);
  for (const char* part :
       {"CLOUDS\">12 &lt; 13<", "IMAGERY", "sample=\"0\" role=\"description\">NIR", "sample=\"0\">842"}) {
    EXPECT_TRUE(has(kept, part)) << part << " is not in " << kept;
  }
  for (const char* part :
       {"Red", "SCALE", "STATISTICS", "OFFSET", "UNITTYPE", "COLORINTERP", "sample=\"1\"", "<?xml"}) {
    EXPECT_FALSE(has(kept, part)) << part << " is in " << kept;
  }
}

TEST(Descriptions, GdalMetadataOfSeveralBands) {
  const std::string kept = gdal_metadata_of_edge_map(gdal_metadata, std::nullopt);
  EXPECT_TRUE(has(kept, "CLOUDS"));
  EXPECT_FALSE(has(kept, "sample"));
}

TEST(Descriptions, GdalMetadataOfWhichNothingIsLeft) {
  EXPECT_EQ(gdal_metadata_of_edge_map(
                R"(<GDALMetadata><Item name="SCALE" sample="0" role="scale">2</Item></GDALMetadata>)", 0),
            "");
  EXPECT_EQ(gdal_metadata_of_edge_map("<GDALMetadata><Item", 0), "");
  EXPECT_EQ(gdal_metadata_of_edge_map("", 0), "");
}

TEST(Descriptions, Xmp) {
  const std::string head =
      "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">";
  const std::string tail = "</x:xmpmeta>\n   \n<?xpacket end=\"w\"?>";
  const std::string lasting = head + R"(<rdf:Description tiff:Make="Canon" dc:rights="CC BY"/>)" + tail;
  EXPECT_EQ(xmp_of_edge_map(lasting), lasting);
  const std::string stale = head + R"(<rdf:Description tiff:Orientation="6" tiff:Make="Canon" exif:ColorSpace="1">
    <tiff:ImageWidth>40</tiff:ImageWidth><xmp:Thumbnails><rdf:Alt/></xmp:Thumbnails><dc:rights>CC BY</dc:rights></rdf:Description>)" +
                            tail;
  const std::string kept = xmp_of_edge_map(stale);
  for (const char* part : {"<?xpacket begin", "<?xpacket end", "tiff:Make=\"Canon\"", "<dc:rights>CC BY"}) {
    EXPECT_TRUE(has(kept, part)) << part << " is not in " << kept;
  }
  for (const char* part : {"Orientation", "ColorSpace", "ImageWidth", "Thumbnails"}) {
    EXPECT_FALSE(has(kept, part)) << part << " is in " << kept;
  }
  EXPECT_EQ(xmp_of_edge_map("<x:xmpmeta>"), "");
  EXPECT_EQ(xmp_of_edge_map(""), "");
}

}  // namespace
}  // namespace haloedge
