// Tests input formats whose libraries are optional, with files that other programs made: pixels are the same as those
// of a TIFF, and damaged files are refused. Formats that this build or the other programs do not have are skipped
// visibly.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tiffio.h>

#include "formats/optional_readers.hpp"
#include "pictures.hpp"
#include "program.hpp"
#include "sets.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

/// A file that gdal_translate makes without loss.
struct Translation {
  const char* ending;
  const char* options;
  int channels = 3;
  kernels::SampleType type = kernels::SampleType::u8;
  OptionalReader (*reader)() = nullptr;  ///< null if the format is always read
};

class InputFormats : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return (scratch_ / name).string(); }

  /// Writes the picture in.tif and translates it. Returns the path of the translation, or nothing if GDAL cannot.
  [[nodiscard]] std::string translated(const Translation& to) const {
    write_tiff(make_picture(317, 203, to.channels, to.type), scratch_ / "in.tif", TiffForm::strips, COMPRESSION_NONE);
    std::string out = path(std::string("in") + to.ending);
    const RunResult run = run_shell(fmt::format("gdal_translate -q {} {} {}", to.options, path("in.tif"), out));
    return run.exit_code == 0 ? out : "";
  }

  /// Returns the edge map of a file. Its metadata does not count, because formats keep different kinds.
  [[nodiscard]] Picture edges(const std::string& input, int ranks) const {
    const RunResult run = run_haloedge(
        fmt::format("edges {} -o {} --type u16 --overwrite -q", input, path("edges.tif")), {.ranks = ranks});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return read_tiff(scratch_ / "edges.tif");
  }

  /// Checks that all commands refuse parts of the file, and name it.
  void expect_parts_refused(const std::string& whole) const {
    const std::string bytes = file_content(whole);
    const std::string name = "cut" + std::filesystem::path(whole).extension().string();
    for (const double part : {0.01, 0.1, 0.5, 0.9}) {
      write_bytes(scratch_ / name,
                  bytes.substr(0, 20 + static_cast<std::size_t>(part * static_cast<double>(bytes.size() - 20))));
      for (const std::string command : {"edges {} -o {}.tif", "hash {} -o {}.csv --overwrite"}) {
        const RunResult run = run_haloedge(fmt::format(fmt::runtime(command), path(name), path("refused")));
        EXPECT_TRUE(run.exit_code == 1 || run.exit_code == 3) << name << ' ' << part << run.out;
        EXPECT_NE(run.err.find(name + ": "), std::string::npos) << part << run.err;
      }
    }
  }

  ScratchFolder scratch_;
};

class Lossless : public InputFormats, public testing::WithParamInterface<Translation> {};

TEST_P(Lossless, SamePixelsAsTiff) {
  const Translation& to = GetParam();
  if (to.reader != nullptr && to.reader().open == nullptr) GTEST_SKIP() << to.reader().library << " is not built in";
  if (!have_tool("gdal_translate")) GTEST_SKIP() << "gdal_translate is not installed";
  const std::string file = translated(to);
  if (file.empty()) GTEST_SKIP() << "this GDAL does not write the format";
  for (const int ranks : {0, 3}) EXPECT_TRUE(edges(file, ranks) == edges(path("in.tif"), ranks)) << ranks;
  expect_parts_refused(file);
  // A folder is searched for files of this format, and they are recognised without their endings.
  std::filesystem::create_directory(scratch_ / "set");
  std::filesystem::copy_file(file, scratch_ / ("set/a" + std::string(to.ending)));
  std::filesystem::copy_file(file, scratch_ / "set/plain");
  const RunResult run = run_haloedge(fmt::format("hash {} -o {}", path("set"), path("hashes.csv")));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("2 images in"), std::string::npos) << run.out;
}

INSTANTIATE_TEST_SUITE_P(
    Formats, Lossless,
    testing::Values(
        Translation{".bmp", "-of BMP"}, Translation{".webp.tif", "-co COMPRESS=WEBP -co WEBP_LOSSLESS=YES"},
        Translation{".gif", "-of GIF", 1, kernels::SampleType::u8, gif_reader},
        Translation{".webp", "-of WEBP -co LOSSLESS=YES", 3, kernels::SampleType::u8, webp_reader},
        Translation{".jp2", "-of JP2OpenJPEG -co REVERSIBLE=YES -co QUALITY=100", 3, kernels::SampleType::u8,
                    jpeg2000_reader},
        Translation{
            ".j2k",
            "-of JP2OpenJPEG -co CODEC=J2K -co REVERSIBLE=YES -co QUALITY=100 -co BLOCKXSIZE=128 -co BLOCKYSIZE=64", 1,
            kernels::SampleType::u16, jpeg2000_reader}),
    [](const auto& parameter) {
      std::string name = std::string(parameter.param.ending).substr(1);
      std::ranges::replace(name, '.', '_');
      return name;
    });

TEST_F(InputFormats, HeifAndAvif) {
  if (heif_reader().open == nullptr) GTEST_SKIP() << "libheif is not built in";
  if (!have_tool("heif-enc") || !have_tool("heif-convert")) GTEST_SKIP() << "heif-enc or heif-convert is not installed";
  write_png(make_picture(317, 203, 3), scratch_ / "in.png");
  for (const auto& [ending, options] : {std::pair(".heic", ""), std::pair(".avif", "-A")}) {
    const std::string file = path(std::string("in") + ending);
    (void)run_shell(fmt::format("heif-enc {} {} -o {}", options, path("in.png"), file));
    if (!std::filesystem::exists(file)) continue;  // this libheif has no encoder
    ASSERT_EQ(run_shell(fmt::format("heif-convert {} {}", file, path("decoded.png"))).exit_code, 0);
    for (const int ranks : {0, 2}) EXPECT_TRUE(edges(file, ranks) == edges(path("decoded.png"), ranks)) << ending;
    expect_parts_refused(file);
  }
}

TEST_F(InputFormats, ClaimsNeedMemory) {
  if (jpeg2000_reader().open == nullptr) GTEST_SKIP() << "OpenJPEG is not built in";
  if (!have_tool("gdal_translate")) GTEST_SKIP() << "gdal_translate is not installed";
  const std::string file =
      translated({".j2k", "-of JP2OpenJPEG -co CODEC=J2K", 1, kernels::SampleType::u8, jpeg2000_reader});
  if (file.empty()) GTEST_SKIP() << "this GDAL does not write the format";
  std::string bytes = file_content(file);
  // The sizes of the image and of its tile in the segment SIZ: so large an image may be empty, and small in the file.
  const std::string large("\0\0\xff\xff\0\0\xff\xff", 8);
  bytes.replace(8, 8, large).replace(24, 8, large);
  write_bytes(scratch_ / "claims.j2k", bytes);
  for (const std::string command :
       {"edges {0} -o {0}.tif", "hash {0} -o {0}.csv", "batch {0} -o {0}.edges", "score {0} -o {0}.sqlite"}) {
    const std::string line = fmt::format(fmt::runtime(command), path("claims.j2k")) + " --threads 1 --memory 100M";
    const RunResult run =
        run_shell(fmt::format("{}{}", is_sanitized ? "" : "ulimit -v 3000000; ", haloedge_command(line, 0)), 30);
    EXPECT_TRUE(run.exit_code == 1 || run.exit_code == 3) << line << run.err;
    EXPECT_NE(run.err.find("--memory"), std::string::npos) << line << run.err;
    EXPECT_LT(run.seconds, 10) << line;
  }
}

}  // namespace
}  // namespace haloedge
