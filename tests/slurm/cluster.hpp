#pragma once

#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "job.hpp"
#include "program.hpp"

namespace haloedge {

/// Tests that run on the login host of a lab (lab.sh).
class Cluster : public testing::Test {
 protected:
  Cluster();
  void SetUp() override;

  /// A path on the file system that all nodes share.
  [[nodiscard]] std::string shared(const std::string& name) const { return (scratch_ / name).string(); }
  /// Submits with the program, which writes into the file ranks.log what GPUs each of its ranks sees.
  [[nodiscard]] std::unique_ptr<Job> submit(const Submission& submission) const;
  /// Runs a command, which must succeed, in the shared folder.
  void must(const std::string& command) const;
  /// Runs `lab.sh ARGUMENTS`.
  [[nodiscard]] static RunResult lab(const std::string& arguments);
  /// From now on, opening a JPEG takes a rank so long.
  void set_delay(int milliseconds) const;
  /// Makes set/, of JPEGs, and returns what `batch` makes of it here.
  [[nodiscard]] std::map<std::string, std::string> make_set(int count) const;
  /// How many edge maps of the set are in a folder by now.
  [[nodiscard]] std::size_t made(const std::string& folder) const;

  Scratch scratch_;
};

}  // namespace haloedge
