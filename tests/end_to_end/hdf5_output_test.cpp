// Tests outputs that become a dataset of an HDF5 file that exists: all else in it stays, whatever happens.
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <tiffio.h>

#include "pictures.hpp"
#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

class Hdf5Output : public testing::Test {
 protected:
  void SetUp() override {
    write_tiff(picture_, scratch_ / "in.tif", TiffForm::strips, COMPRESSION_NONE);
    write_hdf5(picture_, scratch_ / "have.h5", "/image");
    before_ = file_content(scratch_ / "have.h5");
    ASSERT_EQ(run_haloedge(fmt::format("edges {0}/in.tif -o {0}/right.tif -q", folder())).exit_code, 0);
    ASSERT_EQ(run_haloedge(fmt::format("edges {0}/in.tif -o {0}/scharr.tif -q --operator scharr", folder())).exit_code,
              0);
  }

  [[nodiscard]] RunResult edges(const std::string& output, const std::string& options = "", int ranks = 0,
                                const std::string& input = "in.tif") const {
    return run_haloedge(fmt::format("edges {0}/{1} -o {0}/{2} {3}", folder(), input, output, options),
                        {.ranks = ranks});
  }
  void expect_map(const std::string& dataset, const std::string& right = "right.tif") const {
    EXPECT_TRUE(read_hdf5(scratch_ / "have.h5", dataset) == read_tiff(scratch_ / right)) << dataset;
  }
  void expect_image() const { EXPECT_TRUE(read_hdf5(scratch_ / "have.h5", "/image") == picture_); }
  void expect_refused(const std::string& output, const std::string& words, const std::string& options = "",
                      const std::string& input = "in.tif", int code = 1) const {
    const RunResult run = edges(output, options, 0, input);
    EXPECT_EQ(run.exit_code, code) << run.err;
    EXPECT_NE(run.err.find(words), std::string::npos) << run.err;
    EXPECT_TRUE(file_content(scratch_ / "have.h5") == before_) << output;
  }
  /// Runs a job that the preloaded library ends in its middle.
  void kill_at(const std::string& moment, const std::string& output) const {
    ::setenv("HALOEDGE_KILL", moment.c_str(), 1);
    const RunResult killed =
        run_haloedge(fmt::format("edges {0}/in.tif -o {0}/{1}", folder(), output), {.preload = killer()});
    ::unsetenv("HALOEDGE_KILL");
    ASSERT_EQ(killed.exit_code, 137) << killed.err;
  }
  void expect_no_leftovers() const {
    for (const std::string& name : scratch_.files()) EXPECT_FALSE(name.starts_with(".")) << name;
  }

  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }
  Picture picture_ = make_picture(300, 280, 1);
  std::string before_;  ///< the bytes of have.h5 as the user made it
  ScratchFolder scratch_;
};

TEST_F(Hdf5Output, AddsDataset) {
  for (const auto& [dataset, options, ranks] : {std::tuple("/edges", "--compression deflate", 0),
                                                {"/maps/a", "--write gather", 3},
                                                {"/maps/b", "--write parallel", 3}}) {
    const RunResult run = edges(fmt::format("have.h5:{}", dataset), options, ranks);
    ASSERT_EQ(run.exit_code, 0) << run.err;
    expect_map(dataset);
  }
  expect_image();
  expect_no_leftovers();
}

TEST_F(Hdf5Output, ReplacesThisDatasetOnly) {
  ASSERT_EQ(edges("have.h5").exit_code, 0);
  ASSERT_EQ(edges("have.h5:/other").exit_code, 0);
  before_ = file_content(scratch_ / "have.h5");
  expect_refused("have.h5", "have.h5:/edges: already exists; --overwrite replaces this dataset, and nothing else");
  for (int i = 0; i < 3; ++i) ASSERT_EQ(edges("have.h5", "--operator scharr --overwrite").exit_code, 0);
  EXPECT_EQ(std::filesystem::file_size(scratch_ / "have.h5"), before_.size()) << "the space of the old one is reused";
  expect_map("/edges", "scharr.tif");
  expect_map("/other");
  expect_image();
}

TEST_F(Hdf5Output, FileOfTheInput) {
  ASSERT_EQ(edges("have.h5:/edges", "", 2, "have.h5").exit_code, 0);
  ASSERT_EQ(edges("have.h5:/edges", "--operator scharr --overwrite", 2, "have.h5:/image").exit_code, 0);
  expect_map("/edges", "scharr.tif");
  expect_image();
  before_ = file_content(scratch_ / "have.h5");
  for (const char* input : {"have.h5:/image", "have.h5:/image/", "have.h5"}) {
    expect_refused("have.h5:/image", "is the input itself", "--overwrite", input, 2);
  }
}

TEST_F(Hdf5Output, Refused) {
  ASSERT_EQ(edges("have.h5:/group/map").exit_code, 0);
  before_ = file_content(scratch_ / "have.h5");
  expect_refused("have.h5:/group", "have.h5:/group: this is a group", "--overwrite");
  expect_refused("have.h5:/image/map", "/image is not a group", "--overwrite");
  expect_refused("have.h5:/", "names no dataset", "--overwrite");
  std::filesystem::create_symlink("have.h5", scratch_ / "link.h5");
  expect_refused("link.h5:/map", "is a symbolic link: name the file itself, " + (scratch_ / "have.h5").string());
  write_png(picture_, scratch_ / "no.h5");
  expect_refused("no.h5:/map", "is not an HDF5 file that could take a dataset", "--overwrite");
}

TEST_F(Hdf5Output, Killed) {
  kill_at("rename-before", "have.h5:/edges");
  EXPECT_TRUE(file_content(scratch_ / "have.h5") == before_);
  expect_refused("have.h5:/other", "dataset: was /edges, is now /other", "--resume", "in.tif", 2);
  const RunResult resumed = edges("have.h5", "--resume", 2);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_NE(resumed.out.find("have.h5: is complete"), std::string::npos) << resumed.out;
  expect_map("/edges");
  expect_image();
  expect_no_leftovers();
  kill_at("rename-after", "have.h5:/other");
  expect_map("/other");
  ASSERT_EQ(edges("have.h5:/other", "--resume").exit_code, 0);
  expect_map("/other");
  expect_map("/edges");
  expect_no_leftovers();
}

TEST_F(Hdf5Output, Resume) {
  ASSERT_EQ(edges("have.h5:/edges").exit_code, 0);
  before_ = file_content(scratch_ / "have.h5");
  EXPECT_EQ(edges("have.h5:/edges", "--resume").err, "");
  EXPECT_EQ(edges("have.h5:/edges", "--resume --operator scharr").exit_code, 2);
  EXPECT_TRUE(file_content(scratch_ / "have.h5") == before_) << "nothing to do";
  EXPECT_EQ(edges("have.h5:/other", "--resume").exit_code, 0);
  const RunResult unknown = edges("have.h5:/edges", "--resume --operator scharr");
  EXPECT_EQ(unknown.exit_code, 0);
  EXPECT_NE(unknown.err.find("cannot tell with which options it was made"), std::string::npos) << unknown.err;
  expect_map("/other");
  expect_map("/edges");
}

TEST_F(Hdf5Output, FullDisk) {
  const std::filesystem::path disk = scratch_ / "disk";
  std::filesystem::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=600k") != 0) GTEST_SKIP() << "needs the right to mount";
  const Picture noise = make_picture(600, 500, 1);
  const std::string file = (disk / "have.h5").string();
  write_hdf5(noise, file, "/image");
  before_ = file_content(file);
  const RunResult full = edges("disk/have.h5");
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_NE(full.err.find("No space left on device"), std::string::npos) << full.err;
  EXPECT_NE(full.err.find("fix this, then continue with --resume"), std::string::npos) << full.err;
  EXPECT_TRUE(file_content(file) == before_);
  ASSERT_EQ(::mount("tmpfs", disk.c_str(), "tmpfs", MS_REMOUNT, "size=4m"), 0);
  EXPECT_EQ(edges("disk/have.h5", "--resume").exit_code, 0);
  EXPECT_TRUE(read_hdf5(file, "/edges") == read_tiff(scratch_ / "right.tif"));
  EXPECT_TRUE(read_hdf5(file, "/image") == noise);
  ::umount(disk.c_str());
}

}  // namespace
}  // namespace haloedge
