// Tests `haloedge duplicates --html`: reads the page as a browser would, and checks its pictures.
#include <fstream>
#include <regex>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/encoding.hpp"
#include "core/number_text.hpp"
#include "pictures.hpp"
#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;

constexpr const char* header = "path,hash,width,height,bytes,modified,flat,error\n";

constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string row(const std::string& path, unsigned hash) {
  return fmt::format("\"{}\",{:016x},400,300,2048,2026-01-01T00:00:00.000000000Z,0,\n", path, hash);
}

std::string from_base64(const std::string& text) {
  std::string bytes;
  unsigned bits = 0;
  int held = 0;
  for (const char c : text.substr(0, text.find('='))) {
    bits = bits << 6 | static_cast<unsigned>(base64_digits.find(c));
    held += 6;
    if (held >= 8) bytes += static_cast<char>(bits >> (held -= 8) & 0xff);
  }
  return bytes;
}

/// Returns every piece of text that stands between `before` and `after`.
std::vector<std::string> all_between(const std::string& text, const std::string& before, const std::string& after) {
  std::vector<std::string> found;
  for (std::size_t at = text.find(before); at != std::string::npos; at = text.find(before, at)) {
    at += before.size();
    found.push_back(text.substr(at, text.find(after, at) - at));
  }
  return found;
}

class DuplicatesPage : public testing::Test {
 protected:
  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }
  void write_table(const std::string& rows) const {
    std::ofstream(scratch_ / "t.csv", std::ios::binary) << header << rows;
  }
  [[nodiscard]] RunResult run(const std::string& options, int ranks = 0) const {
    return run_haloedge(fmt::format("duplicates {}/t.csv {}", folder(), options), {.ranks = ranks});
  }
  /// Runs the command and returns the page that it writes.
  [[nodiscard]] std::string page(const std::string& options = "", int ranks = 0) const {
    const RunResult result = run(fmt::format("--html {}/p.html --overwrite {}", folder(), options), ranks);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return file_content(scratch_ / "p.html");
  }
  [[nodiscard]] static std::vector<std::string> paths(const std::string& page) {
    return all_between(page, "<span class=\"path\">", "</span>");
  }

  ScratchFolder scratch_;
};

TEST_F(DuplicatesPage, Groups) {
  const Picture picture = make_picture(400, 300, 3);
  write_png(picture, scratch_ / "a.png");
  write_jpeg(picture, scratch_ / "b.jpg");
  write_tiff(make_picture(90, 500, 1, kernels::SampleType::u16), scratch_ / "c.tif", TiffForm::strips, 1);
  std::ofstream(scratch_ / "d.png", std::ios::binary) << "no image";
  const auto at = [&](const std::string& name) { return folder() + "/" + name; };
  write_table(row(at("d.png"), 0xff00) + row(at("missing<b>.png"), 0xff00) + row(at("a.png"), 1) + row(at("b.jpg"), 1) +
              row(at("alone.png"), 0xff0000) + row(at("c.tif"), 1));
  const std::string page = this->page();
  EXPECT_EQ(all_between(page, "<h2>", "</h2>"), (std::vector<std::string>{"3 images", "2 images"}));
  EXPECT_EQ(paths(page),
            (std::vector<std::string>{at("a.png"), at("b.jpg"), at("c.tif"), at("d.png"), at("missing&lt;b&gt;.png")}));
  EXPECT_EQ(all_between(page, "<a href=\"", "\""),
            (std::vector<std::string>{"a.png", "b.jpg", "c.tif", "d.png", "missing%3Cb%3E.png"}));
  EXPECT_NE(page.find("2 groups of 5 images, among 6 (distance 4)"), std::string::npos);
  EXPECT_NE(page.find("400 × 300, 2.0 KiB"), std::string::npos);
  const auto broken = all_between(page, "<span class=\"picture broken\">", "</span>");
  ASSERT_EQ(broken.size(), 2U);
  EXPECT_TRUE(broken[0].starts_with("is not a TIFF, BigTIFF, PNG, JPEG, ")) << broken[0];
  EXPECT_TRUE(broken[0].ends_with(" file, judging by its first bytes")) << broken[0];
  EXPECT_EQ(broken[1], "does not exist");
  EXPECT_EQ(this->page("", 3), page) << "on 3 ranks";
}

TEST_F(DuplicatesPage, Pictures) {
  write_png(make_picture(400, 300, 4), scratch_ / "a.png");
  write_tiff(make_picture(90, 500, 1, kernels::SampleType::f32), scratch_ / "b.tif", TiffForm::tiles, 1);
  write_png(make_picture(7, 5, 1), scratch_ / "c.png");
  write_table(row(folder() + "/a.png", 1) + row(folder() + "/b.tif", 1) + row(folder() + "/c.png", 1));
  const std::string page = this->page();
  const auto pictures = all_between(page, "src=\"data:image/jpeg;base64,", "\"");
  ASSERT_EQ(pictures.size(), 3U);
  const char* sizes[] = {"160 x 120", "29 x 160", "7 x 5"};
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    EXPECT_EQ(pictures[i].find_first_not_of(std::string(base64_digits) + '='), std::string::npos);
    std::ofstream(scratch_ / "small.jpg", std::ios::binary) << from_base64(pictures[i]);
    const RunResult info = run_haloedge("info " + folder() + "/small.jpg");
    EXPECT_EQ(info.exit_code, 0) << info.err;
    EXPECT_NE(info.out.find(sizes[i]), std::string::npos) << info.out;
    const RunResult decoded = run_haloedge(fmt::format("edges {0}/small.jpg -o {0}/e.tif --overwrite -q", folder()));
    EXPECT_EQ(decoded.exit_code, 0) << decoded.err;
  }
  EXPECT_NE(page.find("width=\"160\" height=\"120\""), std::string::npos);
}

TEST_F(DuplicatesPage, DistancesInAGroup) {
  write_table(row("first.png", 0) + row("two.png", 3) + row("five.png", 31) + row("far.png", 0xffff0000));
  const std::string page = this->page();
  EXPECT_EQ(all_between(page, "<span class=\"facts\">", "</span>"),
            (std::vector<std::string>{"400 × 300, 2.0 KiB", "400 × 300, 2.0 KiB, distance 2 from the first",
                                      "400 × 300, 2.0 KiB, distance 5 from the first"}));
}

TEST_F(DuplicatesPage, OddNames) {
  std::filesystem::create_directories(scratch_ / "pages/deep");
  std::filesystem::create_directories(scratch_ / "a b");
  const std::string odd = "x:\xff \"q\" <i>&amp;#?%\n'\u00fc.png";
  write_png(make_picture(20, 10, 1), scratch_ / "a b" / odd);
  std::string quoted = std::regex_replace(odd, std::regex("\""), "\"\"");
  write_table(row(folder() + "/a b/" + quoted, 1) + row(std::string(5000, 'n'), 1) + row("", 1));
  ASSERT_EQ(run(fmt::format("--html {}/pages/deep/p.html", folder())).exit_code, 0);
  const std::string page = file_content(scratch_ / "pages/deep/p.html");
  EXPECT_TRUE(is_utf8(page));
  EXPECT_EQ(all_between(page, "<a href=\"", "\"").front(),
            "../../a%20b/x%3A%FF%20%22q%22%20%3Ci%3E%26amp%3B%23%3F%25%0A%27%C3%BC.png");
  EXPECT_EQ(paths(page).front(), folder() + "/a b/x:\ufffd &quot;q&quot; &lt;i&gt;&amp;amp;#?%\\n&#39;\u00fc.png");
  EXPECT_EQ(all_between(page, "data:image/jpeg;base64,", "\"").size(), 1U);
  EXPECT_EQ(page.find("<script"), std::string::npos);
}

TEST_F(DuplicatesPage, NearAnImage) {
  const Picture picture = make_picture(400, 300, 3);
  std::filesystem::create_directories(scratch_ / "set");
  write_png(picture, scratch_ / "set/one.png");
  write_jpeg(picture, scratch_ / "set/two.jpg");
  write_png(crop(picture, 0, 0, 150, 120), scratch_ / "set/other.png");
  ASSERT_EQ(run_haloedge(fmt::format("hash {0}/set -o {0}/t.csv -q", folder())).exit_code, 0);
  const std::string page = this->page(fmt::format("--query {}/set/one.png --distance 6", folder()), 2);
  const std::string one = folder() + "/set/one.png";
  EXPECT_EQ(paths(page), (std::vector<std::string>{one, folder() + "/set/two.jpg"}));
  EXPECT_EQ(all_between(page, "<h2>", "</h2>"), (std::vector<std::string>{"The image", "Images near it: 1"}));
  EXPECT_EQ(all_between(page, "src=\"data:image/jpeg;base64,", "\"").size(), 2U);
  EXPECT_NE(page.find("1 image near "), std::string::npos);
}

TEST_F(DuplicatesPage, TwoThousandImages) {
  std::string rows;
  for (int i = 0; i < 1999; ++i) rows += row(fmt::format("big{}.png", i), 0);
  for (int i = 0; i < 3; ++i) rows += row(fmt::format("cut{}.png", i), 0xffff);
  for (int i = 0; i < 2; ++i) rows += row(fmt::format("out{}.png", i), 0xffff0000);
  write_table(rows);
  const RunResult result = run(fmt::format("--html {}/p.html --format json", folder()));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err,
            fmt::format("haloedge: {}/p.html: a page of 2,000 images, {}; 4 more are in the list only\n", folder(),
                        size_text(static_cast<std::int64_t>(fs::file_size(scratch_ / "p.html")))));
  EXPECT_EQ(nlohmann::json::parse(result.out).at("groups").size(), 3U);
  const std::string page = file_content(scratch_ / "p.html");
  EXPECT_EQ(paths(page).size(), 2000U);
  EXPECT_EQ(all_between(page, "<h2>", "</h2>"), (std::vector<std::string>{"1,999 images", "3 images"}));
  EXPECT_NE(page.find("The page shows the first 2,000 images; 4 more are in the list only."), std::string::npos);
  EXPECT_NE(page.find("and 2 more"), std::string::npos);
}

TEST_F(DuplicatesPage, Overwrite) {
  write_table("");
  const std::string html = folder() + "/p.html";
  std::ofstream(html) << "mine";
  EXPECT_EQ(run("--html " + html, 2).exit_code, 1);
  EXPECT_EQ(file_content(html), "mine");
  EXPECT_EQ(run("--html " + folder() + "/none/p.html").exit_code, 1);
  EXPECT_EQ(run(fmt::format("--html {0}/q --output {0}/q", folder()), 2).exit_code, 2);
  EXPECT_NE(page().find("no near-duplicates among 0 images (distance 4)"), std::string::npos);
}

}  // namespace
}  // namespace haloedge
