#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {

/// An `edges` job on an image that takes about a second, for tests that disturb it.
class DisturbedEdges : public testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

  /// Returns the command line `edges IMAGE -o OUTPUT` with `options`, on a backend that is slow enough. The output is
  /// out.tif if `output` is empty.
  [[nodiscard]] std::string arguments(const std::string& options = "", const std::string& output = "") const;
  [[nodiscard]] std::string output() const { return (scratch_ / "out.tif").string(); }
  /// Returns the size in bytes of the journals of its runs.
  [[nodiscard]] std::int64_t journal_bytes() const;
  /// Returns the bytes of the output of a run that nothing disturbed.
  [[nodiscard]] static const std::string& expected(const std::string& options);
  /// Removes out.tif, its partial file and its run folder.
  void clear() const;
  /// Returns the names of all files in the output's folder.
  [[nodiscard]] std::vector<std::string> files() const { return scratch_.files(); }
  [[nodiscard]] static std::string image();
  /// Returns the path of a copy of the image, for tests that break the image.
  [[nodiscard]] static std::string copy_of_image();

  ScratchFolder scratch_;
};

}  // namespace haloedge
