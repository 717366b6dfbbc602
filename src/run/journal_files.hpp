#pragma once

#include <filesystem>
#include <vector>

namespace haloedge {

/// The file in which one rank of one run writes down what it has done: "journal-RUN-RANK" in the run's folder.
struct JournalFile {
  int run = 0;
  int rank = 0;
  std::filesystem::path path;
};

[[nodiscard]] std::filesystem::path journal_path(const std::filesystem::path& folder, int run, int rank);

/// All in a folder, older runs first. Throws Error if there is no such folder.
[[nodiscard]] std::vector<JournalFile> journals_in(const std::filesystem::path& folder);

/// The number that the next run in this folder has: one more than the last one's.
[[nodiscard]] int next_run(const std::filesystem::path& folder);

}  // namespace haloedge
