// Tests which images belong to a set, and which rank gets each of them.
#include "sets/image_list.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <numeric>
#include <random>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/error.hpp"
#include "sets/set_plan.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;

class ImageList : public testing::Test {
 protected:
  void touch(const std::string& name, const std::string& content = "x") {
    fs::create_directories((scratch_ / name).parent_path());
    std::ofstream(scratch_ / name, std::ios::binary) << content;
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (scratch_ / name).string(); }
  [[nodiscard]] std::vector<std::string> names(const std::vector<std::string>& inputs) const {
    std::vector<std::string> names;
    for (const ImageFile& file : list_images({.inputs = inputs}).files) {
      names.push_back(fs::path(file.path).lexically_relative(scratch_ / "").string());
    }
    return names;
  }

  ScratchFolder scratch_;
};

TEST_F(ImageList, Folders) {
  for (const char* name : {"b.jpg", "a/c.PNG", "a/d/e.tiff", "a/d/f.Jpeg", "note.txt", "jpg"}) touch(name);
  ASSERT_EQ(::mkfifo(path("a/pipe.jpg").c_str(), 0600), 0);
  EXPECT_EQ(names({path("")}), (std::vector<std::string>{"a/c.PNG", "a/d/e.tiff", "a/d/f.Jpeg", "b.jpg"}));
}

TEST_F(ImageList, Links) {
  touch("a/b/c.jpg");
  fs::create_directory_symlink(path("a"), path("a/b/back"));
  fs::create_symlink(path("gone"), path("a/broken.jpg"));
  EXPECT_EQ(names({path("a")}), std::vector<std::string>{"a/b/c.jpg"});
}

TEST_F(ImageList, PatternsAndLists) {
  touch("a.jpg", "12345");
  touch("b with space.png");
  touch("odd.ending");
  EXPECT_EQ(names({path("*.jpg"), path("a.jpg"), path("odd.ending")}),
            (std::vector<std::string>{"a.jpg", "odd.ending"}));
  touch("list", path("a.jpg") + "\n\n" + path("b with space.png") + "\n" + path("missing.jpg"));
  EXPECT_EQ(names({"@" + path("list")}), (std::vector<std::string>{"a.jpg", "b with space.png", "missing.jpg"}));
  touch("windows", path("a.jpg") + "\r\n\r\n" + path("b with space.png") + "\r\n");
  EXPECT_EQ(names({"@" + path("windows")}), (std::vector<std::string>{"a.jpg", "b with space.png"}));
  touch("image.tif", {'I', 'I', '*', '\0', '\b', '\0', '\0', '\0', '\n'});
  EXPECT_THROW((void)list_images({.inputs = {"@" + path("image.tif")}}), Error);
  touch("long", std::string(5000, 'x'));
  EXPECT_THROW((void)list_images({.inputs = {"@" + path("long")}}), Error);
  const std::string hard = path("new\nline \xff.jpg");
  touch("new\nline \xff.jpg");
  touch("list0", hard + '\0' + path("a.jpg") + '\0');
  EXPECT_EQ(names({"@" + path("list0")}).size(), 2U);
  EXPECT_EQ(list_images({.inputs = {hard}}).files.front().path, hard);
  EXPECT_EQ(list_images({.inputs = {path("a.jpg")}}).files.front().bytes, 5);
  EXPECT_GT(list_images({.inputs = {path("a.jpg")}}).files.front().modified,
            std::int64_t{1'700'000'000} * 1'000'000'000);
  EXPECT_THROW((void)list_images({.inputs = {path("*.gif")}}), Error);
  EXPECT_THROW((void)list_images({.inputs = {path("a.jpg"), path("missing.jpg")}}), Error) << "a mistyped input";
  EXPECT_THROW((void)list_images({.inputs = {path("missing.h5:/image")}}), Error);
  fs::create_symlink("gone", path("broken.jpg"));
  EXPECT_EQ(names({path("broken.jpg")}).size(), 1U) << "a shell's pattern names links to nowhere";
  EXPECT_THROW((void)list_images({.inputs = {"@" + path("nolist")}}), Error);
  fs::create_directory(path("empty"));
  EXPECT_TRUE(list_images({.inputs = {path("empty")}}).files.empty());
}

constexpr std::string_view png_head = "\x89PNG\r\n\x1a\n and more";
constexpr std::string_view jpeg_head = "\xff\xd8\xff\xe0 and more";
constexpr std::string_view hdf5_head = "\x89HDF\r\n\x1a\n and more";

TEST_F(ImageList, ByContentWhereTheEndingSaysNothing) {
  touch("set/plain", std::string(png_head));
  touch("set/scan.001", std::string(jpeg_head));
  touch("set/empty", "");
  touch("set/text", "this is text");
  touch("set/.hidden", std::string(png_head));
  touch("set/data", std::string(hdf5_head));
  touch("set/photo.aux", std::string(png_head));  // an ending that says something else, as .ovr of a TIFF does
  for (const char* name : {"set/a.jfif", "set/b.JPE", "set/c.svs"}) touch(name);
  EXPECT_EQ(names({path("set")}),
            (std::vector<std::string>{"set/a.jfif", "set/b.JPE", "set/c.svs", "set/plain", "set/scan.001"}));
}

TEST_F(ImageList, SkippedByKind) {
  for (const char* name : {"a.jpg", "b.txt", "sub/c.TXT", "d.h5", "note", "e1.v1", "e2.v2", "e3.v3"}) touch(name);
  ASSERT_EQ(::mkfifo(path("pipe.jpg").c_str(), 0600), 0);
  fs::create_symlink("gone", path("broken.jpg"));
  const ListedImages list = list_images({.inputs = {path("")}});
  EXPECT_EQ(list.files.size(), 1U);
  const std::map<std::string, std::int64_t> expected{
      {".txt", 2}, {".h5", 1}, {".v1", 1}, {".v2", 1}, {".v3", 1}, {"not regular", 2}, {"without an ending", 1}};
  EXPECT_EQ(list.skipped, expected);
  EXPECT_EQ(list.skipped_text(), "2 .txt, 2 not regular, 1 .h5, 1 .v1, 1 .v2, 2 of other kinds");
  EXPECT_EQ(ListedImages{}.skipped_text(), "");
}

TEST_F(ImageList, Excluded) {
  for (const char* name : {"a.jpg", "a_small.jpg", "thumbs/b.jpg", "x/thumbs/c.jpg", "x/d.jpg", "y/d.jpg"}) touch(name);
  touch("list", path("a.jpg") + '\n' + path("a_small.jpg") + '\n');
  const auto left = [&](const std::vector<std::string>& inputs, const std::vector<std::string>& exclude) {
    const ListedImages list = list_images({.inputs = inputs, .exclude = exclude});
    std::vector<std::string> names;
    for (const ImageFile& file : list.files) {
      names.push_back(fs::path(file.path).lexically_relative(scratch_ / "").string());
    }
    return std::pair(names, list.skipped.contains("excluded") ? list.skipped.at("excluded") : 0);
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(left({path("")}, {"thumbs/", "*_small.*"}), std::pair(Names({"a.jpg", "x/d.jpg", "y/d.jpg"}), 3L));
  EXPECT_EQ(left({path("")}, {"x/*"}), std::pair(Names({"a.jpg", "a_small.jpg", "thumbs/b.jpg", "y/d.jpg"}), 2L));
  EXPECT_EQ(left({path("x")}, {"x"}), std::pair(Names({"x/d.jpg", "x/thumbs/c.jpg"}), 0L)) << "the folder itself";
  EXPECT_EQ(left({path("*")}, {"thumbs", "y", "list"}), std::pair(Names({"a.jpg", "a_small.jpg", "x/d.jpg"}), 4L));
  EXPECT_EQ(left({"@" + path("list")}, {"*_small*"}), std::pair(Names({"a.jpg"}), 1L));
}

TEST_F(ImageList, UnreadableFolders) {
  touch("set/a.jpg");
  make_unreadable_folder(path("set/deep"));
  const ListedImages list = list_images({.inputs = {path("set")}});
  ASSERT_EQ(list.files.size(), 1U);
  EXPECT_EQ(list.files.front().name, "a.jpg");
  ASSERT_EQ(list.unread_folders.size(), 1U);
  EXPECT_TRUE(list.unread_folders.front().starts_with(path("set/deep"))) << list.unread_folders.front();
  EXPECT_TRUE(list.unread_folders.front().ends_with(": File name too long")) << list.unread_folders.front();
}

TEST_F(ImageList, MarkedLists) {
  touch("a.jpg");
  touch("marked", "\xef\xbb\xbf" + path("a.jpg") + "\r\n");
  EXPECT_EQ(names({"@" + path("marked")}), std::vector<std::string>{"a.jpg"});
  touch("utf16", {'\xff', '\xfe', 'a', '\0', '\n', '\0'});
  EXPECT_THROW((void)list_images({.inputs = {"@" + path("utf16")}}), Error);
}

TEST(Assign, EqualCost) {
  std::mt19937 random(2);
  std::vector<std::int64_t> costs;
  for (int i = 0; i < 5000; ++i)
    costs.push_back(static_cast<std::int64_t>(1 + (random() % 100 == 0 ? random() % 100000 : random() % 1000)));
  for (const int parts : {1, 2, 3, 7, 64}) {
    const std::vector<int> part_of = assign(costs, parts);
    EXPECT_EQ(part_of, assign(costs, parts));
    std::vector<std::int64_t> load(static_cast<std::size_t>(parts));
    for (std::size_t i = 0; i < costs.size(); ++i) load.at(static_cast<std::size_t>(part_of[i])) += costs[i];
    const auto [least, most] = std::minmax_element(load.begin(), load.end());
    // The part with the most expensive item costs at least as much as that item.
    EXPECT_LE(*most, std::max(*least + *least / 20, *std::max_element(costs.begin(), costs.end()))) << parts;
    EXPECT_EQ(std::accumulate(load.begin(), load.end(), std::int64_t{0}),
              std::accumulate(costs.begin(), costs.end(), std::int64_t{0}));
  }
}

TEST(Assign, FewItems) {
  EXPECT_EQ(assign({5, 9}, 4), (std::vector<int>{1, 0}));
  EXPECT_TRUE(assign({}, 3).empty());
}

}  // namespace
}  // namespace haloedge
