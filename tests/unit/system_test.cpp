#include "core/system.hpp"

#include <cstring>

#include <gtest/gtest.h>

#include "core/buffer.hpp"

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
