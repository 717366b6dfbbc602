#pragma once

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "program.hpp"

namespace haloedge {

/// A set of many images that takes `batch` and `hash` about a second, for tests that disturb them.
class DisturbedSet : public testing::Test {
 protected:
  static constexpr int count = 1200;

  static void SetUpTestSuite();
  static void TearDownTestSuite();

  [[nodiscard]] std::string folder() const { return scratch_.folder().string(); }
  [[nodiscard]] static std::string set() { return set_files->folder().string() + "/set"; }

  /// The output of a command, out/ or out.csv.
  [[nodiscard]] std::string output(const std::string& command) const;
  /// `COMMAND SET -o OUTPUT`
  [[nodiscard]] std::string arguments(const std::string& command) const;
  /// Where its journals are.
  [[nodiscard]] std::filesystem::path run_folder(const std::string& command) const;
  /// What its journals hold, in bytes.
  [[nodiscard]] std::int64_t journal_bytes(const std::string& command) const;
  /// All that it has put under final names by now.
  [[nodiscard]] std::map<std::string, std::string> made(const std::string& command) const;
  /// The same of a run that nothing disturbed.
  [[nodiscard]] static const std::map<std::string, std::string>& expected(const std::string& command);
  /// Without what belongs to `expected()`: what is half done, or should not be there. Empty if all is right.
  [[nodiscard]] std::string wrong(const std::string& command) const;

  Scratch scratch_;

 private:
  static Scratch* set_files;
};

}  // namespace haloedge
