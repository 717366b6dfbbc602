// Tests that Canny's edges of one image are those of a flood over the whole image, for any number of ranks.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <tiffio.h>

#include "kernels/edge_map.hpp"
#include "kernels/reference/reference.hpp"
#include "pictures.hpp"
#include "program.hpp"
#include "support/scratch_folder.hpp"
#include "victim.hpp"

namespace haloedge {
namespace {

Picture black(std::int64_t width, std::int64_t height) {
  return {width, height, kernels::SampleType::u8, 1, std::vector<std::byte>(static_cast<std::size_t>(width * height))};
}

void fill(Picture& picture, std::int64_t x, std::int64_t y, std::int64_t width, std::int64_t height, int value) {
  for (std::int64_t row = y; row < y + height; ++row) {
    std::fill_n(picture.samples.begin() + row * picture.width + x, width, static_cast<std::byte>(value));
  }
}

/// Draws a weak line that winds inwards through all rows, bright at its outer end only.
Picture spiral() {
  Picture picture = black(260, 250);
  constexpr std::int64_t step = 12;
  std::int64_t left = 6;
  std::int64_t top = 6;
  std::int64_t right = 250;
  std::int64_t bottom = 240;
  for (; right - left > 2 * step && bottom - top > 2 * step; left += step, top += step, right -= step, bottom -= step) {
    fill(picture, left - (left > 6 ? step : 0), top, right - left + (left > 6 ? step : 0) + 3, 3, 40);
    fill(picture, right, top, 3, bottom - top + 3, 40);
    fill(picture, left, bottom, right - left, 3, 40);
    fill(picture, left, top + step, 3, bottom - top - step, 40);
  }
  fill(picture, 6, 6, 3, 3, 250);
  return picture;
}

/// Draws weak teeth that only the last rows join; one of them is bright at its upper end.
Picture comb() {
  Picture picture = black(200, 260);
  for (std::int64_t x = 4; x < 190; x += 10) fill(picture, x, 5, 4, 250, 30);
  fill(picture, 4, 252, 190, 4, 30);
  fill(picture, 4, 5, 4, 3, 255);
  return picture;
}

/// Draws steps down a diagonal, which are faint except at its upper end. Edges touch at corners, also at those of tiles
/// and ranks.
Picture staircase() {
  Picture picture = black(256, 256);
  for (std::int64_t i = 1; i < 250; ++i) fill(picture, 0, i + 3, i, 1, i < 17 ? 200 : 20);
  return picture;
}

/// Draws a weak cross whose only bright pixels are where four tiles meet.
Picture crossing() {
  Picture picture = black(160, 160);
  fill(picture, 0, 63, 160, 2, 30);
  fill(picture, 63, 0, 2, 160, 30);
  fill(picture, 62, 62, 4, 4, 255);
  return picture;
}

Picture noise() {
  Picture picture = black(300, 333);
  unsigned state = 7;
  for (std::byte& sample : picture.samples) {
    state = state * 1664525U + 1013904223U;
    sample = static_cast<std::byte>(state >> 24);
  }
  return picture;
}

struct Case {
  std::string name;
  Picture picture;
  std::string options;
  kernels::CannyFilter filter;
  double sigma = 0;
};

const std::vector<Case>& cases() {
  using kernels::canny_filter;
  using kernels::Norm;
  static const std::vector<Case> all{
      {"spiral", spiral(), "--low 20 --high 500", canny_filter(Norm::l1, 20, 500)},
      {"comb", comb(), "--low 20 --high 500 --norm l2", canny_filter(Norm::l2, 20, 500)},
      {"staircase", staircase(), "--low 20 --high 700", canny_filter(Norm::l1, 20, 700)},
      {"crossing", crossing(), "--low 20 --high 500", canny_filter(Norm::l1, 20, 500)},
      {"noise", noise(), "--low 350 --high 1100", canny_filter(Norm::l1, 350, 1100)},
      {"picture", make_picture(517, 403, 3), "", canny_filter(Norm::l1, 100, 200)},
      {"blurred", make_picture(517, 403, 3), "--low 12.5 --high 61 --sigma 1.4 --norm l2",
       canny_filter(Norm::l2, 12.5, 61), 1.4},
      {"very_blurred", make_picture(130, 170, 3), "--low 2 --high 6 --sigma 9", canny_filter(Norm::l1, 2, 6), 9},
      {"one_row", make_picture(300, 1, 3), "--low 5 --high 90", canny_filter(Norm::l1, 5, 90)},
      {"one_column", make_picture(1, 300, 1), "--low 5 --high 90", canny_filter(Norm::l1, 5, 90)},
      {"one_row_over", make_picture(99, 49, 1), "--low 5 --high 90 --sigma 0.6", canny_filter(Norm::l1, 5, 90), 0.6}};
  return all;
}

/// Returns the edges that the reference kernels and a flood over the whole image find.
Picture expected_edges(const Picture& picture, const kernels::CannyFilter& filter, double sigma) {
  const auto reference = kernels::make_backend(kernels::HostBackend::reference);
  Picture edges = black(picture.width, picture.height);
  const kernels::BorderedPlane gray =
      kernels::canny_gray(*reference, picture.view(), kernels::Gray::bt601, kernels::fixed_gaussian(sigma));
  const kernels::Plane out{edges.samples.data(), edges.width, edges.width, edges.height, edges.type};
  reference->candidates(filter, gray.rows(kernels::canny_radius), 0, {true, true, true, true}, out);
  kernels::reference::flood_edges(out);
  return edges;
}

std::int64_t count_edges(const Picture& picture) {
  return std::count(picture.samples.begin(), picture.samples.end(), std::byte{255});
}

class Canny : public testing::TestWithParam<int> {
 protected:
  [[nodiscard]] RunResult edges(const std::string& arguments) const {
    return run_haloedge(fmt::format("edges {0}/in.tif -o {0}/out.tif --overwrite -q --operator canny {1}",
                                    scratch_.path().string(), arguments),
                        {.ranks = GetParam()});
  }

  const ScratchFolder scratch_;
};

INSTANTIATE_TEST_SUITE_P(Ranks, Canny, testing::Values(0, 1, 2, 3, 4, 5, 6, 7, 8),
                         [](const auto& parameter) { return "ranks_" + std::to_string(parameter.param); });

TEST_P(Canny, HardImages) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    write_tiff(c.picture, scratch_ / "in.tif", TiffForm::strips, COMPRESSION_NONE);
    const Picture right = expected_edges(c.picture, c.filter, c.sigma);
    EXPECT_GT(count_edges(right), 0);
    for (const char* how : {"--tile 16", "--tile 64 --write gather --compression deflate"}) {
      const RunResult run = edges(c.options + ' ' + how);
      ASSERT_EQ(run.exit_code, 0) << run.err;
      EXPECT_TRUE(read_tiff(scratch_ / "out.tif") == right) << how;
    }
  }
}

TEST_P(Canny, AutomaticThresholds) {
  const Picture picture = make_picture(517, 403, 3);
  write_png(picture, scratch_ / "in.tif");  // a PNG, decoded from its top: ranks send rows to each other, twice
  const auto reference = kernels::make_backend(kernels::HostBackend::reference);
  const kernels::BorderedPlane gray = kernels::canny_gray(*reference, picture.view(), kernels::Gray::bt601, {});
  kernels::MagnitudeCounts counts(kernels::magnitude_bins);
  kernels::count_magnitudes(kernels::Norm::l1, gray.rows(kernels::stencil_radius), 0, picture.width, picture.height,
                            counts);
  const double otsu = kernels::otsu_threshold(counts);
  ASSERT_GT(otsu, 0);
  RunResult run = edges("--low auto --high auto");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_TRUE(read_tiff(scratch_ / "out.tif") ==
              expected_edges(picture, kernels::canny_filter(kernels::Norm::l1, otsu / 2, otsu), 0));
  run = edges(fmt::format("--low 70% --high 90% --report {}", (scratch_ / "report.json").string()));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_TRUE(read_tiff(scratch_ / "out.tif") ==
              expected_edges(picture,
                             kernels::canny_filter(kernels::Norm::l1, kernels::magnitude_quantile(counts, 0.3),
                                                   kernels::magnitude_quantile(counts, 0.1)),
                             0));
  const auto report = nlohmann::json::parse(file_content(scratch_ / "report.json"));
  EXPECT_EQ(report.at("canny").at("high"), kernels::magnitude_quantile(counts, 0.1));
}

class CannyAlone : public testing::Test {
 protected:
  const ScratchFolder scratch_;
  [[nodiscard]] std::string command(const std::string& options) const {
    return fmt::format("edges {0}/in.tif -o {0}/out.tif -q --operator canny {1}", scratch_.path().string(), options);
  }
};

TEST_F(CannyAlone, CandidatesOnDisk) {
  const Picture picture = make_picture(6000, 5000, 1);
  write_tiff(picture, scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_NONE);
  const std::string little = command("--backend cpu --threads 1 --tile 512 --memory 69M --overwrite");
  for (const int ranks : {0, 2}) {
    const RunResult run = run_haloedge(little, {.ranks = ranks});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_TRUE(read_tiff(scratch_ / "out.tif") ==
                expected_edges(picture, kernels::canny_filter(kernels::Norm::l1, 100, 200), 0));
  }
  const RunResult nowhere = run_shell("TMPDIR=/nonexistent " + haloedge_command(little, 0));
  EXPECT_EQ(nowhere.exit_code, 1) << "they were not on the disk";
  EXPECT_NE(nowhere.err.find("set TMPDIR to a folder"), std::string::npos) << nowhere.err;
}

TEST_F(CannyAlone, Stop) {
  write_tiff(make_picture(2000, 6000, 3), scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_ADOBE_DEFLATE);
  const std::string slow = command("--backend reference --threads 1 --tile 64");
  for (const int ranks : {0, 3}) {
    Victim victim(slow, ranks);
    while (victim.runs() && !std::filesystem::exists(scratch_ / ".out.tif.partial")) {
    }
    ::kill(victim.ranks().at(0), SIGTERM);
    const RunResult stopped = victim.wait();
    EXPECT_EQ(stopped.exit_code, 1) << "only a job that can be continued is to be queued again";
    EXPECT_NE(stopped.err.find("Canny's edges cannot be continued"), std::string::npos) << stopped.err;
    EXPECT_EQ(scratch_.files(), std::vector<std::string>{"in.tif"});
  }
  EXPECT_EQ(run_haloedge(command("--resume"), {.ranks = 2}).exit_code, 0);
}

TEST_F(CannyAlone, TimeLimit) {
  write_tiff(make_picture(3000, 3000, 1), scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_NONE);
  const std::string slow = " --backend reference --threads 1 --sigma 20 --time-limit 1s --high auto";
  const RunResult stopped = run_haloedge(
      fmt::format("edges {0}/in.tif -o {0}/out.h5:/e -q --operator canny", scratch_.path().string()) + slow,
      {.ranks = 2});
  EXPECT_EQ(stopped.exit_code, 1) << stopped.err;
  EXPECT_NE(stopped.err.find("Canny's edges cannot be continued"), std::string::npos) << stopped.err;
  EXPECT_TRUE(is_sanitized || stopped.seconds < 20);
  const RunResult of_set = run_haloedge(
      fmt::format("batch {0}/in.tif -o {0}/edges -q --operator canny --memory 90M", scratch_.path().string()) + slow);
  EXPECT_EQ(of_set.exit_code, 75) << of_set.err;
  EXPECT_TRUE(is_sanitized || of_set.seconds < 20);
}

TEST_F(CannyAlone, RefusedOptions) {
  write_tiff(make_picture(40, 40, 1, kernels::SampleType::u16), scratch_ / "in.tif", TiffForm::strips,
             COMPRESSION_NONE);
  const RunResult deep = run_haloedge(command(""));
  EXPECT_EQ(deep.exit_code, 1);
  EXPECT_NE(deep.err.find("8-bit"), std::string::npos) << deep.err;
  for (const char* options :
       {"--low 300", "--low 90% --high 80%", "--low -1", "--high 120%", "--low much", "--type u16", "--component x",
        "--scale 2", "--border wrap", "--sigma 21", "--backend cuda --sigma 1"}) {
    const RunResult run = run_haloedge(command(options));
    EXPECT_EQ(run.exit_code, 2) << options << ": " << run.err;
    EXPECT_NE(run.err, "") << options;
  }
  const RunResult sobel = run_haloedge(fmt::format("edges {0}/in.tif -o {0}/o.tif --low 3", scratch_.path().string()));
  EXPECT_EQ(sobel.exit_code, 2);
  EXPECT_NE(sobel.err.find("of --operator canny"), std::string::npos) << sobel.err;
}

TEST_F(CannyAlone, SameEdgesAsBatch) {
  std::filesystem::create_directory(scratch_ / "photos");
  const Picture small = make_picture(300, 200, 3);
  const Picture other = make_picture(90, 411, 3);
  write_png(small, scratch_ / "photos/small.png");
  write_tiff(other, scratch_ / "photos/other.tif", TiffForm::strips, COMPRESSION_LZW);
  for (const char* options :
       {"--low 30 --high 120 --norm l2 --sigma 2", "--low auto --high auto --sigma 2 --norm l2"}) {
    const RunResult run = run_haloedge(fmt::format("batch {0}/photos -o {0}/edges --operator canny -q --overwrite {1}",
                                                   scratch_.path().string(), options),
                                       {.ranks = 2});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    for (const auto& [picture, name] : {std::pair{small, "small.png"}, {other, "other.png"}}) {
      kernels::CannyFilter filter = kernels::canny_filter(kernels::Norm::l2, 30, 120);
      if (std::string(options).starts_with("--low auto")) {
        const auto reference = kernels::make_backend(kernels::HostBackend::reference);
        const kernels::BorderedPlane gray =
            kernels::canny_gray(*reference, picture.view(), kernels::Gray::bt601, kernels::fixed_gaussian(2));
        kernels::MagnitudeCounts counts(kernels::magnitude_bins);
        kernels::count_magnitudes(kernels::Norm::l2, gray.rows(1), 0, picture.width, picture.height, counts);
        const double otsu = kernels::otsu_threshold(counts);
        filter = kernels::canny_filter(kernels::Norm::l2, otsu / 2, otsu);
      }
      EXPECT_TRUE(read_png(scratch_ / (std::string("edges/") + name)) == expected_edges(picture, filter, 2)) << name;
    }
  }
}

}  // namespace
}  // namespace haloedge
