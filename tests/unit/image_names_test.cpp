// Tests the file names of an image's edge map and of its depth map.
#include "sets/image_names.hpp"

#include <algorithm>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "sets/image_list.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> outputs(const std::vector<std::string>& names, const std::string& ending = ".png") {
  std::vector<ImageFile> files;
  for (const std::string& name : names) files.push_back({.path = std::string("/photos/").append(name), .name = name});
  name_outputs(files, ending);
  std::vector<std::string> made;
  for (const ImageFile& file : files) made.push_back(file.name);
  return made;
}

using Names = std::vector<std::string>;

TEST(OutputNames, Ending) {
  EXPECT_EQ(outputs({"a.jpg", "b/c.tiff", "b/d.PNG"}), (Names{"a.png", "b/c.png", "b/d.png"}));
  EXPECT_EQ(outputs({"a.b.jpg"}, ".tif"), Names{"a.b.tif"});
  EXPECT_TRUE(outputs({}).empty());
}

TEST(SetParts, EachFileInOnePart) {
  constexpr int parts = 7;
  std::vector<ImageFile> files;
  for (int i = 0; i < 7000; ++i) {
    const std::string name = std::to_string(i) + ".jpg";
    files.push_back({.path = "photos/" + name, .name = name});
  }
  std::map<std::string, int> part_of;
  for (int number = 1; number <= parts; ++number) {
    std::vector<ImageFile> part = files;
    name_outputs(part, ".png", {number, parts});
    EXPECT_NEAR(static_cast<double>(part.size()), 1000, 150);
    for (const ImageFile& file : part) EXPECT_TRUE(part_of.emplace(file.path, number).second) << file.path;
  }
  EXPECT_EQ(part_of.size(), files.size());
  std::vector<ImageFile> fewer(files.begin() + 3, files.begin() + 40);
  fewer.push_back({.path = "photos/3.png", .name = "3.png"});  // changes the name of the output of 3.jpg
  for (ImageFile& file : fewer) file.path = "/mnt/" + file.path;
  name_outputs(fewer, ".png", {2, parts});
  EXPECT_FALSE(fewer.empty());
  for (const ImageFile& file : fewer) {
    if (file.name == "3.png.png") continue;
    EXPECT_EQ(part_of.at(file.path.substr(5)), 2) << file.path;
  }
}

TEST(OutputNames, NoEnding) {
  EXPECT_EQ(outputs({"plain", "v1.2/plain", ".jpg", "x/.hidden", "dot."}),
            (Names{"plain.png", "v1.2/plain.png", ".jpg.png", "x/.hidden.png", "dot.png"}));
}

TEST(OutputNames, SameStem) {
  EXPECT_EQ(outputs({"a.jpg", "a.png", "b.jpg"}), (Names{"a.jpg.png", "a.png.png", "b.png"}));
  EXPECT_EQ(outputs({"a.jpg", "a.png", "a.tif", "a"}), (Names{"a.jpg.png", "a.png.png", "a.tif.png", "a.png"}));
}

TEST(OutputNames, Chains) {
  EXPECT_EQ(outputs({"a.jpg", "a.png", "a.png.jpg"}), (Names{"a.jpg.png", "a.png.png", "a.png.jpg.png"}));
  EXPECT_EQ(outputs({"a.png.png.tif", "a.png.jpg", "a.png", "a.jpg"}),
            (Names{"a.png.png.png", "a.png.jpg.png", "a.png.png", "a.jpg.png"}));
  // The order of the images does not matter.
  EXPECT_EQ(outputs({"a.png.jpg", "a.png", "a.jpg"}), (Names{"a.png.jpg.png", "a.png.png", "a.jpg.png"}));
}

TEST(OutputNames, TwoFolders) {
  std::vector<ImageFile> files{{.path = "/one/x.jpg", .name = "x.jpg"}, {.path = "/two/x.jpg", .name = "x.jpg"}};
  try {
    name_outputs(files, ".png");
    FAIL() << "one would replace the other";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("/one/x.jpg"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("/two/x.jpg"), std::string::npos) << error.what();
  }
}

TEST(OutputNames, Different) {
  Names names;
  for (const std::string stem : {"a", "a.jpg", "a.png", "a.png.png", "a.jpg.png", "b/a"}) {
    for (const std::string ending : {"", ".jpg", ".png", ".tif"}) names.push_back(stem + ending);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  Names made = outputs(names);
  std::sort(made.begin(), made.end());
  EXPECT_EQ(std::adjacent_find(made.begin(), made.end()), made.end()) << *std::adjacent_find(made.begin(), made.end());
}

class ListedNames : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"set/a.jpg", "set/x1/deep/b.png", "set/x2/deep/b.png", "set/x2/c.tif", "out/a.png"}) {
      fs::create_directories((scratch_ / name).parent_path());
      std::ofstream(scratch_ / name) << "x";
    }
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (scratch_ / name).string(); }
  /// Returns the images' names by their paths below the scratch folder.
  [[nodiscard]] std::map<std::string, std::string> names(const Names& inputs, const fs::path& left_out = {}) const {
    std::map<std::string, std::string> names;
    for (const ImageFile& file : list_images({.inputs = inputs}, left_out).files) {
      names[fs::path(file.path).lexically_normal().lexically_relative(scratch_ / "").string()] = file.name;
    }
    return names;
  }
  using Map = std::map<std::string, std::string>;

  ScratchFolder scratch_;
};

TEST_F(ListedNames, BelowTheFolder) {
  const Map expected{{"set/a.jpg", "a.jpg"},
                     {"set/x1/deep/b.png", "x1/deep/b.png"},
                     {"set/x2/c.tif", "x2/c.tif"},
                     {"set/x2/deep/b.png", "x2/deep/b.png"}};
  EXPECT_EQ(names({path("set")}), expected);
  EXPECT_EQ(names({path("set/")}), expected);
  EXPECT_EQ(names({path("set/x1/..")}), expected);
  EXPECT_EQ(names({path("set/a.jpg")}), (Map{{"set/a.jpg", "a.jpg"}}));
}

TEST_F(ListedNames, Patterns) {
  EXPECT_EQ(names({path("set/*/deep/*.png")}),
            (Map{{"set/x1/deep/b.png", "x1/deep/b.png"}, {"set/x2/deep/b.png", "x2/deep/b.png"}}));
  EXPECT_EQ(names({path("set/x[2]/c.*")}), (Map{{"set/x2/c.tif", "x2/c.tif"}}));
  EXPECT_EQ(names({path("set/x2/?.tif")}), (Map{{"set/x2/c.tif", "c.tif"}}));
  // Folders that match a pattern are searched, and their names are kept.
  EXPECT_EQ(names({path("set/x*")}), (Map{{"set/x1/deep/b.png", "x1/deep/b.png"},
                                          {"set/x2/c.tif", "x2/c.tif"},
                                          {"set/x2/deep/b.png", "x2/deep/b.png"}}));
}

TEST_F(ListedNames, Lists) {
  const std::string up = path("set/x1/../../set/a.jpg");
  std::ofstream(scratch_ / "list") << path("set/x2/c.tif") << '\n' << up << "\n../../elsewhere/q.jpg\n./r.jpg\n";
  const std::vector<ImageFile> files = list_images({.inputs = {std::string("@").append(path("list"))}}).files;
  ASSERT_EQ(files.size(), 4U);
  const std::string root = fs::path(path("set")).relative_path().string();
  std::map<std::string, std::string> by_path;
  for (const ImageFile& file : files) by_path[file.path] = file.name;
  EXPECT_EQ(by_path.at("../../elsewhere/q.jpg"), "elsewhere/q.jpg");
  EXPECT_EQ(by_path.at("r.jpg"), "r.jpg");
  EXPECT_EQ(by_path.at(up), root + "/a.jpg");
  EXPECT_EQ(by_path.at(path("set/x2/c.tif")), root + "/x2/c.tif");
}

TEST_F(ListedNames, OutputFolder) {
  EXPECT_EQ(names({path("")}, path("out")).count("out/a.png"), 0U);
  EXPECT_EQ(names({path("")}, path("set/../out")).count("out/a.png"), 0U);
  EXPECT_EQ(names({path("")}, path("not yet there")).count("out/a.png"), 1U);
  fs::create_directory_symlink(path("out"), path("set/link"));
  EXPECT_EQ(names({path("set")}, path("out")).size(), 4U);
}

class DepthMapName : public testing::Test {
 protected:
  void put(const std::string& name) const {
    fs::create_directories((scratch_ / name).parent_path());
    std::ofstream(scratch_ / name) << "x";
  }
  /// Returns the path below the folder, or "none" or "several" for the error that says so.
  [[nodiscard]] std::string found(const std::string& name) const {
    try {
      return find_depth_map(scratch_ / "", name).lexically_relative(scratch_ / "").string();
    } catch (const Error& error) {
      return std::string(error.what()).find("could both be") != std::string::npos ? "several" : "none";
    }
  }

  ScratchFolder scratch_;
};

TEST_F(DepthMapName, Endings) {
  for (const char* name : {"a.png", "a.tif", "b/c.TIFF", "d.txt", "e.v2.jpg", "g.png", "g.btf"}) put(name);
  EXPECT_EQ(found("a.png"), "a.png");
  EXPECT_EQ(found("a.tif"), "a.tif");
  EXPECT_EQ(found("a.jpg"), "several");
  EXPECT_EQ(found("b/c.jpg"), "b/c.TIFF");
  EXPECT_EQ(found("c.jpg"), "none") << "of another folder";
  EXPECT_EQ(found("d.jpg"), "none") << "text is no depth";
  EXPECT_EQ(found("e.v2.png"), "e.v2.jpg");
  EXPECT_EQ(found("e.v3.png"), "none");
  EXPECT_EQ(found("g.jpeg"), "several");
}

}  // namespace
}  // namespace haloedge
