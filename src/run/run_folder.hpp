#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "core/file.hpp"

namespace haloedge {

/// The folder in which a run keeps its finished work for another run to go on with. The same on all ranks.
struct RunPlace {
  std::filesystem::path folder;
  int number = 0;  ///< of the run; no other run in this folder has it
};

/// The file in which one rank of one run writes down what it has done: "journal-RUN-RANK" in the run's folder.
struct JournalFile {
  int run = 0;
  int rank = 0;
  std::filesystem::path path;
};

[[nodiscard]] std::filesystem::path journal_path(const std::filesystem::path& folder, int run, int rank);

/// Returns the journals in a folder, older runs first. Throws Error if there is no such folder.
[[nodiscard]] std::vector<JournalFile> journals_in(const std::filesystem::path& folder);

/// Returns the number for the next run in this folder: one more than the last one's.
[[nodiscard]] int next_run(const std::filesystem::path& folder);

/// The folder in which runs that make the same output keep their journals, and a file that tells what they do. Held by
/// rank 0, and by one program at a time.
class RunFolder {
 public:
  /// Makes the folder, if it is not there, and takes it for this program alone. Throws Error if another is at work in
  /// it. Where the file system has no locks, nothing keeps two programs apart.
  explicit RunFolder(std::filesystem::path folder);

  /// Begins a new run, or with `resume` goes on with the one there, which must have the same `description`; with
  /// `overwrite` forgets the one there. Throws Error if there is one and neither is given; UsageError for another
  /// description.
  void begin(const std::string& description, bool resume, bool overwrite);

  /// Once begun: a number that no earlier run had, forgotten ones included. A rank of theirs may outlive its killed
  /// program for a moment, and must not meet this run's files in this folder.
  [[nodiscard]] int run_number() const { return number_; }

  /// The folder of a run whose output is one file.
  [[nodiscard]] static std::filesystem::path beside(const std::filesystem::path& output);

  /// Removes a folder whose run is complete.
  static void remove(const std::filesystem::path& folder);

  /// Returns the path of a file in this folder that a rank makes before the file gets its own name. The next run
  /// removes those that a killed run has left.
  [[nodiscard]] static std::filesystem::path aside(const std::filesystem::path& folder, int run, int rank,
                                                   const std::string& ending);

 private:
  [[nodiscard]] std::vector<std::filesystem::path> contents() const;
  void remove_leftovers() const;
  /// Forgets all earlier runs.
  void clear() const;

  std::filesystem::path folder_;
  File lock_;
  int number_ = 0;
};

/// How this rank and all ranks see a folder that rank 0 has made.
struct FolderView {
  bool here = true;        ///< this rank sees it
  bool everywhere = true;  ///< all ranks do: it is on a file system that they share
};

/// Finds out by a file with a random number that rank 0 puts there for the time of this call. Collective. Throws Error
/// on rank 0 if it cannot.
[[nodiscard]] FolderView look_at_folder(const std::filesystem::path& folder, Communicator& communicator);

}  // namespace haloedge
