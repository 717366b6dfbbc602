#pragma once

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {

/// A set of many images that takes `batch` and `hash` about a second, for tests that disturb them.
class DisturbedSet : public testing::Test {
 protected:
  static constexpr int count = 1200;

  static void SetUpTestSuite();
  static void TearDownTestSuite();

  [[nodiscard]] std::string folder() const { return scratch_.path().string(); }
  [[nodiscard]] static std::string set() { return set_files->path().string() + "/set"; }

  /// Returns the output of a command: the folder out for `batch`, the table out.csv for `hash`.
  [[nodiscard]] std::string output(const std::string& command) const;
  /// Returns the command line `COMMAND SET -o OUTPUT`.
  [[nodiscard]] std::string arguments(const std::string& command) const;
  /// Returns the folder that contains the command's journals.
  [[nodiscard]] std::filesystem::path run_folder(const std::string& command) const;
  /// Returns the size in bytes of the command's journals.
  [[nodiscard]] std::int64_t journal_bytes(const std::string& command) const;
  /// Returns the contents of all outputs that have their final names by now.
  [[nodiscard]] std::map<std::string, std::string> made(const std::string& command) const;
  /// Returns the same of a run that nothing disturbed.
  [[nodiscard]] static const std::map<std::string, std::string>& expected(const std::string& command);
  /// Returns the names of outputs that are incomplete or should not be there; empty if all is right. Missing outputs
  /// are not wrong.
  [[nodiscard]] std::string wrong(const std::string& command) const;

  ScratchFolder scratch_;

 private:
  static ScratchFolder* set_files;
};

}  // namespace haloedge
