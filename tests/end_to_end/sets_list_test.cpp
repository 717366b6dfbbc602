// Tests how users name the images of a set: lists on standard input, patterns to exclude, and what the last line says
// about files that are not images.
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pictures.hpp"
#include "program.hpp"
#include "sets.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;

class SetLists : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(scratch_ / "set/thumbs");
    for (int i = 0; i < 3; ++i) write_jpeg(make_picture(60 + i, 40, 3), scratch_ / fmt::format("set/{}.jpg", i));
    fs::copy_file(scratch_ / "set/0.jpg", scratch_ / "set/thumbs/0.jpg");
    fs::copy_file(scratch_ / "set/0.jpg", scratch_ / "set/camera");
    for (const char* name : {"set/a.txt", "set/b.txt", "set/c.xml"}) write_bytes(scratch_ / name, "no image");
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (scratch_ / name).string(); }

  ScratchFolder scratch_;
};

TEST_F(SetLists, LastLineCountsWhatWasSkipped) {
  for (const std::string command : {"batch", "hash", "score"}) {
    const std::string output = command == "batch" ? "edges" : command + ".sqlite";
    const RunResult run = run_haloedge(fmt::format("{0} {1} -o {2} --exclude thumbs --exclude '2.*' --report {2}.json",
                                                   command, path("set"), path(output)));
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_NE(run.out.find("3 images in"), std::string::npos) << run.out;
    EXPECT_NE(run.out.find("; skipped: 2 .txt, 2 excluded, 1 .xml\n"), std::string::npos) << run.out;
    const auto report = nlohmann::json::parse(file_content(path(output) + ".json"));
    EXPECT_EQ(report.at("skipped"), (nlohmann::json{{".txt", 2}, {".xml", 1}, {"excluded", 2}}));
    EXPECT_EQ(report.at("unread_folders"), 0);
  }
}

TEST_F(SetLists, OnlySkipped) {
  const RunResult run = run_haloedge(fmt::format("hash {} -o {} --exclude '*'", path("set"), path("none.csv")));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("none of the inputs contains an image, so nothing is made (skipped: "), std::string::npos)
      << run.err;
}

TEST_F(SetLists, StandardInput) {
  const std::string list = path("list");
  write_bytes(list, "\xef\xbb\xbf" + path("set/0.jpg") + "\r\n" + path("set/2.jpg") + "\r\n");
  for (const int ranks : {0, 2}) {
    const std::string command =
        haloedge_command(fmt::format("hash @- -o {}/hashes{}.csv", scratch_.path().string(), ranks), ranks);
    const RunResult run = run_shell(fmt::format("{} < {}", command, list));
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_NE(run.out.find("2 images in"), std::string::npos) << run.out;
  }
  EXPECT_EQ(file_content(path("hashes0.csv")), file_content(path("hashes2.csv")));
}

TEST_F(SetLists, UnreadableFolder) {
  make_unreadable_folder(path("set/deep"));
  const RunResult run = run_haloedge(fmt::format("hash {} -o {}", path("set"), path("hashes.csv")));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.err.find("haloedge: warning: the images in a folder that cannot be read are left out: " + path("set")),
            std::string::npos)
      << run.err;
  EXPECT_NE(run.out.find("5 images in"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("; 1 folder not read"), std::string::npos) << run.out;
}

}  // namespace
}  // namespace haloedge
