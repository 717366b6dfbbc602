// Tests that `haloedge score` writes the kernels' numbers for each image to one database, for any number of ranks.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <regex>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tiffio.h>

#include "kernels/edge_map.hpp"
#include "measures/depth_levels.hpp"
#include "measures/gray_statistics.hpp"
#include "pictures.hpp"
#include "program.hpp"
#include "score_rows.hpp"
#include "sets.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;
using kernels::Norm;
using kernels::SampleType;

/// Computes the right values with the kernels directly; the whole image is in memory.
struct Direct {
  kernels::Gray gray = kernels::Gray::bt601;
  kernels::CannyFilter filter = kernels::canny_filter(Norm::l1, 100, 200);
  double sigma = 7;
  std::unique_ptr<kernels::Backend> backend = kernels::make_backend(kernels::HostBackend::reference);

  [[nodiscard]] Picture edges(const Picture& picture) const {
    Picture out{.width = picture.width, .height = picture.height, .samples = {}};
    out.samples.resize(static_cast<std::size_t>(out.width * out.height));
    kernels::canny_map(*backend, kernels::canny_gray(*backend, picture.view(), gray, {}), filter,
                       {out.samples.data(), out.width, out.width, out.height, SampleType::u8});
    return out;
  }

  [[nodiscard]] double score(const Picture& features) const {
    return mean_congestion(edges(features).view(), congestion_weights(sigma));
  }

  /// Returns the columns of a row that follow the score: edge density, mean gradient, entropy, width and height.
  [[nodiscard]] std::string others(const Picture& picture) const {
    const auto plane = kernels::canny_gray(*backend, picture.view(), gray, {});
    return fmt::format("{}|{}|{}|{}|{}|", edge_density(edges(picture).view()), mean_gradient(plane, filter.norm),
                       gray_entropy(plane.pixels()), picture.width, picture.height);
  }

  [[nodiscard]] std::string row(const Picture& picture) const {
    return fmt::format("{}|{}", score(picture), others(picture));
  }
};

class Score : public testing::Test {
 protected:
  static RunResult run(const std::string& arguments, int ranks = 0) {
    return run_haloedge("score " + arguments, {.ranks = ranks, .timeout_seconds = 60});
  }
  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }
  [[nodiscard]] fs::path table() const { return scratch_ / "s.sqlite"; }
  /// Returns a path below the scratch folder, and makes the folder of that path.
  [[nodiscard]] fs::path put(const std::string& name) const {
    fs::create_directories((scratch_ / name).parent_path());
    return scratch_ / name;
  }
  [[nodiscard]] std::string row(const std::string& name) const {
    const auto rows = score_rows(table());
    const auto found = rows.find((scratch_ / name).string());
    return found == rows.end() ? "no row" : found->second;
  }
  void expect_row(const std::string& name, const std::string& begin) const {
    EXPECT_EQ(row(name).substr(0, begin.size()), begin) << name;
  }

  ScratchFolder scratch_;
};

TEST_F(Score, Values) {
  const Picture colour = make_picture(300, 200, 3);
  const Picture with_alpha = make_picture(65, 129, 4);
  const Picture gray = make_picture(517, 91, 1);
  write_png(colour, put("set/colour.png"));
  write_tiff(with_alpha, put("set/alpha.tif"), TiffForm::tiles, COMPRESSION_LZW);
  write_tiff(gray, put("set/gray.tif"), TiffForm::strips, COMPRESSION_NONE);
  write_png(make_picture(1, 1, 1), put("set/dot.png"));
  const RunResult usual = run(fmt::format("{0}/set -o {0}/s.sqlite", folder()));
  ASSERT_EQ(usual.exit_code, 0) << usual.err;
  EXPECT_EQ(usual.out.rfind(fmt::format("{}: 4 images", table().string()), 0), 0U) << usual.out;
  const Direct direct;
  EXPECT_GT(direct.score(colour), 1);
  expect_row("set/colour.png", direct.row(colour));
  expect_row("set/alpha.tif", direct.row(with_alpha));
  expect_row("set/gray.tif", direct.row(gray));
  expect_row("set/dot.png", direct.row(make_picture(1, 1, 1)));

  const std::string options = "--low 50.5 --high 300 --norm l2 --gray green --sigma 2.25";
  ASSERT_EQ(run(fmt::format("{0}/set -o {0}/s.sqlite --overwrite {1}", folder(), options), 2).exit_code, 0);
  const Direct other{.gray = kernels::Gray::green, .filter = kernels::canny_filter(Norm::l2, 50.5, 300), .sigma = 2.25};
  EXPECT_NE(other.row(colour), direct.row(colour));
  expect_row("set/colour.png", other.row(colour));
  EXPECT_EQ(first_value(table(), "SELECT options FROM runs"),
            "--low 50.5 --high 300 --norm l2 --gray green --sigma 2.25");
}

TEST_F(Score, SameForAnyRanks) {
  for (int i = 0; i < 25; ++i) {
    write_jpeg(make_picture(40 + 7 * i, 30 + 5 * i, 3), put(fmt::format("set/{}{}.jpg", i % 3 ? "" : "deep/", i)));
  }
  const std::string whole = file_content(scratch_ / "set/7.jpg");
  write_bytes(scratch_ / "set/truncated.jpg", whole.substr(0, whole.size() / 3));
  write_bytes(scratch_ / "set/not.png", "this is text");
  write_bytes(scratch_ / "set/name with\nnewline \xff.jpg", whole);
  write_tiff(make_picture(80, 60, 3, SampleType::u16), scratch_ / "set/deep.tif", TiffForm::strips, COMPRESSION_NONE);
  write_bytes(scratch_ / "list", folder() + "/set/missing.jpg\n");
  std::map<std::string, std::string> first;
  for (const int ranks : {0, 1, 2, 3, 4, 7}) {
    const RunResult result = run(fmt::format("{0}/set @{0}/list -o {0}/s.sqlite --overwrite", folder()), ranks);
    EXPECT_EQ(result.exit_code, 3) << result.err;
    if (first.empty()) first = score_rows(table());
    EXPECT_EQ(difference(score_rows(table()), first), "") << ranks << " ranks";
    EXPECT_NE(result.out.find("30 images"), std::string::npos) << result.out;
    for (const std::string word : {"truncated.jpg", "not.png", "deep.tif", "missing.jpg", "4 failed"}) {
      EXPECT_NE((result.err + result.out).find(word), std::string::npos) << word << " not in " << result.err;
    }
    EXPECT_EQ(first_value(table(),
                          "SELECT ranks || ' ' || images || ' ' || failed || ' ' || (ended > started) || ' ' "
                          "|| (version LIKE '_%._%') FROM runs"),
              fmt::format("{} 30 4 1 1", std::max(ranks, 1)));
  }
  ASSERT_EQ(first.size(), 30U);
  expect_row("set/deep.tif",
             fmt::format("NULL|NULL|NULL|NULL|NULL|NULL|{}|", fs::file_size(scratch_ / "set/deep.tif")));
  EXPECT_NE(row("set/deep.tif").find("more than 8 bits"), std::string::npos) << row("set/deep.tif");
  const std::string like_7 = row("set/7.jpg");
  expect_row("set/name with\nnewline \xff.jpg", like_7.substr(0, like_7.find("|20")));
  EXPECT_EQ(first_value(table(), "SELECT group_concat(DISTINCT typeof(path)) FROM images"), "text,blob");
  EXPECT_EQ(first_value(table(), "SELECT count(*) FROM images WHERE seconds >= 0 AND seconds < 60"), "30");
  EXPECT_EQ(first_value(table(), "SELECT count(*) FROM images WHERE error = '' AND seconds > 0"), "26");
  EXPECT_EQ(first_value(table(), "PRAGMA user_version"), "1");
  EXPECT_EQ(first_value(table(), "PRAGMA journal_mode"), "delete") << "one file, for all who may read it";
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch_.path()), {}), 3) << "only the set, the list and the table";
}

TEST_F(Score, DepthMaps) {
  const Picture photo = make_picture(200, 150, 3);
  const auto put_photo = [&](const std::string& name) { write_png(photo, put("set/" + name)); };
  const Picture deep = make_picture(100, 75, 1, SampleType::u16);
  Picture metres = make_picture(200, 150, 1, SampleType::f32);
  const Picture colour = make_picture(90, 80, 3);
  for (const std::string name : {"a/u16.png", "a/f32.png", "colour.png", "none.png", "nan.png", "two.png", "bad.png"}) {
    put_photo(name);
  }
  write_tiff(deep, put("depth/a/u16.TIF"), TiffForm::tiles, COMPRESSION_LZW);
  write_tiff(metres, put("depth/a/f32.tiff"), TiffForm::strips, COMPRESSION_NONE);
  write_png(colour, put("depth/colour.png"));
  write_png(make_picture(9, 9, 1), put("depth/colour.tif"));  // not used: the other map has the whole name
  write_png(colour, put("depth/two.tif"));
  write_png(colour, put("depth/two.jpg"));
  write_bytes(put("depth/bad.png"), "this is text");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(metres.samples.data() + 4000, &nan, sizeof nan);
  write_tiff(metres, put("depth/nan.tif"), TiffForm::strips, COMPRESSION_NONE);
  metres = make_picture(200, 150, 1, SampleType::f32);

  const RunResult result = run(fmt::format("{0}/set -o {0}/s.sqlite --depth {0}/depth/ --clusters 6", folder()), 3);
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_NE(result.out.find("4 failed"), std::string::npos) << result.out << result.err;
  const Direct direct;
  const auto expect_depth = [&](const std::string& name, const Picture& depth) {
    Picture levels{.width = depth.width, .height = depth.height, .samples = {}};
    levels.samples.resize(static_cast<std::size_t>(depth.width * depth.height));
    depth_levels(depth.view(), 6, {levels.samples.data(), levels.width, levels.width, levels.height, SampleType::u8});
    EXPECT_GT(direct.score(levels), 0) << name;
    expect_row(name, fmt::format("{}|{}", direct.score(levels), direct.others(photo)));
  };
  expect_depth("set/a/u16.png", deep);
  expect_depth("set/a/f32.png", metres);
  Picture gray{.width = colour.width, .height = colour.height, .samples = {}};
  gray.samples.resize(static_cast<std::size_t>(gray.width * gray.height));
  direct.backend->gray(colour.view(), direct.gray,
                       {gray.samples.data(), gray.width, gray.width, gray.height, SampleType::u8});
  expect_depth("set/colour.png", gray);
  for (const auto& [name, why] : {std::pair{"none.png", "no depth map"},
                                  {"two.png", "could both be"},
                                  {"nan.png", "finite"},
                                  {"bad.png", "depth/bad.png"}}) {
    EXPECT_NE(row(fmt::format("set/{}", name)).find(why), std::string::npos) << row(fmt::format("set/{}", name));
  }
  EXPECT_NE(first_value(table(), "SELECT options FROM runs").find("/depth --clusters 6"), std::string::npos);
}

TEST_F(Score, CongestionMaps) {
  write_png(make_picture(300, 200, 3), put("set/deep/a.png"));
  write_png(make_picture(41, 40, 3), put("set/twin.png"));
  write_jpeg(make_picture(1100, 700, 3), put("set/twin.jpg"));
  write_bytes(put("set/bad.png"), "this is text");
  for (const int ranks : {0, 3}) {
    const RunResult result = run(fmt::format("{0}/set -o {0}/s.sqlite --maps {0}/maps --overwrite", folder()), ranks);
    EXPECT_EQ(result.exit_code, 3) << result.err;
    std::string names;
    for (const auto& file : files_below(scratch_ / "maps")) names += file.first + ' ';
    EXPECT_EQ(names, "deep/a.tif twin.jpg.tif twin.png.tif ");
    EXPECT_FALSE(fs::exists(scratch_ / "maps/.haloedge"));
    for (const auto& [map, name] :
         {std::pair{"deep/a.tif", "deep/a.png"}, {"twin.jpg.tif", "twin.jpg"}, {"twin.png.tif", "twin.png"}}) {
      const Picture picture = read_tiff(scratch_ / "maps" / map);
      ASSERT_EQ(picture.type, SampleType::f32);
      double sum = 0;
      for (std::size_t i = 0; i < picture.samples.size(); i += sizeof(float)) {
        float sample = 0;
        std::memcpy(&sample, picture.samples.data() + i, sizeof sample);
        sum += sample;
      }
      const double mean = sum / static_cast<double>(picture.width * picture.height);
      EXPECT_NEAR(mean, std::stod(row(fmt::format("set/{}", name))), 1e-3) << name;
      EXPECT_GT(mean, 0) << name;
    }
  }
  // Only a map that was removed is made again.
  fs::remove(scratch_ / "maps/twin.png.tif");
  fs::remove(scratch_ / "set/bad.png");
  const RunResult again = run(fmt::format("{0}/set -o {0}/s.sqlite --maps {0}/maps --resume", folder()), 2);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_NE(again.out.find("1 image in"), std::string::npos) << again.out;
  EXPECT_TRUE(fs::exists(scratch_ / "maps/twin.png.tif"));
}

TEST_F(Score, TooLarge) {
  write_tiff(make_picture(5000, 4000, 3), put("set/large.tif"), TiffForm::strips, COMPRESSION_LZW);
  write_png(make_picture(50, 40, 3), put("set/small.png"));
  const std::string arguments = fmt::format("{0}/set -o {0}/s.sqlite --threads 1 --memory ", folder());
  const RunResult little = run(arguments + "100M");
  EXPECT_EQ(little.exit_code, 3) << little.err;
  std::smatch number;
  ASSERT_TRUE(std::regex_search(little.err, number, std::regex("large.tif: needs .*--memory ([0-9]+)M or more")));
  const RunResult enough = run(arguments + number[1].str() + "M --resume", 2);
  EXPECT_EQ(enough.exit_code, 0) << enough.err;
  EXPECT_NE(enough.out.find("1 done earlier"), std::string::npos) << enough.out;
  EXPECT_EQ(run(fmt::format("{0}/set -o {0}/t.sqlite --threads 1 --memory {1}M", folder(), std::stoi(number[1]) - 2))
                .exit_code,
            3);
  EXPECT_EQ(first_value(table(), "SELECT count(*) FROM images WHERE error = ''"), "2");
}

TEST_F(Score, UsageErrors) {
  write_png(make_picture(20, 20, 1), put("set/a.png"));
  write_bytes(scratch_ / "there.sqlite", "something of somebody");
  write_bytes(scratch_ / "file", "x");
  const std::string usual = fmt::format("{0}/set -o {0}/s.sqlite ", folder());
  struct Case {
    std::string arguments;
    int exit_code;
    std::string words;
  };
  for (const Case& wrong : {
           Case{usual + "--clusters 4", 2, "--depth"},
           {usual + fmt::format("--depth {}/set --clusters 0", folder()), 2, "--clusters"},
           {usual + fmt::format("--depth {}/set --clusters 257", folder()), 2, "--clusters"},
           {usual + "--sigma 0", 2, "above 0 and up to 100"},
           {usual + "--sigma 100.5", 2, "above 0 and up to 100"},
           {usual + "--sigma nan", 2, "above 0 and up to 100"},
           {usual + "--low -1", 2, "0 or more"},
           {usual + "--low 201", 2, "--low 201 is above --high 200"},
           {usual + "--depth " + folder() + "/file", 2, "is not a folder"},
           {usual + "--depth " + folder() + "/none", 2, "is not a folder"},
           {usual + "--maps " + folder() + "/file", 2, "is not a folder"},
           {usual + "--maps " + folder() + "/set", 1, "already contains files"},
           {usual + "--overwrite --maps " + folder(), 2, "inside the output"},
           {usual + fmt::format("--maps {0}/set --depth {0}/set --overwrite", folder()), 2, "the folder of --depth"},
           {usual + "--overwrite --maps " + folder() + "/set", 2, "this input is also the output"},
           {usual + fmt::format("--maps {0}/maps.h5:/x", folder()), 2, "--maps writes files into a folder"},
           {usual + fmt::format("--report {0}/s.sqlite", folder()), 2, "name the same file"},
           {usual + "--resume --overwrite", 2, "--resume"},
           {folder() + "/set", 2, "--output"},
           {fmt::format("{0}/set -o {0}/s.csv", folder()), 2, ".sqlite"},
           {fmt::format("{0}/set -o {0}/no/s.db", folder()), 1, "no/s.db"},
           {fmt::format("{0}/set -o {0}/there.sqlite", folder()), 1, "--overwrite"},
           {fmt::format("{0}/set -o {0}/there.sqlite --resume", folder()), 1, "there.sqlite"},
       }) {
    const RunResult result = run(wrong.arguments, wrong.exit_code == 1 ? 2 : 0);
    EXPECT_EQ(result.exit_code, wrong.exit_code) << wrong.arguments << result.err;
    EXPECT_NE(result.err.find(wrong.words), std::string::npos) << wrong.arguments << '\n' << result.err;
  }
  EXPECT_FALSE(fs::exists(table()));
  EXPECT_EQ(file_content(scratch_ / "there.sqlite"), "something of somebody");
}

}  // namespace
}  // namespace haloedge
