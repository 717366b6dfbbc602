// Tests two hosts joined by a slow link: halo rows travel while the interior is filtered. One test interrupts the link.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "hosts.hpp"

namespace haloedge {
namespace {

namespace fs = std::filesystem;

TEST_F(Hosts, HaloOverlap) {
  make_image(4000, 6000);
  const RunResult run = edges(
      {}, fmt::format("{} -q --backend reference --threads 1 --trace {}", shared("out.tif"), shared("trace.json")));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_TRUE(file_content(shared("out.tif")) == file_content(shared("expected.tif")));
  std::ifstream file(shared("trace.json"));
  const nlohmann::json trace = nlohmann::json::parse(file);
  const double way = std::stod(std::getenv("LAB_DELAY"));  // in microseconds, like the times in the trace
  for (int rank = 0; rank < 2; ++rank) {
    double halo = 0;
    double work = 0;
    int exchanges = 0;
    for (const auto& event : trace.at("traceEvents")) {
      if (event.at("pid") != rank || event.at("ph") != "X") continue;
      const bool is_halo = event.at("name") == "halo";
      (is_halo ? halo : work) += event.at("dur").get<double>();
      exchanges += is_halo ? 1 : 0;
    }
    EXPECT_EQ(exchanges, 1) << "of rank " << rank;
    EXPECT_LT(halo, way / 2) << "rank " << rank << " waits for rows that could be there";
    EXPECT_GT(work, 4 * way) << "there is not enough to hide it behind";
    fmt::print("rank {}: {:.0f} us of waiting for halo rows, {:.0f} us one way, {:.0f} ms of work\n", rank, halo, way,
               work / 1000);
  }
}

TEST_F(Hosts, LinkDown) {
  const std::string options = "--tile 64 --compression deflate";
  make_image(3000, 9000, options);
  const auto job = submit({"edges.sbatch", fmt::format("in.tif out.tif {} --backend reference --threads 1", options),
                           "--nodes=2 --ntasks-per-node=1"});
  const std::string journal = shared(".out.tif.run/journal-1-1");
  ASSERT_TRUE(soon([&] { return file_content(journal).size() > 4000; })) << job->log();
  ASSERT_EQ(lab("on n2 ip link set eth0 down").exit_code, 0);
  EXPECT_TRUE(soon([&] { return job->was_restarted(); })) << job->log();
  EXPECT_FALSE(fs::exists(shared("out.tif")));
  EXPECT_GT(file_content(journal).size(), 3000U) << "what was done before is kept";
  ASSERT_EQ(lab("on n2 ip link set eth0 up").exit_code, 0);
  EXPECT_EQ(job->end(), "COMPLETED 0") << job->log();
  EXPECT_NE(job->log().find("rows were done before"), std::string::npos) << job->log();
  EXPECT_TRUE(file_content(shared("out.tif")) == file_content(shared("expected.tif")));
}

}  // namespace
}  // namespace haloedge
