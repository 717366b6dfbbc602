// Tests that `haloedge batch` writes the same files as `edges`, one for each image, for any number of ranks.
#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <tiffio.h>

#include "pictures.hpp"
#include "program.hpp"
#include "sets.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;
using Tree = std::map<std::string, std::string>;

class Batch : public testing::Test {
 protected:
  static RunResult run(const std::string& arguments, int ranks = 0) {
    return run_haloedge("batch " + arguments, {.ranks = ranks, .timeout_seconds = 100});
  }
  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }
  [[nodiscard]] fs::path set(const std::string& name) const {
    fs::path path = scratch_ / "set" / name;
    fs::create_directories(path.parent_path());
    return path;
  }

  /// Writes images of all kinds and of odd sizes. Returns their number.
  std::size_t make_set() const {
    write_png(make_picture(1, 1, 1), set("dot.png"));
    write_png(make_picture(517, 391, 3), set("deep/er/a.png"));
    write_png(make_picture(3, 700, 1), set("deep/tall.png"));
    write_jpeg(make_picture(700, 300, 3), set("deep/wide.jpg"));
    write_jpeg(make_picture(17, 33, 1), set("small.jpeg"));
    write_tiff(make_picture(257, 256, 3), set("tiles.tif"), TiffForm::tiles, COMPRESSION_LZW);
    write_tiff(make_picture(300, 200, 1, kernels::SampleType::u16), set("u16.tiff"), TiffForm::strips,
               COMPRESSION_ADOBE_DEFLATE);
    write_tiff(make_picture(129, 65, 1, kernels::SampleType::f32), set("f32.TIF"), TiffForm::one_strip,
               COMPRESSION_NONE);
    // Both edge maps would have the same name if the images' endings were left out.
    write_png(make_picture(40, 40, 3), set("twin.png"));
    write_jpeg(make_picture(41, 40, 3), set("twin.jpg"));
    return 10;
  }

  /// Returns the edge maps that `edges` makes of the files of the set, by the names that `batch` gives them.
  [[nodiscard]] Tree by_edges(const std::string& ending, const std::string& options) const {
    Tree tree;
    fs::create_directories(scratch_ / "single");
    for (const auto& [name, content] : files_below(scratch_ / "set")) {
      const fs::path out = scratch_ / "single" / ("x" + ending);
      const RunResult result = run_haloedge(fmt::format(
          "edges {} -o {} --overwrite -q {}", quoted((scratch_ / "set" / name).string()), out.string(), options));
      EXPECT_EQ(result.exit_code, 0) << name << result.err;
      const bool twin = name.rfind("twin", 0) == 0;
      tree[twin ? name + ending : fs::path(name).replace_extension(ending).string()] = file_content(out);
    }
    return tree;
  }

  ScratchFolder scratch_;
};

TEST_F(Batch, SameFilesForAnyRanks) {
  const std::size_t count = make_set();
  const Tree expected = by_edges(".png", "");
  ASSERT_EQ(expected.size(), count);
  for (const int ranks : {0, 1, 2, 3, 4}) {
    const RunResult result = run(fmt::format("{0}/set -o {0}/out{1}", folder(), ranks), ranks);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_NE(result.out.find("10 images"), std::string::npos) << result.out;
    EXPECT_EQ(difference(files_below(scratch_ / fmt::format("out{}", ranks)), expected), "") << ranks << " ranks";
  }
}

TEST_F(Batch, PartsInOneFolder) {
  make_set();
  const Tree expected = by_edges(".png", "");
  write_bytes(scratch_ / "set/broken.png", "no PNG");
  const auto part = [&](int number) {
    return fmt::format("{0} batch {1}/set -o {1}/out --report {1}/r{2}.json --part {2}/3", haloedge_program().string(),
                       folder(), number);
  };
  const RunResult all = run_shell(fmt::format("{} & {} & {} & wait", part(1), part(2), part(3)));
  EXPECT_EQ(difference(files_below(scratch_ / "out"), expected), "") << all.out << all.err;
  std::int64_t listed = 0;
  int failed = 0;
  for (int number = 1; number <= 3; ++number) {
    const auto report = nlohmann::json::parse(file_content(scratch_ / fmt::format("r{}.json", number)));
    listed += report.at("images").at("listed").get<std::int64_t>();
    failed += fs::exists(scratch_ / fmt::format("out/.haloedge/part-{}-of-3/failures.csv", number)) ? 1 : 0;
    EXPECT_NE(run_shell(part(number)).exit_code, 0) << "a part is not begun anew by mistake";
    EXPECT_GT(fs::file_size(scratch_ / fmt::format("out/.haloedge/part-{}-of-3/journal-1-0", number)), 0U);
  }
  EXPECT_EQ(listed, 11);
  EXPECT_EQ(failed, 1);
  const RunResult again = run_shell(part(2) + " --resume", 60);
  EXPECT_NE(again.out.find("done earlier"), std::string::npos) << again.out << again.err;
}

TEST_F(Batch, PartsDividedOtherwise) {
  make_set();
  ASSERT_EQ(run(fmt::format("{0}/set -o {0}/parts --part 1/2 -q", folder())).exit_code, 0);
  ASSERT_EQ(run(fmt::format("{0}/set -o {0}/whole -q", folder())).exit_code, 0);
  for (const char* other : {"parts --resume", "parts --part 1/3 --resume", "whole --part 1/2 --resume"}) {
    const RunResult result = run(fmt::format("{0}/set -o {0}/{1}", folder(), other));
    EXPECT_EQ(result.exit_code, 1) << other;
    EXPECT_NE(result.err.find("divide the set as before"), std::string::npos) << result.err;
  }
  const RunResult options = run(fmt::format("{0}/set -o {0}/parts --part 2/2 --operator canny", folder()));
  EXPECT_EQ(options.exit_code, 2);
  EXPECT_NE(options.err.find("part-1-of-2 of this folder was started with other options"), std::string::npos)
      << options.err;
  EXPECT_NE(options.err.find("--operator: was sobel, is now canny"), std::string::npos) << options.err;
  for (const char* part : {"0/2", "3/2", "1", "1/2/3", "x"}) {
    EXPECT_EQ(run(fmt::format("{0}/set -o {0}/x --part {1}", folder(), part)).exit_code, 2) << part;
  }
}

TEST_F(Batch, SameFilesInEveryFormat) {
  make_set();
  struct Form {
    std::string format;
    std::string ending;
    std::string options;
  };
  const std::vector<Form> forms{{"tiff", ".tif", "--type f32 --component x --clip -0.5,0.5"},
                                {"tiff", ".tif", "--type u16 --compression deflate --border wrap --tile 64"},
                                {"tiff", ".tif", "--compression lzw --border nearest --operator laplacian"},
                                {"tiff", ".tif", "--compression zstd --border constant --gray bt709"},
                                {"png", ".png", "--type u16 --border mirror --norm l1 --backend reference"},
                                {"png", ".png", "--border wrap --component direction --threads 3"},
                                {"jpeg", ".jpg", "--quality 60 --operator scharr --scale 0.5"}};
  for (std::size_t i = 0; i < forms.size(); ++i) {
    const Form& form = forms[i];
    const RunResult result = run(
        fmt::format("{0}/set -o {0}/out{1} --format {2} {3}", folder(), i, form.format, form.options), i % 2 ? 2 : 0);
    EXPECT_EQ(result.exit_code, 0) << form.options << result.err;
    EXPECT_EQ(difference(files_below(scratch_ / fmt::format("out{}", i)), by_edges(form.ending, form.options)), "")
        << form.options;
  }
}

TEST_F(Batch, LargeImages) {
  const Picture large = make_picture(6000, 5000, 3);
  write_tiff(large, set("large.tif"), TiffForm::strips, COMPRESSION_NONE);
  write_png(crop(large, 0, 0, 4000, 5000), set("large2.png"));
  for (int i = 0; i < 12; ++i) write_jpeg(crop(large, 10 * i, 20 * i, 700, 900), set(fmt::format("{}.jpg", i)));
  const Tree expected = by_edges(".png", "");
  constexpr std::int64_t memory = 60 << 20;
  for (const int ranks : {0, 2}) {
    const RunResult result =
        run(fmt::format("{0}/set -o {0}/out{1} --memory 60M --threads 4 --report {0}/r.json", folder(), ranks), ranks);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(difference(files_below(scratch_ / fmt::format("out{}", ranks)), expected), "") << ranks;
    const auto report = nlohmann::json::parse(file_content(scratch_ / "r.json"));
    EXPECT_EQ(report.at("images").at("done"), 14);
    for (const auto& rank : report.at("per_rank")) {
      EXPECT_EQ(rank.at("memory_limit_bytes"), memory);
      EXPECT_TRUE(is_sanitized || rank.at("peak_resident_bytes") <= memory) << rank.dump();
    }
  }
}

TEST_F(Batch, MemoryLimit) {
  const Picture large = make_picture(1300, 1300, 3);
  for (int i = 0; i < 25; ++i) write_png(crop(large, i, i, 1180, 1190), set(fmt::format("{}.png", i)));
  for (int i = 25; i < 150; ++i) write_jpeg(crop(large, 3 * i, 2 * i, 300, 400), set(fmt::format("{}.jpg", i)));
  for (const std::string options : {"--format tiff --type f32", "--type u16"}) {
    const RunResult result = run(fmt::format(
        "{0}/set -o {0}/out --overwrite --memory 100M --threads 8 --report {0}/r.json {1}", folder(), options));
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const auto report = nlohmann::json::parse(file_content(scratch_ / "r.json"));
    const auto& peak = report.at("per_rank").at(0).at("peak_resident_bytes");
    EXPECT_TRUE(is_sanitized || peak <= 100 << 20) << options;
  }
}

TEST_F(Batch, HardNames) {
  const std::vector<std::string> names{"with space.png",         "new\nline.png", "UTF-8 \xc3\xa4\xe2\x82\xac.png",
                                       "not UTF-8 \xff\xfe.png", "quote'\".png",  "-dash.png",
                                       "x/\x1b[31mred.png"};
  const Picture picture = make_picture(60, 40, 3);
  for (const std::string& name : names) write_png(picture, set(name));
  write_bytes(set("bro\nken \xff.png"), "no PNG");
  write_png(picture, set("*[?].png"));
  const RunResult result = run(fmt::format("{0}/set -o {0}/out --report {0}/r.json", folder()), 2);
  EXPECT_EQ(result.exit_code, 3) << result.err;
  const Tree made = files_below(scratch_ / "out");
  EXPECT_EQ(made.size(), names.size() + 1);
  for (const std::string& name : names) EXPECT_EQ(made.count(name), 1U) << name;
  EXPECT_NE(result.err.find("bro\\nken \xff.png: is not a"), std::string::npos) << "not in one line: " << result.err;
  EXPECT_NE(file_content(scratch_ / "out/.haloedge/failures.csv").find("bro\nken \xff.png\",\"is not a"),
            std::string::npos)
      << "the path is there once";
  EXPECT_TRUE(nlohmann::json::accept(file_content(scratch_ / "r.json")));
}

TEST_F(Batch, FewImages) {
  fs::create_directories(scratch_ / "empty");
  const RunResult none = run(fmt::format("{0}/empty -o {0}/none", folder()), 3);
  EXPECT_EQ(none.exit_code, 1) << none.err;
  EXPECT_NE(none.err.find("none of the inputs contains an image"), std::string::npos) << none.err;
  EXPECT_FALSE(fs::exists(scratch_ / "none"));
  write_png(make_picture(30, 20, 1), set("a/one.png"));
  const Tree expected{{"one.png", by_edges(".png", "").at("a/one.png")}};
  EXPECT_EQ(run(fmt::format("{0}/set/a/one.png -o {0}/one", folder()), 4).exit_code, 0);
  EXPECT_EQ(difference(files_below(scratch_ / "one"), expected), "");
  EXPECT_EQ(run(fmt::format("'{0}/set/*/*.png' -o {0}/deep/new/two", folder())).exit_code, 0);
  EXPECT_EQ(difference(files_below(scratch_ / "deep/new/two"), {{"a/one.png", expected.at("one.png")}}), "");
}

TEST_F(Batch, OutputInsideInput) {
  write_png(make_picture(30, 20, 1), set("one.png"));
  const std::string arguments = fmt::format("{0}/set -o {0}/set/out", folder());
  EXPECT_EQ(run(arguments).exit_code, 0);
  EXPECT_EQ(run(arguments + " --resume", 2).exit_code, 0);
  EXPECT_EQ(run(arguments + " --overwrite").exit_code, 0);
  EXPECT_EQ(files_below(scratch_ / "set/out").size(), 1U);
}

/// The report has the name of an edge map, which is there only when the report is written.
TEST_F(Batch, ReportOverEdgeMap) {
  write_png(make_picture(30, 20, 1), set("one.png"));
  const RunResult result = run(fmt::format("{0}/set -o {0}/out --overwrite --report {0}/out/one.png", folder()));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("--report"), std::string::npos) << result.err;
  fs::create_directories(scratch_ / "later");
  const RunResult later = run(fmt::format("{0}/set -o {0}/later --report {0}/later/one.png", folder()));
  EXPECT_EQ(later.exit_code, 1);
  EXPECT_NE(later.err.find("already exists and is not a report"), std::string::npos) << later.err;
  EXPECT_EQ(difference(files_below(scratch_ / "later"), {{"one.png", by_edges(".png", "").at("one.png")}}), "");
}

TEST_F(Batch, Trace) {
  const std::size_t count = make_set();
  const RunResult result = run(fmt::format("{0}/set -o {0}/out --threads 2 --trace {0}/t.json", folder()), 2);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto trace = nlohmann::json::parse(file_content(scratch_ / "t.json"));
  using Thread = std::pair<int, int>;
  std::map<Thread, std::string> stages;
  std::map<std::string, std::size_t> pieces;
  for (const auto& event : trace.at("traceEvents")) {
    const Thread thread(event.at("pid").get<int>(), event.at("tid").get<int>());
    const auto name = event.at("name").get<std::string>();
    if (name == "thread_name") {
      stages[thread] = event.at("args").at("name").get<std::string>();
    } else if (event.at("ph") == "X" && name.rfind("wait for ", 0) != 0) {
      EXPECT_EQ(name, stages[thread]) << "a thread works for one stage";
      ++pieces[name];
    }
  }
  EXPECT_EQ(pieces, (std::map<std::string, std::size_t>{
                        {"read", count}, {"filter", count}, {"encode", count}, {"write", count}}));
  std::map<std::string, int> threads;
  for (const auto& [thread, stage] : stages) ++threads[stage];
  EXPECT_EQ(threads, (std::map<std::string, int>{{"read", 8}, {"filter", 4}, {"encode", 4}, {"write", 2}}));
}

TEST_F(Batch, UsageErrors) {
  write_png(make_picture(30, 20, 1), set("one.png"));
  write_png(make_picture(30, 20, 1), set("two/one.png"));
  write_bytes(scratch_ / "file", "x");
  write_bytes(scratch_ / "full/note.txt", "x");
  struct Wrong {
    std::string arguments;
    int code;
    std::string words;
  };
  const std::string out = fmt::format("{0}/set -o {0}/out ", folder());
  const std::vector<Wrong> wrongs{
      {out + "--backend cuda", 2, "--backend cuda"},
      {out + "--format png --type f32", 2, "edge maps in .png files: PNG cannot store float samples"},
      {out + "--type f32", 2, "--format tiff writes .tif files"},
      {out + "--format jpeg --type u16", 2, "8-bit samples"},
      {out + "--compression deflate", 2, "--format tiff writes .tif files"},
      {out + "--resume --overwrite", 2, "--overwrite"},
      {out + "--time-limit 5x", 2, "--time-limit"},
      {out + "--report /no/such/r.json", 1, "/no/such"},
      {out + "--trace /no/such/t.json", 1, "--trace"},
      {fmt::format("{0}/set/one.png {0}/set/two/one.png -o {0}/out", folder()), 2, "one.png"},
      {fmt::format("'{0}/none/*.png' -o {0}/out", folder()), 1, "no file matches"},
      {fmt::format("{0}/set {0}/sett -o {0}/out", folder()), 1, "sett: does not exist"},
      {fmt::format("@{0}/nolist -o {0}/out", folder()), 1, "nolist"},
      {fmt::format("{0}/set -o {0}/file", folder()), 1, "is not a folder"},
      {fmt::format("{0}/set -o {0}/file --overwrite", folder()), 1, "file"},
      {fmt::format("{0}/set -o {0}/full", folder()), 1, "already contains files"},
      {fmt::format("{0}/set -o {0}/full --resume", folder()), 1, "already contains files"},
      {fmt::format("{0}/set", folder()), 2, "-o"},
      {fmt::format("{0}/set -o {0}/set --overwrite", folder()), 2, "this input is also the output, which is not"},
      {fmt::format("{0}/set -o {0}/set/ --overwrite", folder()), 2, "this input is also the output"},
      {fmt::format("{0}/set/two -o {0}/set --overwrite", folder()), 2, "this input is inside the output"},
      {fmt::format("{0}/set -o {0}/e.h5:/x", folder()), 2, "e.h5:/x: batch writes a folder"},
  };
  for (const Wrong& wrong : wrongs) {
    for (const int ranks : {0, 2}) {
      const RunResult result = run(wrong.arguments, ranks);
      EXPECT_EQ(result.exit_code, wrong.code) << wrong.arguments << '\n' << result.err;
      EXPECT_NE(result.err.find(wrong.words), std::string::npos) << wrong.arguments << '\n' << result.err;
      EXPECT_TRUE(!fs::exists(scratch_ / "out") || files_below(scratch_ / "out").empty()) << wrong.arguments;
      EXPECT_FALSE(fs::exists(scratch_ / "out/.haloedge/run")) << "a run was begun: " << wrong.arguments;
    }
  }
  EXPECT_EQ(file_content(scratch_ / "file"), "x");
  EXPECT_FALSE(fs::exists(scratch_ / "e.h5:"));
}

TEST_F(Batch, Overwrite) {
  write_png(make_picture(30, 20, 1), set("one.png"));
  write_bytes(scratch_ / "out/one.png", "old");
  write_bytes(scratch_ / "out/note.txt", "mine");
  const std::string arguments = fmt::format("{0}/set -o {0}/out", folder());
  ASSERT_EQ(run(arguments + " --overwrite").exit_code, 0);
  EXPECT_EQ(difference(files_below(scratch_ / "out"),
                       {{"one.png", by_edges(".png", "").at("one.png")}, {"note.txt", "mine"}}),
            "");
  const RunResult again = run(arguments);
  EXPECT_EQ(again.exit_code, 1) << "not without --overwrite or --resume";
  EXPECT_NE(again.err.find("a complete run: use --resume to make only what is missing"), std::string::npos)
      << again.err;
}

}  // namespace
}  // namespace haloedge
