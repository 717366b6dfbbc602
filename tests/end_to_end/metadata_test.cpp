// Compares what GDAL says of inputs with what it says of their edge maps.
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <tiffio.h>

#include "pictures.hpp"
#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

using Json = nlohmann::json;

/// The metadata of a satellite image, which gdal_translate makes a GeoTIFF of. {0} is the georeference, and {1} stands
/// for the bands.
constexpr const char* scene = R"(<VRTDataset rasterXSize="100" rasterYSize="80">
  {0}
  <Metadata>
    <MDI key="CLOUDS">12</MDI>
    <MDI key="TIFFTAG_IMAGEDESCRIPTION">A scene &lt;7&gt;</MDI>
    <MDI key="TIFFTAG_DATETIME">2024:05:06 07:08:09</MDI>
    <MDI key="TIFFTAG_ARTIST">A. Name</MDI>
    <MDI key="TIFFTAG_COPYRIGHT">CC BY</MDI>
    <MDI key="TIFFTAG_XRESOLUTION">118.110236</MDI>
    <MDI key="TIFFTAG_YRESOLUTION">299.99959</MDI>
    <MDI key="TIFFTAG_RESOLUTIONUNIT">3 (pixels/cm)</MDI>
  </Metadata>
  <Metadata domain="xml:XMP" format="xml"><x:xmpmeta xmlns:x="adobe:ns:meta/"><a>text</a></x:xmpmeta></Metadata>
  {1}
</VRTDataset>)";

constexpr const char* map_reference =
    "<SRS>EPSG:32633</SRS><GeoTransform>500000, 10, 0, 5000000, 0, -10</GeoTransform>";

/// Describes band `number` of in.tif.
std::string band(int number, const std::string& description) {
  return fmt::format(
      R"(<VRTRasterBand dataType="Byte" band="{0}"><Description>{1}</Description>
      <Metadata><MDI key="wavelength">{0}00</MDI><MDI key="STATISTICS_MAXIMUM">200</MDI></Metadata>
      <Scale>0.0001</Scale><Offset>-0.1</Offset><UnitType>m</UnitType>
      <SimpleSource><SourceFilename relativeToVRT="1">in.tif</SourceFilename><SourceBand>{0}</SourceBand></SimpleSource>
      </VRTRasterBand>)",
      number, description);
}

class GdalMetadata : public testing::Test {
 protected:
  void SetUp() override {
    if (!have_tool("gdal_translate")) GTEST_SKIP() << "gdal_translate is not installed";
    write_tiff(make_picture(100, 80, 3), scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_NONE);
  }

  /// Makes scene.tif.
  void make_scene(const std::string& reference, const std::string& bands, const std::string& options = "") const {
    std::ofstream(scratch_ / "scene.vrt") << fmt::format(fmt::runtime(scene), reference, bands);
    const RunResult made =
        run_shell(fmt::format("gdal_translate -q {1} {0}/scene.vrt {0}/scene.tif", folder(), options));
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }

  /// Makes the edge map `name` of scene.tif and returns what gdalinfo says of it.
  [[nodiscard]] Json edges(const std::string& name, const std::string& options = "") const {
    const RunResult run =
        run_haloedge(fmt::format("edges {0}/scene.tif -o {0}/{1} -q {2}", folder(), name, options), {.ranks = 2});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return info(name);
  }
  [[nodiscard]] Json info(const std::string& name) const {
    const RunResult run = run_shell(fmt::format("gdalinfo -json -mdd all {}/{}", folder(), name));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    Json json = Json::parse(run.out);
    if (json["metadata"].contains("")) json["metadata"][""].erase("TIFFTAG_SOFTWARE");  // haloedge made the edge map
    return json;
  }

  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }
  ScratchFolder scratch_;
};

TEST_F(GdalMetadata, OfTheImage) {
  make_scene(map_reference, band(1, "NIR"));
  const Json before = info("scene.tif");
  for (const std::string type : {"u8", "f32"}) {
    const Json after = edges(type + ".tif", "--type " + type);
    for (const char* key : {"coordinateSystem", "geoTransform", "cornerCoordinates"}) {
      EXPECT_EQ(before.at(key), after.at(key)) << key;
    }
    for (const char* domain : {"", "xml:XMP"}) {
      EXPECT_EQ(before.at("metadata").at(domain), after.at("metadata").at(domain)) << domain;
    }
    EXPECT_EQ(after.at("metadata").at("").at("TIFFTAG_XRESOLUTION"), "118.11024");
  }
}

TEST_F(GdalMetadata, OfOneBand) {
  make_scene(map_reference, band(1, "NIR"));
  ASSERT_EQ(info("scene.tif").at("bands")[0].at("scale"), 0.0001);
  const Json after = edges("out.tif").at("bands")[0];
  EXPECT_EQ(after.at("description"), "NIR");
  EXPECT_EQ(after.at("metadata").at("").at("wavelength"), "100");
  EXPECT_FALSE(after.at("metadata").at("").contains("STATISTICS_MAXIMUM"));
  for (const char* stale : {"scale", "offset", "unit"}) EXPECT_FALSE(after.contains(stale)) << stale;
}

TEST_F(GdalMetadata, OfMixedBands) {
  make_scene(map_reference, band(1, "red") + band(2, "green") + band(3, "blue"), "-co PHOTOMETRIC=RGB");
  const Json before = info("scene.tif");
  const Json after = edges("out.tif");
  EXPECT_EQ(before.at("metadata").at(""), after.at("metadata").at(""));
  EXPECT_FALSE(after.at("bands")[0].contains("description")) << after.at("bands")[0];
}

TEST_F(GdalMetadata, GroundControlPoints) {
  make_scene(
      R"(<GCPList Projection="EPSG:4326"><GCP Id="1" Pixel="0.5" Line="1" X="10" Y="50" Z="3"/>
         <GCP Id="2" Pixel="90" Line="2" X="10.5" Y="50.1"/><GCP Id="3" Pixel="7" Line="70" X="10.1" Y="49"/></GCPList>)",
      band(1, "VV"));
  const Json before = info("scene.tif");
  EXPECT_EQ(before.at("gcps").at("gcpList").size(), 3U);
  EXPECT_EQ(before.at("gcps"), edges("out.tif").at("gcps"));
}

TEST_F(GdalMetadata, RationalPolynomials) {
  std::string rpc = R"(<Metadata domain="RPC">)";
  for (const char* key : {"LINE_OFF", "SAMP_OFF", "LAT_OFF", "LONG_OFF", "HEIGHT_OFF", "LINE_SCALE", "SAMP_SCALE",
                          "LAT_SCALE", "LONG_SCALE", "HEIGHT_SCALE"}) {
    rpc += fmt::format(R"(<MDI key="{}">{}.25</MDI>)", key, rpc.size());
  }
  for (const char* key : {"LINE_NUM_COEFF", "LINE_DEN_COEFF", "SAMP_NUM_COEFF", "SAMP_DEN_COEFF"}) {
    rpc += fmt::format(R"(<MDI key="{}">1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 {}</MDI>)", key, rpc.size());
  }
  make_scene(rpc + "</Metadata>", band(1, "PAN"));
  const Json before = info("scene.tif");
  EXPECT_EQ(before.at("metadata").at("RPC"), edges("out.tif").at("metadata").at("RPC"));
}

TEST_F(GdalMetadata, GeoreferenceOfStoredPixels) {
  if (!have_tool("tiffset")) GTEST_SKIP() << "tiffset is not installed";
  make_scene(map_reference, band(1, "NIR"));
  const Json before = info("scene.tif");
  ASSERT_EQ(run_shell(fmt::format("tiffset -s 274 6 {}/scene.tif", folder())).exit_code, 0);
  const Json after = edges("out.tif");
  EXPECT_EQ(before.at("size"), after.at("size"));
  EXPECT_EQ(before.at("geoTransform"), after.at("geoTransform"));
  const RunResult tags = run_shell(fmt::format("tiffinfo {}/out.tif", folder()));
  EXPECT_NE(tags.out.find("Orientation: row 0 rhs, col 0 top"), std::string::npos) << tags.out;
  const RunResult described = run_haloedge(fmt::format("info {}/scene.tif", folder()));
  EXPECT_NE(described.out.find("6, carried over"), std::string::npos) << described.out;
}

TEST_F(GdalMetadata, OfTileFiles) {
  make_scene(map_reference, band(1, "NIR"));
  const Json before = info("scene.tif");
  const RunResult run = run_haloedge(fmt::format("split {0}/scene.tif -o {0}/parts --grid 2x2 -q", folder()));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Json after = info("parts/part_1_1.tif");
  EXPECT_EQ(before.at("metadata").at(""), after.at("metadata").at(""));
  EXPECT_EQ(before.at("metadata").at("xml:XMP"), after.at("metadata").at("xml:XMP"));
  EXPECT_EQ(before.at("cornerCoordinates").at("center"), after.at("cornerCoordinates").at("upperLeft"));
  EXPECT_EQ(before.at("cornerCoordinates").at("lowerRight"), after.at("cornerCoordinates").at("lowerRight"));
}

TEST_F(GdalMetadata, InOtherFormats) {
  make_scene(map_reference, band(1, "NIR"));
  const Json png = edges("out.png").at("metadata");
  EXPECT_EQ(png.at("").at("Description"), "A scene <7>");
  EXPECT_EQ(png.at("").at("Copyright"), "CC BY");
  EXPECT_NE(png.at("xml:XMP").dump().find("text"), std::string::npos) << png;
  EXPECT_NE(edges("out.jpg").at("metadata").at("xml:XMP").dump().find("text"), std::string::npos);
}

}  // namespace
}  // namespace haloedge
