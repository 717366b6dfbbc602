#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "core/file.hpp"

namespace haloedge {

/// The folder in which a run keeps its finished work, so that another run can continue. The same on all ranks.
struct RunPlace {
  std::filesystem::path folder;
  int number = 0;  ///< the number of the run; no other run in this folder has it
};

/// The file in which one rank of one run records its finished work: "journal-RUN-RANK" in the run's folder.
struct JournalFile {
  int run = 0;
  int rank = 0;
  std::filesystem::path path;
};

[[nodiscard]] std::filesystem::path journal_path(const std::filesystem::path& folder, int run, int rank);

/// Returns the journals in a folder, older runs first. Throws Error if the folder does not exist.
[[nodiscard]] std::vector<JournalFile> journals_in(const std::filesystem::path& folder);

/// Returns the number for the next run in this folder: one more than that of the last run.
[[nodiscard]] int next_run(const std::filesystem::path& folder);

/// Returns the lines that name what differs between the descriptions of two runs; nothing if they differ only in blanks
/// at the ends of lines. A description consists of items: a name, a space and a value. Each is on a line of its own or
/// begins with "--". The line of the input is one item.
[[nodiscard]] std::optional<std::string> job_differences(const std::string& before, const std::string& now);

/// Throws UsageError with the job_differences() if `before`, the description of the run that has made `what`, is not
/// the description of this run.
void check_same_job(const std::string& what, const std::string& before, const std::string& now);

/// Answers --resume if the output exists and there is no run to continue: tells the user that nothing is done. Throws
/// UsageError if `made_by`, the description of the run that has made the output, is that of another job; the version of
/// haloedge may differ. Nothing is known about the run if `made_by` is empty. For rank 0.
void report_finished(const std::string& output, const std::optional<std::string>& made_by,
                     const std::string& description, bool quiet);

/// The folder in which runs that make the same output keep their journals, and a file that describes the job. Rank 0
/// holds it, and only one program at a time.
class RunFolder {
 public:
  /// Makes the folder, if it is missing, and locks it. Throws Error if another program has locked it. On file systems
  /// without locks, nothing keeps two programs apart.
  explicit RunFolder(std::filesystem::path folder);

  /// Returns true if an earlier run has recorded finished work: one of its journals is not empty.
  [[nodiscard]] bool has_records() const;

  /// Begins a new run. If an earlier run has `kept` anything, `resume` continues it, and `overwrite` removes its files;
  /// throws Error if neither is given, and as check_same_job() if `resume` is given. A run that has kept nothing is
  /// always replaced.
  void begin(const std::string& description, bool kept, bool resume, bool overwrite);

  /// The description of the run, after begin().
  [[nodiscard]] std::string description() const;

  /// The number of the run, after begin(). No earlier run had it, removed ones included: a rank of a killed program may
  /// live on for a moment, and must not write to files of this run.
  [[nodiscard]] int run_number() const { return number_; }

  /// Records that the run has made its whole output, in a folder that stays beside it. Throws Error.
  static void mark_complete(const std::filesystem::path& folder);

  /// The name of the file that describes the job.
  static constexpr const char* description_file = "run";

  /// The folder of a run whose output is one file.
  [[nodiscard]] static std::filesystem::path beside(const std::filesystem::path& output);

  /// Removes a folder whose run is complete.
  static void remove(const std::filesystem::path& folder);

  /// Returns the path of a file in this folder that a rank writes before the file gets its own name. The next run
  /// removes the files that a killed run has left under these names.
  [[nodiscard]] static std::filesystem::path aside(const std::filesystem::path& folder, int run, int rank,
                                                   const std::string& ending);

 private:
  void remove_leftovers() const;
  /// Removes all files of earlier runs.
  void clear() const;

  std::filesystem::path folder_;
  File lock_;
  int number_ = 0;
};

/// The ranks that see a folder that rank 0 has made.
struct FolderView {
  bool here = true;        ///< this rank sees it
  bool everywhere = true;  ///< all ranks see it: it is on a file system that they share
};

/// Finds out which ranks see the folder: each rank reads a file with a random number, which rank 0 writes there and
/// removes again. Collective. Throws Error on rank 0 if it cannot write the file.
[[nodiscard]] FolderView look_at_folder(const std::filesystem::path& folder, Communicator& communicator);

/// A finished tile of an output: the place and the checksum of its bytes in the file. Journals store records in this
/// form, in the machine's byte order.
struct TileRecord {
  std::int64_t tile = 0;  ///< its number, counted row by row
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  std::uint32_t checksum = 0;
  std::uint32_t check = 0;  ///< the checksum of the members above; TileJournal sets it
};

/// CRC-32, as in gzip.
[[nodiscard]] std::uint32_t checksum(std::span<const std::byte> bytes);

/// The file in which one rank records the tiles that it has written. Records are written many at a time. Each has a
/// checksum, so that a record that was cut short, or never reached the disk, is ignored.
class TileJournal {
 public:
  /// Begins the journal of this rank in the `run`-th run in `folder`, of tiles `tile_rows` high. Throws Error.
  TileJournal(const std::filesystem::path& folder, int run, int rank, std::int64_t tile_rows);

  TileJournal(const TileJournal&) = delete;
  TileJournal& operator=(const TileJournal&) = delete;
  /// Writes the records that were added and not flushed. Ignores errors: the next run makes these tiles again.
  ~TileJournal();

  /// Adds a tile whose bytes have been written. The record stays in memory until flush().
  void add(TileRecord record);
  [[nodiscard]] std::int64_t waiting() const { return std::ssize(waiting_); }
  /// Writes the records that were added. Throws RunError if the disk is full.
  void flush();

 private:
  File file_;
  std::int64_t size_ = 0;
  std::vector<TileRecord> waiting_;
};

/// A tile that an earlier run has finished, and the run and the rank that wrote it.
struct KeptTile {
  TileRecord record;
  int run = 0;
  int rank = 0;
};

/// Calls `take` with each record of the journals in `folder`, older runs first. If a tile has several records, the last
/// one counts. Ignores journals of tiles of another height than `tile_rows`. Throws Error if the folder or a journal
/// cannot be read.
void for_each_kept_tile(const std::filesystem::path& folder, std::int64_t tile_rows,
                        const std::function<void(const KeptTile&)>& take);

/// The height of the tiles in the journals in `folder`; nothing if there are no journals.
[[nodiscard]] std::optional<std::int64_t> journaled_tile_rows(const std::filesystem::path& folder);

/// Returns true if a run in `folder` has finished a tile; false also if the folder does not exist.
[[nodiscard]] bool has_tiles(const std::filesystem::path& folder);

}  // namespace haloedge
