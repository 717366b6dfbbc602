#include "run/progress.hpp"

#include <gtest/gtest.h>

namespace haloedge {
namespace {

TEST(Progress, TimeLeft) {
  EXPECT_EQ(time_left_text(0, 100, 0.5), "time left not known yet");
  EXPECT_EQ(time_left_text(25, 75, 10), "30 s left");
  EXPECT_EQ(time_left_text(99, 1, 10), "1 s left");
  EXPECT_EQ(time_left_text(1, 99, 10), "16 min left");
  EXPECT_EQ(time_left_text(1, 9999, 10), "27.8 h left");
  EXPECT_EQ(time_left_text(100, 0, 10), "finishing");
}

TEST(Progress, RowLine) {
  const auto line = Progress::row_line(1000, 1'000'000);
  const std::string empty(30, ' ');
  EXPECT_EQ(line({}, 1), "[" + empty + "]   0 %  0 Mpx/s  time left not known yet");
  EXPECT_EQ(line({0, 500}, 10), "[###############               ]  50 %  50 Mpx/s  10 s left");
  // Rows of earlier runs are done, but say nothing about the rate.
  EXPECT_EQ(line({0, 500, 400}, 10), "[###############               ]  50 %  10 Mpx/s  50 s left");
  EXPECT_EQ(line({0, 999}, 10), "[############################# ]  99 %  100 Mpx/s  1 s left");
  EXPECT_LT(line({0, 999}, 1e-3).size(), 80U);
}

TEST(Progress, CutLine) {
  const std::string line = "1,234,567 of 2,345,678 images, 12.5 images/s; 5 min left";
  EXPECT_EQ(cut_line(line, line.size() - 1), "1,234,567 of 2,345,678 images, 12.5 images/s");
  EXPECT_EQ(cut_line(line, 40), "1,234,567 of 2,345,678 images");
  EXPECT_EQ(cut_line(line, 20), "1,234,567 of 2,345,6");
}

}  // namespace
}  // namespace haloedge
