// Tests outputs as other programs read them. Each test is skipped visibly if its program is not installed.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tiffio.h>

#include "pictures.hpp"
#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

class OtherReaders : public testing::Test {
 protected:
  void SetUp() override {
    write_tiff(make_picture(700, 523, 3), scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_LZW);
  }

  /// Makes an edge map on two ranks. Returns its path.
  [[nodiscard]] std::string edges(const std::string& compression, const std::string& type) const {
    std::string out = path(compression + '_' + type + ".tif");
    const RunResult run = run_haloedge(
        fmt::format("edges {} -o {} -q --compression {} --type {} --tile 128", path("in.tif"), out, compression, type),
        {.ranks = 2});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return out;
  }

  [[nodiscard]] std::string path(const std::string& name) const { return (scratch_ / name).string(); }
  ScratchFolder scratch_;
};

TEST_F(OtherReaders, Libtiff) {
  if (!have_tool("tiffcmp")) GTEST_SKIP() << "tiffcmp is not installed";
  for (const std::string type : {"u8", "u16", "f32"}) {
    const std::string plain = edges("none", type);
    for (const std::string compression : {"deflate", "lzw", "zstd"}) {
      const std::string compressed = edges(compression, type);
      const RunResult info = run_shell("tiffinfo -D " + compressed);
      EXPECT_EQ(info.exit_code, 0) << info.err;
      EXPECT_EQ(info.err, "");
      const RunResult same = run_shell(fmt::format("tiffcmp {} {}", plain, compressed));
      EXPECT_EQ(same.out.find("Scanline"), std::string::npos) << same.out;
      EXPECT_EQ(same.err, "");
    }
  }
}

TEST_F(OtherReaders, Gdalinfo) {
  if (!have_tool("gdalinfo")) GTEST_SKIP() << "gdalinfo is not installed";
  const RunResult info = run_shell("gdalinfo -checksum " + edges("deflate", "u8"));
  EXPECT_EQ(info.exit_code, 0);
  EXPECT_EQ(info.err, "");
  EXPECT_NE(info.out.find("Size is 700, 523"), std::string::npos) << info.out;
  EXPECT_NE(info.out.find("Block=128x128 Type=Byte"), std::string::npos) << info.out;
}

TEST_F(OtherReaders, Georeference) {
  if (!have_tool("gdal_translate")) GTEST_SKIP() << "gdal_translate is not installed";
  ASSERT_EQ(run_shell(fmt::format("gdal_translate -q -a_srs EPSG:32633 -a_ullr 500000 5200000 507000 5194770 {} {}",
                                  path("in.tif"), path("geo.tif")))
                .exit_code,
            0);
  ASSERT_EQ(run_haloedge(fmt::format("edges {} -o {} -q", path("geo.tif"), path("geo_edges.tif"))).exit_code, 0);
  const RunResult before = run_shell("gdalinfo " + path("geo.tif") + " | grep -A3 -E 'Origin|Pixel Size|32633'");
  const RunResult after = run_shell("gdalinfo " + path("geo_edges.tif") + " | grep -A3 -E 'Origin|Pixel Size|32633'");
  EXPECT_NE(after.out.find("Origin = (500000"), std::string::npos) << after.out;
  EXPECT_NE(after.out.find("32633"), std::string::npos) << after.out;
}

TEST_F(OtherReaders, Vipsheader) {
  if (!have_tool("vips")) GTEST_SKIP() << "vips is not installed";
  const RunResult header = run_shell("vipsheader " + edges("zstd", "u16"));
  EXPECT_EQ(header.exit_code, 0) << header.err;
  EXPECT_NE(header.out.find("700x523 ushort, 1 band"), std::string::npos) << header.out;
  const RunResult average = run_shell("vips avg " + edges("lzw", "u8"));
  EXPECT_EQ(average.exit_code, 0) << average.err;
  EXPECT_GT(std::stod(average.out), 1.0);
}

TEST_F(OtherReaders, H5dump) {
  if (!have_tool("h5dump")) GTEST_SKIP() << "h5dump is not installed";
  ASSERT_EQ(
      run_haloedge(fmt::format("edges {} -o {}:/a/edges -q --compression deflate", path("in.tif"), path("out.h5")),
                   {.ranks = 2})
          .exit_code,
      0);
  const RunResult header = run_shell("h5dump -H -p " + path("out.h5"));
  EXPECT_EQ(header.exit_code, 0) << header.err;
  EXPECT_NE(header.out.find("( 523, 700 )"), std::string::npos) << header.out;
  EXPECT_NE(header.out.find("DEFLATE"), std::string::npos) << header.out;
}

}  // namespace
}  // namespace haloedge
