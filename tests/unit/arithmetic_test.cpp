#include "kernels/arithmetic.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace haloedge {
namespace {

TEST(Arithmetic, RoundsUp) {
  static_assert(divide_up(0, 16) == 0 && divide_up(1, 16) == 1 && divide_up(16, 16) == 1 && divide_up(17, 16) == 2);
  static_assert(round_up(0, 16) == 0 && round_up(1, 16) == 16 && round_up(32, 16) == 32);
  EXPECT_EQ(divide_up(std::int64_t{1} << 40, 3), 366'503'875'926);
  EXPECT_EQ(round_up(std::int64_t{1} << 40, 3), 1'099'511'627'778);
}

}  // namespace
}  // namespace haloedge
