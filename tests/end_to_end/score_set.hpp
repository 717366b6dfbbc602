#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {

/// A set of images that takes `score` some seconds, for tests that disturb it.
class ScoredSet : public testing::Test {
 protected:
  static constexpr std::int64_t images = 450;

  static void SetUpTestSuite();
  static void TearDownTestSuite();

  [[nodiscard]] std::filesystem::path table() const { return scratch_ / "s.sqlite"; }
  /// Returns the command line `score SET -o TABLE`, with one thread for each rank.
  [[nodiscard]] static std::string arguments(const std::filesystem::path& table);
  /// Returns the rows of a run that nothing disturbed. One row is that of a broken image and contains an error.
  [[nodiscard]] static const std::map<std::string, std::string>& expected();

  ScratchFolder scratch_;

 private:
  static ScratchFolder* set_files;
};

}  // namespace haloedge
