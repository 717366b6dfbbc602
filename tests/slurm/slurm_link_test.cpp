// Tests a job over slow cables (lab.sh --link): messages take longer, and the bytes are the same.
#include <cstdlib>

#include <fmt/format.h>

#include "cluster.hpp"
#include "sets.hpp"

namespace haloedge {
namespace {

using SlowLink = Cluster;

TEST_F(SlowLink, SameBytes) {
  const auto expected = make_set(20);
  const auto job = submit({"batch.sbatch", "set out"});
  EXPECT_EQ(job->end(), "COMPLETED 0") << job->log();
  EXPECT_EQ(difference(files_below(scratch_ / "out"), expected), "");
}

/// Returns a number that lab.sh puts into the environment.
double number(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? 0 : std::stod(text);
}

TEST_F(SlowLink, Duration) {
  const double delay = number("LAB_DELAY") * 1e-6;
  const double rate = number("LAB_RATE") * 1e6 / 8;
  // Each connection goes to the controller's port and back; the first one also looks up addresses.
  const RunResult connected = lab("on n1 bash -c 'for i in 1 2; do exec 3<>/dev/tcp/login/6817; done'");
  EXPECT_EQ(connected.exit_code, 0) << connected.err;
  EXPECT_GE(connected.seconds, 4 * delay);
  constexpr double bytes = 4e6;
  const RunResult sent =
      run_shell(fmt::format("head -c {:.0f} /dev/urandom >{} && srun "
                            "--nodelist=n2 cat {} | wc -c",
                            bytes, shared("big"), shared("big")));
  EXPECT_EQ(std::stod(sent.out), bytes) << sent.err;
  EXPECT_GE(sent.seconds, bytes / rate);
}

}  // namespace
}  // namespace haloedge
