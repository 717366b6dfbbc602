#include <algorithm>
#include <cstdint>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "run/resources.hpp"

namespace haloedge {
namespace {

using Names = std::vector<std::string>;
using Visible = std::vector<Names>;

TEST(AssignDevices, EqualLists) {
  EXPECT_EQ(assign_devices(Visible(4, {"a", "b", "c", "d"})), (Names{"a", "b", "c", "d"}));
  EXPECT_EQ(assign_devices(Visible(2, {"b", "a", "c"})), (Names{"b", "a"}));
  EXPECT_EQ(assign_devices(Visible(3, {"a"})), (Names{"a", "a", "a"}));
}

TEST(AssignDevices, MoreRanks) {
  EXPECT_EQ(assign_devices(Visible(5, {"a", "b"})), (Names{"a", "b", "a", "b", "a"}));
  for (const std::size_t devices : {1U, 2U, 3U, 8U}) {
    Names names;
    for (std::size_t i = 0; i < devices; ++i) names.push_back(std::to_string(i));
    const Names assigned = assign_devices(Visible(20, names));
    for (std::size_t rank = 0; rank < 20; ++rank) EXPECT_EQ(assigned[rank], names[rank % devices]);
  }
}

TEST(AssignDevices, OwnDevices) {
  EXPECT_EQ(assign_devices({{"c"}, {"a"}, {"b"}}), (Names{"c", "a", "b"}));
  // If devices were assigned by their numbers, all ranks would share "a" and "c".
  EXPECT_EQ(assign_devices({{"a", "b"}, {"c", "d"}, {"a", "b"}, {"c", "d"}}), (Names{"a", "c", "b", "d"}));
}

TEST(AssignDevices, LessChoice) {
  EXPECT_EQ(assign_devices({{"a", "b", "c"}, {"a", "b"}, {"a"}}), (Names{"c", "b", "a"}));
  EXPECT_EQ(assign_devices({{"a"}, {"a", "b"}, {"a", "b", "c"}}), (Names{"a", "b", "c"}));
}

TEST(AssignDevices, PartialOverlap) {
  EXPECT_EQ(assign_devices({{"a", "b"}, {"b", "c"}, {"a"}}), (Names{"b", "c", "a"}));
  EXPECT_EQ(assign_devices({{"a", "b"}, {"b", "c"}, {"c", "d"}, {"a"}}), (Names{"b", "c", "d", "a"}));
}

TEST(AssignDevices, NoDevice) {
  EXPECT_EQ(assign_devices({{"a", "b"}, {}, {"a", "b"}}), (Names{"a", "", "b"}));
  EXPECT_EQ(assign_devices({{}, {}}), (Names{"", ""}));
  EXPECT_EQ(assign_devices({}), Names{});
}

/// Returns the numbers of ranks on each device, largest first. The most even assignment is the one with the smallest
/// numbers in lexicographic order.
std::vector<std::int64_t> loads(const Names& assigned) {
  std::map<std::string, std::int64_t> counts;
  for (const std::string& device : assigned) counts[device] += device.empty() ? 0 : 1;
  std::vector<std::int64_t> sorted;
  for (const auto& [device, count] : counts) sorted.push_back(count);
  std::sort(sorted.rbegin(), sorted.rend());
  return sorted;
}

/// Returns the most even loads among all assignments of the ranks from `rank` on.
std::vector<std::int64_t> most_even_loads(const Visible& visible, Names& assigned, std::size_t rank = 0) {
  if (rank == visible.size()) return loads(assigned);
  if (visible[rank].empty()) return most_even_loads(visible, assigned, rank + 1);
  std::vector<std::int64_t> best{INT64_MAX};
  for (const std::string& device : visible[rank]) {
    assigned[rank] = device;
    best = std::min(best, most_even_loads(visible, assigned, rank + 1));
  }
  return best;
}

TEST(AssignDevices, MostEven) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    Visible visible(1 + random() % 6);
    const std::size_t devices = 1 + random() % 4;
    for (Names& names : visible) {
      for (std::size_t i = 0; i < devices; ++i) {
        if (random() % 2 == 0) names.push_back(std::to_string(i));
      }
      std::shuffle(names.begin(), names.end(), random);
    }
    const Names assigned = assign_devices(visible);
    ASSERT_EQ(assigned.size(), visible.size());
    for (std::size_t rank = 0; rank < visible.size(); ++rank) {
      const Names& seen = visible[rank];
      EXPECT_TRUE(seen.empty() ? assigned[rank].empty() : std::count(seen.begin(), seen.end(), assigned[rank]) == 1);
    }
    Names any(visible.size());
    ASSERT_EQ(loads(assigned), most_even_loads(visible, any)) << "round " << round;
  }
}

}  // namespace
}  // namespace haloedge
