#include "core/system.hpp"

#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "core/buffer.hpp"
#include "core/file.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {
namespace {

TEST(FairThreads, Alone) { EXPECT_EQ(fair_threads({0, 1, 2}, {{0, 1, 2}}), 3); }

TEST(FairThreads, Unbound) {
  const std::vector<int> all{0, 1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(fair_threads(all, {all, all, all, all}), 2);
  EXPECT_EQ(fair_threads(all, {all, all, all}), 2);
}

TEST(FairThreads, Bound) { EXPECT_EQ(fair_threads({2, 3}, {{0, 1}, {2, 3}}), 2); }

TEST(FairThreads, TooManyRanks) { EXPECT_EQ(fair_threads({0, 1}, {{0, 1}, {0, 1}, {0, 1}, {0, 1}}), 1); }

/// A folder like /sys/fs/cgroup.
class ControlGroups : public testing::Test {
 protected:
  void add(const std::string& group, const std::string& limit, int use, const std::string& stat = "") const {
    std::filesystem::create_directories(root_ / group);
    const bool old = group.starts_with("memory");
    write_text_file(root_ / group / (old ? "memory.limit_in_bytes" : "memory.max"), limit + '\n');
    write_text_file(root_ / group / (old ? "memory.usage_in_bytes" : "memory.current"), std::to_string(use) + '\n');
    write_text_file(root_ / group / "memory.stat", stat);
  }
  [[nodiscard]] std::int64_t room(const std::string& groups) const { return control_group_room(root_ / "", groups); }
  static constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

 private:
  ScratchFolder root_;
};

TEST_F(ControlGroups, LeastOfAllAbove) {
  add("slurm", "max", 700);
  add("slurm/job_1", "1000", 600);
  add("slurm/job_1/step_0", "2000", 100);
  add("slurm/job_2", "10", 1);
  EXPECT_EQ(room("0::/slurm/job_1/step_0\n"), 400);
  EXPECT_EQ(room("0::/slurm/job_1/step_0/task:3\n"), 400) << "a group without limit files";
  EXPECT_EQ(room("0::/slurm\n"), no_limit);
  EXPECT_EQ(room("0::/\n"), no_limit);
  EXPECT_EQ(room(""), no_limit);
}

TEST_F(ControlGroups, Container) {
  add("", "500", 100);
  EXPECT_EQ(room("0::/path/of/the/host\n"), 400);
  EXPECT_EQ(room(""), 400);
}

TEST_F(ControlGroups, VersionOne) {
  add("memory", "9223372036854771712", 3);
  add("memory/job", "1000", 1200);
  add("memory/other", "1000", 700, "active_file 1\ntotal_inactive_file 50\ntotal_active_file 100\n");
  EXPECT_EQ(room("5:cpu,cpuacct:/x\n4:memory:/job\n0::/other\n"), 0);
  EXPECT_EQ(room("4:memory:/other\n"), 450) << "cached files can be dropped";
  EXPECT_GT(room("4:cpu:/job\n"), 1000);
}

TEST(Buffer, MovedFrom) {
  Buffer buffer(100);
  const Buffer other = std::move(buffer);
  EXPECT_EQ(other.span().size(), 100U);
  EXPECT_TRUE(buffer.span().empty());  // NOLINT: use after a move is what is tested
  EXPECT_EQ(buffer.size(), 0);         // NOLINT
}

TEST(System, Machine) {
  EXPECT_FALSE(allowed_cpus().empty());
  EXPECT_GT(available_memory(), 1 << 20);
  EXPECT_FALSE(host_name().empty());
}

TEST(System, PeakMemory) {
  constexpr std::int64_t bytes = std::int64_t{64} << 20;
  const std::int64_t before = peak_resident_bytes();
  const Buffer buffer(bytes);
  std::memset(buffer.data(), 1, static_cast<std::size_t>(bytes));
  EXPECT_GE(peak_resident_bytes(), before + bytes / 2);
}

}  // namespace
}  // namespace haloedge
