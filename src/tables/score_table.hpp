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
#include "tables/image_rows.hpp"

namespace haloedge {

/// A run that fills the table, as the table describes it.
struct ScoreRun {
  std::string command_line;
  std::string version;
  std::string options;  ///< the options that decide the scores
  int ranks = 1;
};

/// A table of scores in an SQLite database, which has its final name from the beginning and grows row by row. Other
/// programs may query it meanwhile: it is open only during the calls below, and because of its write-ahead log, readers
/// and the writer rarely wait for each other.
///
/// - `images`: the columns of score_columns(). A path that is not valid UTF-8 is a BLOB, `modified` is a text as
///   time_text() makes it, and values that an image without a score lacks are NULL.
/// - `runs`: command_line, version, options, started, ended (NULL unless the run is complete), ranks, the number of
///   images that the run has put into the table so far, and how many of them failed.
///
/// All calls throw Error, which names the file; those that write also if another program keeps the database locked.
class ScoreTable {
 public:
  explicit ScoreTable(std::filesystem::path path) : path_(std::move(path)) {}

  /// Throws UsageError unless the name ends as the name of an SQLite database: .sqlite, .db.
  void check_name() const;

  /// Removes the table.
  void remove() const;

  /// Returns the options of the run that began last, or nothing if no run has begun. Throws Error if the file is not a
  /// table of scores.
  [[nodiscard]] std::optional<std::string> options() const;

  /// Returns the images that have a score; none if there is no table.
  [[nodiscard]] std::vector<ImageFile> scored() const;

  /// Makes the table if it is missing, and adds a run to it. Returns the number of the run.
  [[nodiscard]] std::int64_t begin_run(const ScoreRun& run) const;

  /// Puts rows into the table in place of older rows of the same paths: all of them or, if this fails, none.
  void write(std::int64_t run, std::span<const ScoredImage> rows) const;

  /// Marks the run as complete.
  void end_run(std::int64_t run) const;

  /// Moves the write-ahead log into the database unless another program reads it now. The database is then a single
  /// file, which needs no access to its folder to be read.
  void checkpoint() const;

 private:
  /// Opens the database. Returns null if there is no table yet.
  [[nodiscard]] std::unique_ptr<SqliteDatabase> open() const;

  std::filesystem::path path_;
};

}  // namespace haloedge
