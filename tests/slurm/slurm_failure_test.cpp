// Tests nodes that die during the work: their jobs go back into the queue by themselves, and the output is complete.
#include <fmt/format.h>

#include "cluster.hpp"
#include "sets.hpp"

namespace haloedge {
namespace {

class NodeFailure : public Cluster {
 protected:
  [[nodiscard]] std::unique_ptr<Job> start(const std::string& output, const std::string& nodes) const {
    return submit({"batch.sbatch", fmt::format("set {} --threads 1", output), fmt::format("--nodelist={}", nodes)});
  }
};

TEST_F(NodeFailure, Requeue) {
  const auto expected = make_set(200);
  set_delay(1000);
  // The job `first` loses the node of the job's script; `last` loses a node that has ranks only.
  const auto first = start("first", "n1,n2");
  const auto last = start("last", "n3,n4");
  ASSERT_TRUE(soon([&] { return made("first") > 0 && made("last") > 0; })) << first->log() << last->log();
  EXPECT_EQ(lab("kill n1").exit_code, 0);
  EXPECT_EQ(lab("kill n4").exit_code, 0);
  EXPECT_TRUE(soon([&] { return first->was_restarted() && last->was_restarted(); })) << first->log() << last->log();
  EXPECT_LT(made("first"), expected.size());
  EXPECT_LT(made("last"), expected.size());
  set_delay(0);
  EXPECT_EQ(lab("boot n1").exit_code, 0);
  EXPECT_EQ(lab("boot n4").exit_code, 0);
  for (const auto& [job, output] : {std::pair{&first, "first"}, {&last, "last"}}) {
    EXPECT_EQ((*job)->end(), "COMPLETED 0") << (*job)->log();
    EXPECT_EQ(difference(files_below(scratch_ / output), expected), "") << output;
    EXPECT_NE((*job)->log().find("done earlier"), std::string::npos) << (*job)->log();
  }
}

}  // namespace
}  // namespace haloedge
