// Tests four hosts that reach each other by TCP only: the bytes are the same, and a folder that is not shared is
// recognised.
#include <fmt/format.h>

#include "hosts.hpp"

namespace haloedge {
namespace {

TEST_F(Hosts, SameBytes) {
  make_image(1000, 3000, "--tile 64");
  for (const auto& [nodes, ranks] : {std::pair{1, 2}, {2, 2}, {4, 4}, {4, 7}}) {
    for (const std::string options : {"--write parallel", "--write gather", "--compression deflate"}) {
      must("rm -f out.tif right.tif");
      must(fmt::format("{} edges in.tif -o right.tif -q --tile 64 {}", haloedge_program().string(), options));
      const RunResult run = edges({nodes, ranks}, fmt::format("{} -q --tile 64 {}", shared("out.tif"), options));
      EXPECT_EQ(run.exit_code, 0) << run.err;
      EXPECT_TRUE(file_content(shared("out.tif")) == file_content(shared("right.tif")))
          << nodes << " hosts, " << ranks << " ranks, " << options;
    }
  }
}

TEST_F(Hosts, MessageSizes) {
  make_image(3000, 3000);
  const RunResult run = edges({.options = "--export=ALL,LD_PRELOAD=" + message_watch().string()},
                              shared("out.tif") + " --write gather -q");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.err.find("message_watch: largest count "), std::string::npos) << run.err;
  EXPECT_EQ(run.err.find("has a count of"), std::string::npos) << run.err;
}

TEST_F(Hosts, FolderOfOneHost) {
  make_image(700, 2000);
  const std::string right = file_content(shared("expected.tif"));
  // Each host has its own /tmp.
  const RunResult refused = edges({}, "/tmp/out.tif --write parallel");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(
      refused.err.find("rank 1 on n2: /tmp/out.tif: --write parallel is not possible, because this host does not see"),
      std::string::npos)
      << refused.err;
  EXPECT_NE(refused.err.find("use --write gather"), std::string::npos) << refused.err;
  for (const std::string mode : {"gather", "auto"}) {
    const RunResult run = edges({}, "/tmp/out.tif -q --overwrite --write " + mode);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_TRUE(seen_by("n1", "/tmp/out.tif") == right) << mode;
    EXPECT_EQ(lab("on n2 ls -A /tmp").out.find("out.tif"), std::string::npos);
  }
  // The next run finds what a stopped run has left there, if its rank 0 is on the same host.
  const RunResult stopped = edges({.ranks = 4},
                                  "/tmp/late.tif -q --write gather --backend reference --threads 1 "
                                  "--type f32 --component direction --tile 16 --time-limit 1s");
  const RunResult resumed =
      edges({.ranks = 2}, "/tmp/late.tif -q --write gather --type f32 --component direction --tile 16 --resume");
  EXPECT_EQ(resumed.exit_code, 0) << stopped.err << resumed.err;
  must(fmt::format("{} edges in.tif -o late.tif -q --type f32 --component direction --tile 16",
                   haloedge_program().string()));
  EXPECT_TRUE(seen_by("n1", "/tmp/late.tif") == file_content(shared("late.tif")));
  const RunResult batch = run_shell(
      fmt::format("srun --mpi=pmix --nodes=2 {} batch {} -o /tmp/set", haloedge_program().string(), shared("in.tif")));
  EXPECT_EQ(batch.exit_code, 1);
  EXPECT_NE(batch.err.find("this host does not see the folder"), std::string::npos) << batch.err;
}

}  // namespace
}  // namespace haloedge
