#pragma once

#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "job.hpp"
#include "program.hpp"
#include "support/scratch_folder.hpp"

namespace haloedge {

/// Tests that run on the login host of a lab (lab.sh).
class Cluster : public testing::Test {
 protected:
  Cluster();
  void SetUp() override;

  /// A path on the file system that all nodes share.
  [[nodiscard]] std::string shared(const std::string& name) const { return (scratch_ / name).string(); }
  /// Submits a job with the program. Each of its ranks writes the GPUs that it sees to the file ranks.log.
  [[nodiscard]] std::unique_ptr<Job> submit(const Submission& submission) const;
  /// Runs a command in the shared folder. It must succeed.
  void must(const std::string& command) const;
  /// Runs `lab.sh ARGUMENTS`.
  [[nodiscard]] static RunResult lab(const std::string& arguments);
  /// From now on, opening a JPEG takes a rank this much longer.
  void set_delay(int milliseconds) const;
  /// Makes the folder set/ with JPEGs. Returns the files that `batch` makes of it on the login host.
  [[nodiscard]] std::map<std::string, std::string> make_set(int count) const;
  /// Returns the number of edge maps of the set that are in a folder by now.
  [[nodiscard]] std::size_t made(const std::string& folder) const;

  ScratchFolder scratch_;
};

}  // namespace haloedge
