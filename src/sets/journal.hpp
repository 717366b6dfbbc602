#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/fields.hpp"
#include "core/file.hpp"
#include "tables/image_file.hpp"

namespace haloedge {

/// What became of one image of a set.
struct Outcome {
  ImageFile file;
  std::string result{};  ///< what the command wants to know of it later
  std::string error{};   ///< why it failed; empty if it is done
};

/// An outcome among the fields of a message or record.
void add_outcome(FieldWriter& fields, const Outcome& outcome);
[[nodiscard]] Outcome next_outcome(FieldReader& fields);

/// Where one rank writes down what it has done, an outcome at a time, each with one call to the system: a program that
/// is killed loses none that was written. A record is its fields, each ended by a NUL, and a newline.
class Journal {
 public:
  /// Begins the journal of this rank in the `run`-th run in `folder`. Throws Error.
  Journal(const std::filesystem::path& folder, int run, int rank);

  /// Throws Error; RunError where the disk takes no more.
  void append(const Outcome& outcome);

 private:
  File file_;
  std::int64_t size_ = 0;
};

/// All outcomes in the journals of a folder, older runs first. A record that was cut short, by a full disk, say, does
/// not count. Throws Error.
[[nodiscard]] std::vector<Outcome> read_journals(const std::filesystem::path& folder);

/// The last outcome of each image that the runs in a folder were done with, failures included.
[[nodiscard]] std::vector<Outcome> last_outcomes(const std::filesystem::path& folder);

}  // namespace haloedge
