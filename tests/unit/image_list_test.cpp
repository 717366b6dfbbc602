// Tests which images belong to a set, and which rank gets each of them.
#include "sets/image_list.hpp"

#include <algorithm>
#include <fstream>
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
    for (const ImageFile& file : list_images(inputs)) {
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
  EXPECT_THROW((void)list_images({"@" + path("image.tif")}), Error);
  touch("long", std::string(5000, 'x'));
  EXPECT_THROW((void)list_images({"@" + path("long")}), Error);
  const std::string hard = path("new\nline \xff.jpg");
  touch("new\nline \xff.jpg");
  touch("list0", hard + '\0' + path("a.jpg") + '\0');
  EXPECT_EQ(names({"@" + path("list0")}).size(), 2U);
  EXPECT_EQ(list_images({hard}).front().path, hard);
  EXPECT_EQ(list_images({path("a.jpg")}).front().bytes, 5);
  EXPECT_GT(list_images({path("a.jpg")}).front().modified, std::int64_t{1'700'000'000} * 1'000'000'000);
  EXPECT_THROW((void)list_images({path("*.gif")}), Error);
  EXPECT_THROW((void)list_images({path("a.jpg"), path("missing.jpg")}), Error) << "a mistyped input";
  EXPECT_THROW((void)list_images({path("missing.h5:/image")}), Error);
  fs::create_symlink("gone", path("broken.jpg"));
  EXPECT_EQ(names({path("broken.jpg")}).size(), 1U) << "a shell's pattern names links to nowhere";
  EXPECT_THROW((void)list_images({"@" + path("nolist")}), Error);
  fs::create_directory(path("empty"));
  EXPECT_TRUE(list_images({path("empty")}).empty());
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
