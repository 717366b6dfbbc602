// Tests which backend is taken, what the program says about it, and the GPU's bytes where there is a GPU.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <tiffio.h>

#include "pictures.hpp"
#include "program.hpp"
#include "stream_frames.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

bool has_device() { return run_haloedge("info --devices").out.find("\ndevice 0 ") != std::string::npos; }

class EdgesBackend : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    write_tiff(make_picture(300, 200, 3), scratch_ / "in.tif", TiffForm::tiles, COMPRESSION_LZW);
  }

  RunResult run(const std::string& output, const std::string& options) {
    return run_haloedge(fmt::format("edges {0}/in.tif -o {0}/{1} --overwrite {2}", folder(), output, options),
                        {.ranks = GetParam()});
  }
  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }
  ScratchFolder scratch_;
};

TEST_P(EdgesBackend, SmallImage) {
  const std::string why = "the processor is expected to be at least as fast for this job";
  const RunResult result = run("out.tif", fmt::format("-v --report {}/r.json", folder()));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("backend cpu"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("no device: " + why), std::string::npos) << result.out;
  const auto report = nlohmann::json::parse(file_content(scratch_ / "r.json"));
  EXPECT_EQ(report.at("backend"), "cpu");
  EXPECT_NE(report.at("instruction_set"), "");
  EXPECT_EQ(report.at("no_device"), why);
  ASSERT_EQ(run("out.tif", fmt::format("--backend cpu --report {}/r.json", folder())).exit_code, 0);
  EXPECT_EQ(nlohmann::json::parse(file_content(scratch_ / "r.json")).at("no_device"), "") << "nobody asked for one";
}

TEST_P(EdgesBackend, SmallFrames) {
  write_video(make_video({.kind = "mono", .width = 160, .height = 120}, 3), scratch_ / "in.y4m");
  const RunResult result =
      run_haloedge(fmt::format("stream {0}/in.y4m -o {0}/out.y4m --policy all --report {0}/r.json", folder()),
                   {.ranks = GetParam()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto report = nlohmann::json::parse(file_content(scratch_ / "r.json"));
  EXPECT_EQ(report.at("backend"), has_device() ? "cuda" : "cpu");
  EXPECT_EQ(report.at("no_device").get<std::string>().empty(), has_device());
  EXPECT_EQ(report.at("no_device").get<std::string>().find("at least as fast"), std::string::npos);
}

TEST_P(EdgesBackend, CannyFrames) {
  write_video(make_video({.kind = "mono", .width = 160, .height = 120}, 3), scratch_ / "in.y4m");
  const RunResult result = run_haloedge(
      fmt::format("stream {0}/in.y4m -o {0}/out.y4m --policy all --operator canny --report {0}/r.json", folder()),
      {.ranks = GetParam()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto report = nlohmann::json::parse(file_content(scratch_ / "r.json"));
  EXPECT_EQ(report.at("backend"), "cpu");
  EXPECT_NE(report.at("no_device").get<std::string>().find("at least as fast"), std::string::npos);
}

TEST_P(EdgesBackend, NoDevice) {
  if (has_device()) GTEST_SKIP() << "there is a device";
  const RunResult result = run("out.tif", "--backend cuda");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("--backend cuda: "), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("use cpu, reference or auto instead"), std::string::npos) << result.err;
  EXPECT_EQ(scratch_.files(), std::vector<std::string>{"in.tif"});
}

TEST_P(EdgesBackend, CannyOnProcessor) {
  for (const std::string options : {"--sigma 1.4", "--low 70%", "--high auto", "--sigma 2, --low 5%, --high 10%"}) {
    std::string typed = "--operator canny " + options;
    std::erase(typed, ',');
    const std::string why = fmt::format("--operator canny with {} runs on the processor only", options);
    ASSERT_EQ(run("out.tif", fmt::format("{} --report {}/r.json", typed, folder())).exit_code, 0);
    const auto report = nlohmann::json::parse(file_content(scratch_ / "r.json"));
    EXPECT_EQ(report.at("backend"), "cpu");
    EXPECT_EQ(report.at("no_device"), why);
    const RunResult refused = run("cuda.tif", typed + " --backend cuda");
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_NE(refused.err.find("--backend cuda: " + why), std::string::npos) << refused.err;
  }
  EXPECT_EQ(scratch_.files(), (std::vector<std::string>{"in.tif", "out.tif", "r.json"}));
}

TEST_P(EdgesBackend, CannyOnDevice) {
  const RunResult result = run("out.tif", "--operator canny --low auto --backend cuda");
  if (has_device()) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
  } else {
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_NE(result.err.find("use cpu, reference or auto instead"), std::string::npos) << result.err;
  }
}

TEST_P(EdgesBackend, SameBytesOnDevice) {
  if (!has_device()) GTEST_SKIP() << "there is no device";
  for (const std::string options :
       {"", "--norm l1 --border wrap", "--operator scharr --type u16 --gray bt709", "--component direction --type f32",
        "--operator laplacian --border constant --tile 64", "--scale 0.37 --memory 600M --threads 3",
        "--operator canny --low 20 --high 60",
        "--operator canny --norm l2 --low auto --high 70.5 --tile 48 --gray mean"}) {
    ASSERT_EQ(run("cpu.tif", "--backend cpu " + options).exit_code, 0);
    const RunResult result = run("cuda.tif", fmt::format("--backend cuda {} --report {}/r.json", options, folder()));
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(nlohmann::json::parse(file_content(scratch_ / "r.json")).at("backend"), "cuda");
    EXPECT_TRUE(file_content(scratch_ / "cpu.tif") == file_content(scratch_ / "cuda.tif")) << options;
  }
}

TEST_P(EdgesBackend, SameFramesOnDevice) {
  if (!has_device()) GTEST_SKIP() << "there is no device";
  write_video(make_video({.kind = "420jpeg", .width = 322, .height = 181}, 12), scratch_ / "in.y4m");
  for (const std::string options : {"", "--norm l1 --operator scharr", "--operator canny --low 20 --high 60"}) {
    for (const std::string backend : {"cpu", "cuda"}) {
      const RunResult result = run_haloedge(
          fmt::format("stream {0}/in.y4m -o {0}/{1}.y4m --policy all --show edges --threads 3 --backend {1} "
                      "--overwrite --report {0}/r.json {2}",
                      folder(), backend, options),
          {.ranks = GetParam()});
      ASSERT_EQ(result.exit_code, 0) << result.err;
    }
    EXPECT_EQ(nlohmann::json::parse(file_content(scratch_ / "r.json")).at("backend"), "cuda");
    EXPECT_TRUE(file_content(scratch_ / "cpu.y4m") == file_content(scratch_ / "cuda.y4m")) << options;
  }
}

TEST_P(EdgesBackend, ListsDevices) {
  const RunResult result = run_haloedge("info --devices", {.ranks = GetParam()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const std::string word : {"CUDA", "driver", "device", "takes device pointers"}) {
    EXPECT_NE(result.out.find(word), std::string::npos) << result.out;
  }
  EXPECT_EQ(run_haloedge("info", {.ranks = GetParam()}).exit_code, 2);
}

INSTANTIATE_TEST_SUITE_P(Ranks, EdgesBackend, testing::Values(0, 3),
                         [](const auto& parameter) { return "ranks_" + std::to_string(parameter.param); });

}  // namespace
}  // namespace haloedge
