#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "tables/image_rows.hpp"

namespace haloedge {

/// The outcome of one image of a set: done or failed.
struct Outcome {
  ImageFile file;
  std::string result{};  ///< the result that the command keeps, in its own format
  std::string error{};   ///< says why the image failed; empty if it is done
};

/// The fields of an outcome in messages and journals.
[[nodiscard]] const Schema<Outcome>& outcome_fields();

/// The file in which one rank keeps the outcomes of its images. Each outcome is written by one system call, so that a
/// program that is killed loses none. A record is the fields of an outcome, each followed by a NUL, and a newline.
class Journal {
 public:
  /// Begins the journal of this rank for the run with the number `run` in `folder`. Throws Error.
  Journal(const std::filesystem::path& folder, int run, int rank);

  /// Writes an outcome. Throws Error; RunError if the disk is full.
  void append(const Outcome& outcome);

 private:
  File file_;
  std::int64_t size_ = 0;
};

/// Reads all outcomes in the journals of a folder, those of older runs first. Ignores the last record of a journal if
/// it was cut short, as by a full disk. Throws Error.
[[nodiscard]] std::vector<Outcome> read_journals(const std::filesystem::path& folder);

/// Returns the last outcome, done or failed, of each image in the journals of a folder. Throws Error.
[[nodiscard]] std::vector<Outcome> last_outcomes(const std::filesystem::path& folder);

}  // namespace haloedge
