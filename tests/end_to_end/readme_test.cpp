// Runs the commands of the README's section "Use", as they stand there.
#include <sstream>

#include <gtest/gtest.h>
#include <tiffio.h>

#include "pictures.hpp"
#include "program.hpp"

namespace haloedge {
namespace {

/// Returns the lines of the first shell block below a heading, without comments.
std::vector<std::string> commands_below(const std::string& heading) {
  std::istringstream readme(file_content(HALOEDGE_README));
  std::vector<std::string> commands;
  bool here = false;
  bool in_block = false;
  for (std::string line; std::getline(readme, line);) {
    if (line == heading) here = true;
    if (!here) continue;
    if (line == "```") break;
    if (in_block) commands.push_back(line.substr(0, line.find("  #")));
    if (line == "```sh") in_block = true;
  }
  return commands;
}

TEST(Readme, Commands) {
  const auto commands = commands_below("## Use");
  ASSERT_GE(commands.size(), 6U);
  const Scratch scratch;
  std::filesystem::create_directories(scratch / "build/bin");
  std::filesystem::create_directories(scratch / "demo");
  std::filesystem::create_symlink(haloedge_program(), scratch / "build/bin/haloedge");
  write_tiff(make_picture(900, 1100, 3), scratch / "demo/world.tif", TiffForm::tiles, COMPRESSION_LZW);
  for (const std::string& command : commands) {
    // The README says below the block how to set these variables: this machine may have few cores, and its user may be
    // root.
    const RunResult run = run_shell("cd " + scratch.folder().string() +
                                    "; export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_ALLOW_RUN_AS_ROOT=1"
                                    " OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; " +
                                    command);
    EXPECT_EQ(run.exit_code, 0) << command << '\n' << run.out << run.err;
  }
  EXPECT_TRUE(read_tiff(scratch / "edges.tif") == read_tiff(scratch / "again.tif"));
  EXPECT_TRUE(read_tiff(scratch / "edges.tif") == read_hdf5(scratch / "edges.h5", "edges"));
}

}  // namespace
}  // namespace haloedge
