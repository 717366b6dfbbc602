// Tests the pages of the repository: README.md and those of the folders. Each command of an "sh" block is run as it
// stands there. A block of commands that need a cluster, a camera or an hour is called "console" instead.
#include <algorithm>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>
#include <tiffio.h>

#include "pictures.hpp"
#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

const std::filesystem::path root = HALOEDGE_ROOT;

/// Names the page of a folder by the folder's path, src_sets.
std::string page_name(const testing::TestParamInfo<std::string>& page) {
  std::string name = std::filesystem::path(page.param).parent_path().string();
  std::ranges::replace(name, '/', '_');
  return name.empty() ? "front" : name;
}

class Readme : public testing::TestWithParam<std::string> {
 protected:
  std::vector<std::string> lines() const {
    std::istringstream page(file_content(root / GetParam()));
    std::vector<std::string> lines;
    for (std::string line; std::getline(page, line);) lines.push_back(line);
    EXPECT_FALSE(lines.empty()) << "there is no page " << GetParam();
    return lines;
  }

  /// Returns the command lines of the page's "sh" blocks. Lines that a backslash continues are joined.
  std::vector<std::string> commands() const {
    std::vector<std::string> commands;
    bool in_block = false;
    bool continued = false;
    for (const std::string& line : lines()) {
      if (line.starts_with("```")) {
        in_block = line == "```sh";
      } else if (in_block) {
        if (!continued) commands.emplace_back();
        commands.back() += line;
        continued = line.ends_with('\\');
        if (continued) commands.back().pop_back();
      }
    }
    return commands;
  }
};

TEST_P(Readme, Commands) {
  const ScratchFolder scratch;
  std::filesystem::create_directories(scratch / "build/bin");
  std::filesystem::create_directories(scratch / "demo");
  std::filesystem::create_symlink(haloedge_program(), scratch / "build/bin/haloedge");
  std::filesystem::create_symlink(root / "scripts", scratch / "scripts");
  write_tiff(make_picture(900, 1100, 3), scratch / "demo/world.tif", TiffForm::tiles, COMPRESSION_LZW);
  for (const std::string& command : commands()) {
    // This machine may have fewer cores than the command has ranks.
    const RunResult run =
        run_shell("cd " + scratch.path().string() + "; export OMPI_MCA_rmaps_base_oversubscribe=1; " + command);
    EXPECT_EQ(run.exit_code, 0) << command << '\n' << run.out << run.err;
  }
}

TEST_P(Readme, Width) {
  const auto columns = [](const std::string& line) {
    return std::ranges::count_if(line, [](char byte) { return (byte & 0xC0) != 0x80; });  // characters of UTF-8
  };
  for (const std::string& line : lines()) EXPECT_LE(columns(line), 120) << line;
}

TEST_P(Readme, Links) {
  const std::regex link(R"(\]\(([^)#:]+)(#[^)]*)?\))");
  for (const std::string& line : lines()) {
    for (std::sregex_iterator match(line.begin(), line.end(), link), end; match != end; ++match) {
      const std::filesystem::path target = (root / GetParam()).parent_path() / (*match)[1].str();
      EXPECT_TRUE(exists(target)) << line;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Pages, Readme,
                         testing::Values("README.md", "kernels/README.md", "scripts/packaging/README.md",
                                         "slurm/README.md", "src/README.md", "src/edges/README.md",
                                         "src/plan/README.md", "src/sets/README.md", "src/stream/README.md",
                                         "tests/bench/README.md"),
                         page_name);

TEST(Readme, FrontPage) {
  const std::string page = file_content(root / "README.md");
  EXPECT_LE(std::ranges::count(page, '\n'), 150);
}

}  // namespace
}  // namespace haloedge
