// Tests `batch -o FILE.h5`, and that a user who is in a hurry loses nothing by `batch`.
#include <csignal>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tiffio.h>

#include "kernels/kernels.hpp"
#include "pictures.hpp"
#include "program.hpp"
#include "source/open_source.hpp"
#include "source/source.hpp"
#include "support/scratch_folder.hpp"
#include "victim.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;

class BatchSet : public testing::Test {
 protected:
  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }
  RunResult run(const std::string& arguments, int ranks = 0) const {
    return run_haloedge("batch " + arguments, {.ranks = ranks});
  }
  /// Writes `count` images of different sizes to set/: 0.jpg, deep/1.png, deep/er/2.tif, 3.jpg, ...
  void make_set(int count) const {
    fs::create_directories(scratch_ / "set/deep/er");
    for (int i = 0; i < count; ++i) {
      const Picture picture = make_picture(31 + 37 * i, 23 + 29 * i, i % 2 ? 3 : 1);
      if (i % 3 == 0) write_jpeg(picture, scratch_ / fmt::format("set/{}.jpg", i));
      if (i % 3 == 1) write_png(picture, scratch_ / fmt::format("set/deep/{}.png", i));
      if (i % 3 == 2)
        write_tiff(picture, scratch_ / fmt::format("set/deep/er/{}.tif", i), TiffForm::strips, COMPRESSION_LZW);
    }
  }
  static std::vector<std::byte> pixels_of(const std::string& path) {
    const auto source = open_image(path);
    Buffer memory;
    const kernels::ConstPixels pixels = decode_image(*source, memory);
    return {pixels.data, pixels.data + pixels.rows * pixels.row_bytes};
  }

  ScratchFolder scratch_;
};

TEST_F(BatchSet, Hdf5SameForAnyRanks) {
  make_set(9);
  std::string first;
  for (const int ranks : {0, 1, 2, 3, 4}) {
    const std::string arguments = fmt::format("{0}/set -o {0}/e{1}.h5", folder(), ranks);
    ASSERT_EQ(run(arguments, ranks).exit_code, 0);
    const std::string content = file_content(scratch_ / fmt::format("e{}.h5", ranks));
    if (first.empty()) first = content;
    EXPECT_TRUE(content == first) << ranks << " ranks";
    EXPECT_FALSE(fs::exists(scratch_ / fmt::format(".e{}.h5.run", ranks)));
  }
  ASSERT_EQ(run(fmt::format("{0}/set -o {0}/f.h5 --type f32 --compression deflate", folder()), 2).exit_code, 0);
  for (const std::string name : {"0.jpg", "deep/1.png", "deep/er/2.tif", "deep/er/8.tif"}) {
    for (const auto& [file, options] : {std::pair{"e0.h5", ""}, {"f.h5", "--type f32"}}) {
      ASSERT_EQ(
          run_haloedge(fmt::format("edges {0}/set/{1} -o {0}/one.tif --overwrite {2}", folder(), name, options), {})
              .exit_code,
          0);
      EXPECT_TRUE(pixels_of(fmt::format("{}/{}:/{}", folder(), file, name)) == pixels_of(folder() + "/one.tif"))
          << file << ' ' << name;
    }
  }
}

TEST_F(BatchSet, Hdf5LargeImages) {
  fs::create_directories(scratch_ / "set");
  const Picture large = make_picture(5000, 4000, 3);
  write_tiff(large, scratch_ / "set/large.tif", TiffForm::strips, COMPRESSION_NONE);
  write_png(make_picture(200, 100, 1), scratch_ / "set/small.png");
  const RunResult result = run(fmt::format("{0}/set -o {0}/e.h5 --memory 70M --threads 2", folder()), 2);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  ASSERT_EQ(run_haloedge(fmt::format("edges {0}/set/large.tif -o {0}/one.tif", folder()), {}).exit_code, 0);
  EXPECT_TRUE(pixels_of(folder() + "/e.h5:/large.tif") == pixels_of(folder() + "/one.tif"));
}

TEST_F(BatchSet, Hdf5AfterKills) {
  make_set(60);
  std::ofstream(scratch_ / "set/broken.jpg") << "not one";
  const std::string arguments = fmt::format("{0}/set -o {0}/e.h5", folder());
  ASSERT_EQ(run(fmt::format("{0}/set -o {0}/expected.h5", folder())).exit_code, 3);
  for (int i = 0; i < 6; ++i) {
    Victim victim(fmt::format("batch {} {}", arguments, i > 0 ? "--resume" : ""), i % 4);
    std::this_thread::sleep_for(std::chrono::milliseconds(40 + 60 * i));
    for (const pid_t rank : victim.ranks()) ::kill(rank, SIGKILL);
    (void)victim.wait();
    if (fs::exists(scratch_ / "e.h5")) break;
  }
  if (!fs::exists(scratch_ / "e.h5")) {
    const RunResult result = run(arguments + " --resume", 3);
    EXPECT_EQ(result.exit_code, 3) << result.err;
  }
  EXPECT_TRUE(file_content(scratch_ / "e.h5") == file_content(scratch_ / "expected.h5"));
  EXPECT_NE(file_content(scratch_ / "e.h5.failures.csv").find("broken.jpg"), std::string::npos);
  const RunResult again = run(arguments + " --resume", 2);
  EXPECT_EQ(again.exit_code, 3) << "complete, but not all well: " << again.out;
  EXPECT_NE(again.err.find("failures.csv"), std::string::npos) << again.err;
  EXPECT_EQ(run(arguments).exit_code, 1) << "is there already";
}

TEST_F(BatchSet, InputsAreKept) {
  make_set(6);
  const std::string before = file_content(scratch_ / "set/deep/1.png");
  for (const std::string input : {"'{0}/set/*/*.png'", "{0}/set/deep/1.png", "{0}/set/./deep/../deep/1.png"}) {
    const std::string inputs = fmt::format(fmt::runtime(input), folder());
    const RunResult result = run(fmt::format("{1} -o {0}/set/deep --overwrite", folder(), inputs), 2);
    EXPECT_EQ(result.exit_code, 2) << input << result.out;
    EXPECT_NE(result.err.find(".png: this input is inside the output"), std::string::npos) << result.err;
  }
  EXPECT_TRUE(file_content(scratch_ / "set/deep/1.png") == before);
  EXPECT_EQ(run(fmt::format("{0}/set -o {0}/set/edges", folder())).exit_code, 0) << "below is another matter";
  EXPECT_EQ(run(fmt::format("{0}/set -o {0}/set/edges --resume", folder())).exit_code, 0);
  EXPECT_EQ(run(fmt::format("{0}/set -o {0}/edges.TIF", folder())).exit_code, 2) << "no folder is meant";
}

TEST_F(BatchSet, TooLittleMemory) {
  make_set(3);
  for (const std::string command : {"batch", "hash"}) {
    const std::string output = command == "hash" ? "t.csv" : "out";
    const RunResult result =
        run_haloedge(fmt::format("{1} {0}/set -o {0}/{2} --memory 20M", folder(), command, output), {.ranks = 2});
    EXPECT_EQ(result.exit_code, 1) << command;
    EXPECT_NE(result.err.find("run with --memory"), std::string::npos) << result.err;
  }
}

TEST_F(BatchSet, StopInHugeImage) {
  fs::create_directories(scratch_ / "set");
  const std::string huge = folder() + "/set/huge.tif";
  write_tiff(make_picture(16000, 12000, 3), huge, TiffForm::tiles, COMPRESSION_NONE);
  const std::string arguments =
      fmt::format("batch {0}/set -o {0}/out --format tiff --compression deflate --memory 80M", folder());
  Victim victim(arguments + " --threads 1", 0);
  while (victim.runs() && !fs::exists(scratch_ / "out/.haloedge/journal-1-0")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  ::kill(victim.process(), SIGTERM);
  const RunResult stopped = victim.wait();
  EXPECT_EQ(stopped.exit_code, 75) << stopped.out << stopped.err;
  EXPECT_FALSE(fs::exists(scratch_ / "out/huge.tif"));
  const RunResult resumed = run_haloedge(arguments + " --resume", {});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_TRUE(fs::exists(scratch_ / "out/huge.tif"));
}

TEST_F(BatchSet, BogusColourProfile) {
  make_set(1);
  const std::string good = file_content(scratch_ / "set/0.jpg");
  std::string bogus =
      good.substr(0, 2) + std::string("\xff\xe2\x00\x74ICC_PROFILE\0\x00\x01", 18) + std::string(100, 'x');
  bogus += good.substr(2);
  std::ofstream(scratch_ / "set/bogus.jpg", std::ios::binary) << bogus;
  ASSERT_EQ(run(fmt::format("{0}/set -o {0}/out", folder()), 2).exit_code, 0);
  EXPECT_TRUE(file_content(scratch_ / "out/bogus.png") == file_content(scratch_ / "out/0.png"));
}

TEST_F(BatchSet, SameNameOtherInput) {
  make_set(4);
  fs::create_directories(scratch_ / "other");
  write_tiff(make_picture(60, 50, 3), scratch_ / "set/x.tif", TiffForm::strips, COMPRESSION_NONE);
  write_tiff(crop(make_picture(90, 80, 3), 20, 20, 60, 50), scratch_ / "other/x.tif", TiffForm::strips,
             COMPRESSION_NONE);
  const std::string out = fmt::format("-o {}/out --format tiff", folder());
  ASSERT_EQ(run(fmt::format("{0}/set {1}", folder(), out)).exit_code, 0);
  const std::string first = file_content(scratch_ / "out/x.tif");
  ASSERT_EQ(run(fmt::format("{0}/other {1} --resume", folder(), out), 2).exit_code, 0);
  EXPECT_FALSE(file_content(scratch_ / "out/x.tif") == first);
  ASSERT_EQ(run(fmt::format("{0}/set {1} --resume", folder(), out), 3).exit_code, 0);
  EXPECT_TRUE(file_content(scratch_ / "out/x.tif") == first);
}

TEST_F(BatchSet, LinksToInputs) {
  make_set(3);
  const std::string before = file_content(scratch_ / "set/deep/1.png");
  fs::create_directories(scratch_ / "links");
  fs::create_symlink("../set/deep/1.png", scratch_ / "links/1.png");
  EXPECT_EQ(run(fmt::format("{0}/links -o {0}/set/deep --overwrite", folder())).exit_code, 2);
  fs::create_directories(scratch_ / "out");
  fs::create_directory_symlink("../set/deep", scratch_ / "out/deep");
  EXPECT_EQ(run(fmt::format("{0}/set -o {0}/out --overwrite", folder()), 2).exit_code, 3) << "deep leads out";
  EXPECT_TRUE(file_content(scratch_ / "set/deep/1.png") == before);
  EXPECT_EQ(run(fmt::format("'{0}/*/*' -o {0}/below", folder())).exit_code, 0);
  EXPECT_EQ(run(fmt::format("'{0}/*/*' -o {0}/below --resume", folder())).exit_code, 0);
}

}  // namespace
}  // namespace haloedge
