// Tests sets with every kind of broken file: each is reported with its reason, and the other images are processed.
#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tiffio.h>
#include <unistd.h>
#include <zlib.h>

#include "pictures.hpp"
#include "program.hpp"
#include "sets.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;

class BrokenImages : public testing::Test {
 protected:
  static RunResult run(const std::string& arguments, int ranks = 0) {
    return run_haloedge("batch " + arguments, {.ranks = ranks, .timeout_seconds = 60});
  }
  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }
  [[nodiscard]] std::string failures() const { return file_content(scratch_ / "out/.haloedge/failures.csv"); }
  void put(const std::string& name, const std::string& bytes) const { write_bytes(scratch_ / "set" / name, bytes); }

  /// Writes broken files that a search of the folder finds. Returns their names.
  [[nodiscard]] std::vector<std::string> put_broken_files() const {
    const Picture picture = make_picture(300, 200, 3);
    write_jpeg(picture, scratch_ / "whole.jpg");
    write_png(picture, scratch_ / "whole.png");
    write_tiff(picture, scratch_ / "whole.tif", TiffForm::strips, COMPRESSION_LZW);
    const std::string jpeg = file_content(scratch_ / "whole.jpg");
    const std::string png = file_content(scratch_ / "whole.png");
    const std::string tiff = file_content(scratch_ / "whole.tif");
    put("truncated.jpg", jpeg.substr(0, jpeg.size() / 3));
    put("truncated.png", png.substr(0, png.size() / 3));
    put("truncated.tif", tiff.substr(0, tiff.size() / 3));
    put("head.png", png.substr(0, 20));
    put("head.tif", tiff.substr(0, 6));
    put("zero.png", "");
    put("text.png", "this is text");
    put("sub/folder.png/inner.jpg", "in a folder with an image's name");
    std::string giant = jpeg.substr(0, jpeg.find("\xff\xda") + 14);
    giant.replace(giant.find("\xff\xc0") + 5, 4, std::string("\xff\xdc\xff\xdc"));
    put("giant.jpg", giant);
    std::string data(100, '\0');
    uLongf size = data.size();
    const std::string zeros(5000, '\0');
    EXPECT_EQ(::compress(reinterpret_cast<Bytef*>(data.data()), &size, reinterpret_cast<const Bytef*>(zeros.data()),
                         zeros.size()),
              Z_OK);
    put("bomb.png", png_claiming(100'000, 100'000, data.substr(0, size)));
    std::string bad_sum = png;
    bad_sum[bad_sum.size() / 2] = static_cast<char>(bad_sum[bad_sum.size() / 2] ^ 0x55);
    put("bad_sum.png", bad_sum);
    return {"truncated.jpg", "truncated.png", "truncated.tif", "head.png", "head.tif",   "zero.png",
            "text.png",      "inner.jpg",     "giant.jpg",     "bomb.png", "bad_sum.png"};
  }

  ScratchFolder scratch_;
};

TEST_F(BrokenImages, AllowedFailures) {
  std::filesystem::create_directories(scratch_ / "set");
  for (int i = 0; i < 6; ++i) write_jpeg(make_picture(50 + i, 40, 3), scratch_ / fmt::format("set/good{}.jpg", i));
  put("a.png", "no PNG");
  put("b.png", "no PNG");
  const std::vector<std::pair<std::string, int>> cases{{"", 3},    {"0", 3},    {"1", 3},  {"2", 0},    {"24.9%", 3},
                                                       {"25%", 0}, {"100%", 0}, {"-1", 2}, {"101%", 2}, {"some", 2}};
  for (const char* command : {"batch", "hash", "score"}) {
    const std::string output = command == std::string("batch") ? "out.h5" : "out.sqlite";
    for (const auto& [allowed, code] : cases) {
      const RunResult result =
          run_haloedge(fmt::format("{0} {1}/set -o {1}/{0}-{2} --overwrite{3}{4}", command, folder(), output,
                                   allowed.empty() ? "" : " --allow-failures ", allowed),
                       {.ranks = allowed == "2" ? 2 : 0});
      EXPECT_EQ(result.exit_code, code) << command << ' ' << allowed << result.err;
      if (code == 2) continue;
      EXPECT_NE(result.out.find("2 failed"), std::string::npos) << result.out;
      EXPECT_NE(result.err.find("set/b.png"), std::string::npos) << result.err;
    }
  }
  const std::string complete = fmt::format("{0}/set -o {0}/batch-out.h5 --resume", folder());
  EXPECT_EQ(run(complete).exit_code, 3);
  EXPECT_EQ(run(complete + " --allow-failures 25%").exit_code, 0);
}

TEST_F(BrokenImages, ReportedEach) {
  const std::vector<std::string> found = put_broken_files();
  for (int i = 0; i < 6; ++i) write_jpeg(make_picture(50 + i, 40, 3), scratch_ / fmt::format("set/good{}.jpg", i));
  put("wrong_suffix.png", file_content(scratch_ / "whole.jpg"));  // recognised by its first bytes
  // A search of the folder ignores these files, but they are reported if they are named.
  std::vector<std::string> named{"nowhere.jpg", "loop.jpg", "pipe.jpg", "missing.jpg"};
  fs::create_symlink("gone", scratch_ / "set/nowhere.jpg");
  fs::create_symlink("loop.jpg", scratch_ / "set/loop.jpg");
  ASSERT_EQ(::mkfifo((scratch_ / "set/pipe.jpg").c_str(), 0600), 0);
  std::string list;
  for (const std::string& name : named) list += fmt::format("{}/set/{}\n", folder(), name);
  write_bytes(scratch_ / "list", list);
  const std::string inputs = fmt::format("{0}/set @{0}/list", folder());
  std::vector<std::string> broken = found;
  broken.insert(broken.end(), named.begin(), named.end());
  if (::geteuid() != 0) {
    put("closed.jpg", file_content(scratch_ / "whole.jpg"));
    fs::permissions(scratch_ / "set/closed.jpg", fs::perms::none);
    broken.emplace_back("closed.jpg");
  }

  std::string expected_failures;
  for (const int ranks : {0, 1, 2, 3, 4}) {
    // With little memory, giants are processed in bands. With much memory, they would fit if they were as large as they
    // claim.
    const std::string memory = ranks % 2 == 0 ? "150M" : "60G";
    const RunResult result = run(fmt::format("{} -o {}/out --overwrite --memory {}", inputs, folder(), memory), ranks);
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_NE(result.out.find(fmt::format("{} failed", broken.size())), std::string::npos) << result.out;
    const auto lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
    EXPECT_EQ(lines(failures()), std::ssize(broken) + 1) << failures();
    for (const std::string& name : broken) {
      EXPECT_NE(failures().find(fmt::format("/{},", name)), std::string::npos) << name << " not in " << failures();
      EXPECT_NE(result.err.find(name), std::string::npos) << name << " not in " << result.err;
    }
    const auto made = files_below(scratch_ / "out");
    EXPECT_EQ(made.size(), 7U);
    EXPECT_EQ(made.count("wrong_suffix.png"), 1U);
    for (int i = 0; i < 6; ++i) EXPECT_EQ(made.count(fmt::format("good{}.png", i)), 1U);
    for (const auto& entry : fs::directory_iterator(scratch_ / "out/.haloedge")) {
      const std::string name = entry.path().filename().string();
      EXPECT_TRUE(name == "run" || name == "lock" || name == "finished" || name == "failures.csv" ||
                  name.rfind("journal-", 0) == 0)
          << name;
    }
    if (memory == "150M") {
      if (expected_failures.empty()) expected_failures = failures();
      EXPECT_EQ(failures(), expected_failures) << ranks << " ranks";
    }
  }
}

TEST_F(BrokenImages, TriedAgain) {
  const std::vector<std::string> broken = put_broken_files();
  write_jpeg(make_picture(90, 70, 3), scratch_ / "set/good.jpg");
  const std::string arguments = fmt::format("{0}/set -o {0}/out --memory 150M", folder());
  ASSERT_EQ(run(arguments, 2).exit_code, 3);
  const RunResult again = run(arguments + " --resume", 3);
  EXPECT_EQ(again.exit_code, 3);
  EXPECT_NE(again.out.find("1 done earlier"), std::string::npos) << again.out;
  EXPECT_NE(again.out.find(fmt::format("{} failed", broken.size())), std::string::npos) << again.out;
  const std::string good = file_content(scratch_ / "whole.jpg");
  for (const auto& [name, content] : files_below(scratch_ / "set")) {
    if (name != "good.jpg") put(name, good);
  }
  const RunResult healed = run(arguments + " --resume");
  EXPECT_EQ(healed.exit_code, 0) << healed.err;
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out/.haloedge/failures.csv"));
  EXPECT_EQ(files_below(scratch_ / "out").size(), broken.size() + 1);
}

TEST_F(BrokenImages, VanishingFiles) {
  const Picture large = make_picture(900, 700, 3);
  constexpr int count = 400;
  fs::create_directories(scratch_ / "set");
  for (int i = 0; i < 20; ++i) write_jpeg(crop(large, 2 * i, 3 * i, 300, 400), scratch_ / fmt::format("set/{}.jpg", i));
  for (int i = 20; i < count; ++i) {
    fs::create_hard_link(scratch_ / fmt::format("set/{}.jpg", i % 20), scratch_ / fmt::format("set/{}.jpg", i));
  }
  ASSERT_EQ(run(fmt::format("{0}/set -o {0}/right -q", folder()), 2).exit_code, 0);
  const auto right = files_below(scratch_ / "right");
  ASSERT_EQ(right.size(), static_cast<std::size_t>(count));
  for (const int ranks : {0, 2}) {
    const RunResult result = run_shell(
        fmt::format("cd {0}; rm -rf out; cp -rl set s{1}; {2} & p=$!; until [ -e out/.haloedge/journal-1-0 ]; do "
                    "sleep 0.01; done; rm s{1}/*3*.jpg; wait $p",
                    folder(), ranks,
                    haloedge_command(fmt::format("batch {0}/s{1} -o {0}/out", folder(), ranks), ranks)),
        60);
    EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 3) << result.err;
    const auto made = files_below(scratch_ / "out");
    std::size_t failed = 0;
    for (const auto& [name, content] : right) {
      const bool is_failure =
          failures().find(fmt::format("/{}.jpg,", fs::path(name).stem().string())) != std::string::npos;
      failed += is_failure ? 1 : 0;
      EXPECT_NE(is_failure, made.count(name) == 1) << name << ": neither, or both";
      if (made.count(name) == 1) {
        EXPECT_TRUE(made.at(name) == content) << name;
      }
    }
    EXPECT_EQ(result.exit_code == 3, failed > 0);
    EXPECT_NE(result.out.find(fmt::format("; {} failed", failed)), std::string::npos) << result.out;
  }
}

}  // namespace
}  // namespace haloedge
