#pragma once

#include <filesystem>
#include <string>

#include "core/file.hpp"

namespace haloedge {

/// The folder in which runs that make the same output keep their journals, and a file that tells what they do. Held by
/// rank 0, and by one program at a time.
class RunFolder {
 public:
  /// Makes the folder for a new run, or with `resume` goes on with the one there, which must have the same
  /// `description`; with `overwrite` forgets the one there. Throws Error if there is one and neither is given, or if
  /// another program is at work in it; UsageError for another description.
  RunFolder(std::filesystem::path folder, const std::string& description, bool resume, bool overwrite);

  /// A number that no earlier run had, forgotten ones included: a rank of theirs may outlive its killed program for a
  /// moment, and must not meet this run's files.
  [[nodiscard]] int run_number() const { return number_; }

  /// The folder of a run whose output is one file.
  [[nodiscard]] static std::filesystem::path beside(const std::filesystem::path& output);

  /// Removes a folder whose run is complete.
  static void remove(const std::filesystem::path& folder);

  /// Where a rank may make a file in this folder before it gets its name; those that killed runs left go with the next.
  [[nodiscard]] static std::filesystem::path aside(const std::filesystem::path& folder, int run, int rank,
                                                   const std::string& ending);

 private:
  void lock();
  void remove_leftovers() const;
  /// Forgets all earlier runs.
  void clear() const;

  std::filesystem::path folder_;
  File lock_;
  int number_ = 0;
};

}  // namespace haloedge
