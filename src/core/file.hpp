#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace haloedge {

/// An owning POSIX file descriptor. read_at and write_at may be called by many threads at once. All functions throw
/// Error with the file's name and the system's reason.
class File {
 public:
  /// Opens an existing file for reading.
  [[nodiscard]] static File open_to_read(const std::filesystem::path& path);
  /// Opens an existing file for reading and writing.
  [[nodiscard]] static File open_to_write(const std::filesystem::path& path);
  /// Creates the file, or empties an existing one, for reading and writing.
  [[nodiscard]] static File create(const std::filesystem::path& path);
  /// Creates a temporary file without a name on the file system of `folder`. The file vanishes when it is closed or the
  /// program ends.
  [[nodiscard]] static File create_unnamed(const std::filesystem::path& folder);

  File() = default;
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] std::int64_t size() const;
  /// Advises the system to read the first `bytes` ahead.
  void expect_reading(std::int64_t bytes) const;
  /// Fills all of `bytes` from `offset` on. Throws also if the file ends too early.
  void read_at(std::int64_t offset, std::span<std::byte> bytes) const;
  void write_at(std::int64_t offset, std::span<const std::byte> bytes);
  /// Allocates this size on the disk, so that a full disk is detected now and later writes are faster. Does nothing on
  /// file systems that cannot.
  void reserve(std::int64_t bytes);
  /// Locks the file for this program until it is closed or the program ends. Returns false if another program holds the
  /// lock. Returns true also on file systems without locks.
  [[nodiscard]] bool try_lock();
  /// Returns true if `path` names this file now.
  [[nodiscard]] bool is_at(const std::filesystem::path& path) const;
  /// Returns when the system has put all bytes on the disk, so that they survive a loss of power.
  void sync();
  /// Closes the file, and throws errors that the system reports only now (a full disk on NFS, for example).
  void close();

 private:
  File(int descriptor, std::filesystem::path path) : descriptor_(descriptor), path_(std::move(path)) {}

  int descriptor_ = -1;
  std::filesystem::path path_;
};

/// Writes a file from its beginning to its end, in large pieces. Throws Error as File does.
class FileWriter {
 public:
  /// Creates the file, or empties an existing one.
  explicit FileWriter(const std::filesystem::path& path) : file_(File::create(path)) {}

  void append(std::span<const std::byte> bytes);
  /// Writes what is left. Must be the last call: without it the file is not complete.
  void finish();

 private:
  void flush();

  File file_;
  std::int64_t written_ = 0;
  std::vector<std::byte> waiting_;
};

/// Throws Error if the path exists and is not a regular file (a folder, a pipe).
void check_regular_file(const std::filesystem::path& path);

/// Returns true if an errno value means that the name of the file, or what already has this name, is the cause. Other
/// values mean that the folder or the disk is, so that other files would fail as well.
[[nodiscard]] bool is_name_error(int error_number);

/// Throws Error if the file cannot be created: its folder is missing or not writable, a folder has its name, or a file
/// has its name and `overwrite` is false.
void check_new_file(const std::filesystem::path& path, bool overwrite);

/// Throws Error if the folder exists and is not empty.
void check_empty_folder(const std::filesystem::path& folder);

/// Removes the file if it exists. Throws Error.
void remove_file(const std::filesystem::path& path);

/// The size of a file, and the time when it was last changed.
struct FileState {
  std::int64_t bytes = 0;
  std::int64_t modified = 0;  ///< nanoseconds since 1970
};

/// Returns nothing if the file cannot be examined; errno then says why.
[[nodiscard]] std::optional<FileState> file_state(const std::filesystem::path& path);

/// Returns a text that is the same for all paths of one file, which need not exist, and another one for other files.
/// Returns an empty text for folders, for devices and for an empty path.
[[nodiscard]] std::string file_identity(const std::filesystem::path& path);

/// Makes the folder, and those above it, if they are missing. Throws Error.
void make_folder(const std::filesystem::path& folder);

/// Returns the paths of the files and folders in the folder, in no particular order. Throws Error if it cannot be read.
[[nodiscard]] std::vector<std::filesystem::path> folder_contents(const std::filesystem::path& folder);

/// Returns true if `path` is `folder` or below it. Both must be canonical.
[[nodiscard]] bool is_below(const std::filesystem::path& path, const std::filesystem::path& folder);

/// The files that match a glob pattern, in no particular order. Throws Error if the folders cannot be searched.
[[nodiscard]] std::vector<std::string> files_matching(const std::string& pattern);

/// Returns true for @LIST, which names a list of paths.
[[nodiscard]] bool is_path_list(const std::string& input);

/// Returns the paths in a list: a file with one path per line, or with paths that end with a NUL. Empty lines do not
/// count. Throws Error if it cannot be read, or is not a list.
[[nodiscard]] std::vector<std::string> read_path_list(const std::filesystem::path& list);

/// Returns the paths in the text of such a list, which is called `name` in errors. Throws Error if it is no list of
/// paths in UTF-8. Pure.
[[nodiscard]] std::vector<std::string> parse_path_list(std::string text, const std::string& name);

/// The extension of a file name in lower case: ".jpg" for "A.JPG".
[[nodiscard]] std::string name_ending(const std::filesystem::path& path);

/// The name of an output while it is written: hidden, in the same folder, so that it can be renamed in one step.
[[nodiscard]] std::filesystem::path partial_path(const std::filesystem::path& output);

/// Owns the partial file of an output: the destructor removes it unless commit() or keep() was called. Only one rank
/// may own it.
class PartialFile {
 public:
  explicit PartialFile(std::filesystem::path output) : output_(std::move(output)) {}
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  ~PartialFile();

  [[nodiscard]] std::filesystem::path partial() const { return partial_path(output_); }
  /// Leaves the partial file where it is, so that a later run can resume.
  void keep() { stays_ = true; }

  /// Renames the partial file to the output, replacing an older one. Throws Error.
  void commit();

 private:
  std::filesystem::path output_;
  bool stays_ = false;
};

/// Writes the file under its partial name, then renames it. Throws Error.
void write_text_file(const std::filesystem::path& path, const std::string& text);

/// Keeps a text beside the content of the file, in the extended attribute "user.haloedge". It stays when the file is
/// renamed, and is lost when it is copied or written over. Does nothing on file systems without such attributes.
void set_file_note(const std::filesystem::path& path, const std::string& text);

/// Returns the text that set_file_note() has kept; nothing if there is none.
[[nodiscard]] std::optional<std::string> file_note(const std::filesystem::path& path);

/// Returns the whole content of a file. Throws Error, also if it is not a regular file.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path);

}  // namespace haloedge
