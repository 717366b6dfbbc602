#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "formats/sqlite_handle.hpp"
#include "tables/image_file.hpp"

namespace haloedge {

/// What is known of an image that was scored.
struct ImageScore {
  double score = 0;          ///< mean of the congestion map, 0 to 255
  double edge_density = 0;   ///< part of the photo's pixels that are edges
  double gradient_mean = 0;  ///< mean magnitude of its gradient
  double entropy = 0;        ///< of its gray values, in bits
  std::int64_t width = 0;    ///< pixels of the photo
  std::int64_t height = 0;

  friend bool operator==(const ImageScore&, const ImageScore&) = default;
};

/// One row of a table of scores.
struct ScoredImage {
  ImageFile file;
  std::optional<ImageScore> score{};
  double seconds = 0;   ///< of work on this image
  std::string error{};  ///< why there is no score; empty if there is one
};

/// A run that fills such a table, as it is written down there.
struct ScoreRun {
  std::string command_line;
  std::string version;
  std::string options;  ///< those that decide the scores
  int ranks = 1;
};

/// Throws UsageError unless the name ends as one of an SQLite database does: .sqlite, .db.
void check_score_table_name(const std::filesystem::path& path);

/// A table of scores in an SQLite database that stands under its own name from the first moment and grows row by row.
/// It may be queried while it does: between the calls below nobody holds it open, and as it keeps a write-ahead log,
/// readers and the writer rarely wait for each other.
///
/// - `images`: path (a BLOB where it is not valid UTF-8), score, edge_density, gradient_mean, entropy, width, height,
///   bytes, modified (as time_text() has it), seconds, error. Without a score, its columns are NULL.
/// - `runs`: command_line, version, options, started, ended (NULL unless it came to its end), ranks, and how many
/// images
///   it has put into the table so far, and how many of them failed.
///
/// All calls throw Error naming the file; those that write also after waiting for another writer in vain.
class ScoreTable {
 public:
  explicit ScoreTable(std::filesystem::path path) : path_(std::move(path)) {}

  /// Forgets the table that is there.
  void remove() const;

  /// The options of the run that wrote last; nothing if no run has begun to write. Throws Error if it is no such table.
  [[nodiscard]] std::optional<std::string> options() const;

  /// The images that have a score; none if there is no table.
  [[nodiscard]] std::vector<ImageFile> scored() const;

  /// Makes the table if it is missing, and writes down that a run begins. The run's number.
  [[nodiscard]] std::int64_t begin_run(const ScoreRun& run) const;

  /// Puts rows into the table, in place of older ones of the same paths: all of them or, if this fails, none.
  void write(std::int64_t run, std::span<const ScoredImage> rows) const;

  /// Writes down that nothing is missing.
  void end_run(std::int64_t run) const;

  /// Brings the write-ahead log into the database, which then is one file that anybody can read who may read it, if
  /// nobody reads it just now.
  void settle() const;

 private:
  /// The database; null if there is no table yet.
  [[nodiscard]] std::unique_ptr<SqliteDatabase> open() const;

  std::filesystem::path path_;
};

}  // namespace haloedge
