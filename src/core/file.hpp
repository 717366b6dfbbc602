#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace haloedge {

/// Owning POSIX file descriptor. read_at and write_at may be called by many threads at once. Everything throws Error
/// with the file's name and the system's reason.
class File {
 public:
  /// Opens an existing file for reading.
  [[nodiscard]] static File open_to_read(const std::filesystem::path& path);
  /// Opens an existing file for reading and writing.
  [[nodiscard]] static File open_to_write(const std::filesystem::path& path);
  /// Creates the file, or empties the one that is there, for reading and writing.
  [[nodiscard]] static File create(const std::filesystem::path& path);
  /// An unnamed file on the file system of `folder`, which vanishes when it is closed or the program dies.
  [[nodiscard]] static File create_unnamed(const std::filesystem::path& folder);

  File() = default;
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] std::int64_t size() const;
  /// Its first `bytes` will be read soon: the system may begin to bring them here.
  void expect_reading(std::int64_t bytes) const;
  /// Reads all of `bytes`; a file that ends before that is an error.
  void read_at(std::int64_t offset, std::span<std::byte> bytes) const;
  void write_at(std::int64_t offset, std::span<const std::byte> bytes);
  /// Where the file system can, gives the file this size and all the space for it, so that a full disk is found out now
  /// and later writes need not look for room. Where it cannot, does nothing.
  void reserve(std::int64_t bytes);
  /// Takes the file for this program alone, until it is closed or the program ends; false if another one has it. Where
  /// the file system has no locks, true.
  [[nodiscard]] bool try_lock();
  /// Whether this is the file that has the name `path` now.
  [[nodiscard]] bool is_at(const std::filesystem::path& path) const;
  /// Closes and reports what the system kept back until now (a full disk on NFS, say).
  void close();

 private:
  File(int descriptor, std::filesystem::path path) : descriptor_(descriptor), path_(std::move(path)) {}

  int descriptor_ = -1;
  std::filesystem::path path_;
};

/// Throws Error if there is something of this name that is no regular file (a folder, a pipe).
void check_regular_file(const std::filesystem::path& path);

/// True of errno values that tell of a file's name, or of what has it, rather than of the place it is in.
[[nodiscard]] bool is_of_the_name(int error_number);

/// Throws Error if no file can be put here: a folder is in the way, or a file that is not to be replaced, or there is
/// no folder for it that this user may write to.
void check_new_file(const std::filesystem::path& path, bool overwrite);

/// True if `path` is `folder` or below it; both canonical.
[[nodiscard]] bool is_below(const std::filesystem::path& path, const std::filesystem::path& folder);

/// The files that a glob pattern means, in no particular order; none if it means none. Throws Error if that cannot be
/// found out.
[[nodiscard]] std::vector<std::string> files_matching(const std::string& pattern);

}  // namespace haloedge
