// Tests that `haloedge duplicates` writes groups of near hashes to a table, the same for any number of ranks.
#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pictures.hpp"
#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

class Duplicates : public testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(scratch_ / "t.csv", std::ios::binary)
        << "path,hash,width,height,bytes,modified,flat,error\n"
           "a.jpg,00000000000000ff,4,3,10,2026-01-01T00:00:00.000000000Z,0,\n"
           "\"b, \"\"quoted\"\"\nname.jpg\",ffff000000000000,4,3,10,2026-01-01T00:00:00.000000000Z,0,\n"
           "c.jpg,00000000000000fe,4,3,10,2026-01-01T00:00:00.000000000Z,0,\n"
           "d.jpg,,0,0,10,2026-01-01T00:00:00.000000000Z,,\"is empty\"\n"
           "e.jpg,00000000000000f0,4,3,10,2026-01-01T00:00:00.000000000Z,0,\n"
           "f.jpg,ffff000000000000,4,3,10,2026-01-01T00:00:00.000000000Z,0,\n"
           "g.jpg,aaaaaaaaaaaaaaaa,4,3,10,2026-01-01T00:00:00.000000000Z,0,\n";
  }
  RunResult run(const std::string& arguments, int ranks = 0) const {
    return run_haloedge("duplicates " + arguments, {.ranks = ranks, .timeout_seconds = 60});
  }
  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }

  /// Runs the command and returns the paths of each group.
  [[nodiscard]] std::vector<std::vector<std::string>> groups(const std::string& options, int ranks = 0) const {
    const RunResult result = run(fmt::format("{}/t.csv --format json {}", folder(), options), ranks);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::vector<std::vector<std::string>> paths;
    const auto list = nlohmann::json::parse(result.out);
    for (const auto& group : list.at("groups")) {
      auto& members = paths.emplace_back();
      for (const auto& image : group) members.push_back(image.at("path"));
    }
    return paths;
  }

  ScratchFolder scratch_;
};

TEST_F(Duplicates, SameForAnyRanks) {
  using Groups = std::vector<std::vector<std::string>>;
  const std::string quoted = "b, \"quoted\"\nname.jpg";
  for (const int ranks : {0, 1, 2, 3, 4}) {
    EXPECT_EQ(groups("--distance 0", ranks), (Groups{{quoted, "f.jpg"}}));
    EXPECT_EQ(groups("--distance 1", ranks), (Groups{{"a.jpg", "c.jpg"}, {quoted, "f.jpg"}}));
    EXPECT_EQ(groups("", ranks), (Groups{{"a.jpg", "c.jpg", "e.jpg"}, {quoted, "f.jpg"}}));
  }
}

TEST_F(Duplicates, Outputs) {
  const RunResult text = run(folder() + "/t.csv");
  EXPECT_NE(text.out.find("3 images:\n  a.jpg  (4 x 3, 10 B)\n"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("\n  b, \"quoted\"\\nname.jpg  (4 x 3, 10 B)\n"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("2 groups of 5 images, among 6 (distance 4)\n"), std::string::npos) << text.out;
  ASSERT_EQ(run(fmt::format("{0}/t.csv --format csv -o {0}/g.csv", folder()), 2).exit_code, 0);
  const std::string csv = file_content(scratch_ / "g.csv");
  EXPECT_EQ(csv.rfind("group,path,hash,width,height,bytes\n1,a.jpg,00000000000000ff,4,3,10\n", 0), 0U) << csv;
  EXPECT_NE(csv.find("\n2,\"b, \"\"quoted\"\"\nname.jpg\",ffff000000000000,4,3,10\n"), std::string::npos) << csv;
}

/// Tests with two flat images, whose hashes are those of an image that is not flat.
class FlatDuplicates : public Duplicates {
 protected:
  void SetUp() override {
    Duplicates::SetUp();
    std::ofstream table(scratch_ / "t.csv", std::ios::binary | std::ios::app);
    for (const auto& [path, flat] : {std::pair{"falls.jpg", 0}, {"black.jpg", 1}, {"white.jpg", 1}}) {
      table << path << ",0000000000000000,4,3,10,2026-01-01T00:00:00.000000000Z," << flat << ",\n";
    }
  }
};

TEST_F(FlatDuplicates, LeftOut) {
  for (const int ranks : {0, 2}) {
    EXPECT_EQ(groups("--distance 0", ranks).size(), 1U);
    EXPECT_EQ(groups("--distance 0 --flat", ranks).front(),
              (std::vector<std::string>{"falls.jpg", "black.jpg", "white.jpg"}));
    const RunResult text = run(folder() + "/t.csv --distance 0", ranks);
    EXPECT_NE(text.out.find("1 group of 2 images, among 7 (distance 0); 2 flat images left out (--flat compares them, "
                            "too)\n"),
              std::string::npos)
        << text.out;
    const RunResult all = run(folder() + "/t.csv --distance 0 --flat", ranks);
    EXPECT_NE(all.out.find("2 groups of 5 images, among 9 (distance 0)\n"), std::string::npos) << all.out;
  }
  const auto list = nlohmann::json::parse(run(folder() + "/t.csv --format json").out);
  EXPECT_EQ(list.at("flat_left_out"), 2);
  EXPECT_EQ(list.at("images"), 7);
}

TEST_F(FlatDuplicates, Page) {
  ASSERT_EQ(run(fmt::format("{0}/t.csv --html {0}/p.html -o {0}/p.txt", folder())).exit_code, 0);
  EXPECT_NE(file_content(scratch_ / "p.html").find("2 flat images left out"), std::string::npos);
}

TEST_F(FlatDuplicates, Query) {
  Picture white = make_picture(40, 30, 1);
  std::ranges::fill(white.samples, std::byte{255});
  write_png(white, scratch_ / "query.png");
  const std::string query = fmt::format("{0}/t.csv --distance 0 --query {0}/query.png ", folder());
  const RunResult refused = run(query);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("query.png: is flat"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("add --flat"), std::string::npos) << refused.err;
  const RunResult all = run(query + "--flat");
  EXPECT_EQ(all.exit_code, 0) << all.err;
  EXPECT_NE(all.out.find("3 images near "), std::string::npos) << all.out;
  write_png(make_picture(40, 30, 1), scratch_ / "query.png");
  EXPECT_NE(run(query).out.find("; 2 flat images left out"), std::string::npos);
}

TEST_F(Duplicates, TableIsKept) {
  const std::string before = file_content(scratch_ / "t.csv");
  for (const std::string options :
       {"-o {0}/t.csv --format csv", "--html {0}/t.csv", "-o {0}/g.csv --format csv --html {0}/g.csv"}) {
    const RunResult result =
        run(fmt::format("{0}/t.csv --overwrite ", folder()) + fmt::format(fmt::runtime(options), folder()));
    EXPECT_EQ(result.exit_code, 2) << options << result.err;
  }
  EXPECT_EQ(file_content(scratch_ / "t.csv"), before);
}

TEST_F(Duplicates, NamesOfOtherFormats) {
  for (const auto& [list, advice] : {std::pair{"d.csv", "add --format csv"},
                                     {"d.json", "add --format json"},
                                     {"d.json --format csv", "add --format json"},
                                     {"d.html", "--html FILE writes a web page"},
                                     {"d.sqlite", "duplicates writes text, CSV or JSON"},
                                     {"d.h5", "duplicates writes text, CSV or JSON"}}) {
    const RunResult result = run(fmt::format("{0}/t.csv -o {0}/{1}", folder(), list));
    EXPECT_EQ(result.exit_code, 2) << list;
    EXPECT_NE(result.err.find(advice), std::string::npos) << result.err;
  }
  EXPECT_EQ(run(fmt::format("{0}/t.csv -o {0}/d.json --format json", folder())).exit_code, 0);
  EXPECT_EQ(run(fmt::format("{0}/t.csv -o {0}/d.txt --format csv", folder())).exit_code, 0);
}

TEST_F(Duplicates, OtherFormats) {
  std::filesystem::create_directories(scratch_ / "set");
  const Picture picture = make_picture(400, 300, 3);
  write_png(picture, scratch_ / "set/one.png");
  write_jpeg(picture, scratch_ / "set/two.jpg");
  write_png(crop(picture, 0, 0, 150, 120), scratch_ / "set/other.png");
  ASSERT_EQ(run_haloedge(fmt::format("hash {0}/set -o {0}/t.csv --overwrite -q", folder())).exit_code, 0);
  const auto found = groups("--distance 6");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().size(), 2U);
  const RunResult query = run(fmt::format("{0}/t.csv --query {0}/set/one.png --distance 6 --format csv", folder()), 2);
  EXPECT_EQ(query.exit_code, 0) << query.err;
  EXPECT_EQ(query.out.find("one.png"), std::string::npos) << "the image itself is not near itself: " << query.out;
  EXPECT_NE(query.out.find("two.jpg"), std::string::npos) << query.out;
  EXPECT_EQ(query.out.find("other.png"), std::string::npos) << query.out;
}

TEST_F(Duplicates, WrongTables) {
  const auto fails = [&](const std::string& content, const std::string& words) {
    std::ofstream(scratch_ / "bad.csv", std::ios::binary) << content;
    for (const int ranks : {0, 2}) {
      const RunResult result = run(folder() + "/bad.csv", ranks);
      EXPECT_EQ(result.exit_code, 1);
      EXPECT_NE(result.err.find(words), std::string::npos) << result.err;
    }
  };
  fails("", "is not a table of hashes");
  fails("a,b\n", "is not a table of hashes");
  fails("path,hash,width,height,bytes,modified,error\n", "make it again with haloedge hash --overwrite");
  const std::string header = "path,hash,width,height,bytes,modified,flat,error\n";
  fails(header + "a.jpg,00ff,1,1,1,1970-01-01T00:00:00.000000000Z,0,\nb.jpg,nonsense,1,1,1,x,0,\n",
        "image 2: 'nonsense' is not a number");
  fails(header + "a.jpg,00ff,1,1\n", "image 1: it has 4 fields, not 8");
  for (const std::string name : {"missing.csv", "missing.sqlite", "missing.h5"}) {
    const RunResult result = run(folder() + "/" + name, 2);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_NE(result.err.find(name + ": does not exist"), std::string::npos) << result.err;
  }
  EXPECT_EQ(run(folder() + "/t.txt").exit_code, 2);
  EXPECT_EQ(run(folder() + "/t.csv --distance 17").exit_code, 2);
  EXPECT_EQ(run(folder() + "/t.csv --query " + folder() + "/missing.png", 2).exit_code, 1);
}

}  // namespace
}  // namespace haloedge
