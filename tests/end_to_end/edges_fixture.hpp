#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "program.hpp"

namespace haloedge {

/// An `edges` job on an image that takes about a second, for tests that disturb it.
class DisturbedEdges : public testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

  /// `edges IMAGE -o OUTPUT` and `options`, slow enough; out.tif if no other output is given.
  [[nodiscard]] std::string arguments(const std::string& options = "", const std::string& output = "") const;
  [[nodiscard]] std::string output() const { return (scratch_ / "out.tif").string(); }
  /// What the journals of its runs hold, in bytes.
  [[nodiscard]] std::int64_t journal_bytes() const;
  /// The output of a run that nothing disturbed.
  [[nodiscard]] static const std::string& expected(const std::string& options);
  /// Removes the output and what is beside it.
  void clear() const;
  /// The names of all files beside the image.
  [[nodiscard]] std::vector<std::string> files() const { return scratch_.files(); }
  [[nodiscard]] static std::string image();
  /// The image once more, for tests that break it.
  [[nodiscard]] static std::string copy_of_image();

  Scratch scratch_;
};

}  // namespace haloedge
