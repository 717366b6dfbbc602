#include "core/file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/error.hpp"

namespace haloedge {

namespace {

/// Linux transfers at most 2 GiB in one call.
constexpr std::size_t largest_piece = std::size_t{1} << 30;

/// Throws RunError for the system's error if the next file would fail as well, else Error.
[[noreturn]] void fail_for(int reason, bool is_lasting, const std::filesystem::path& path, const std::string& action) {
  const bool too_many = reason == EMFILE || reason == ENFILE;
  const std::string text =
      fmt::format("{}: cannot {}: {}{}", path.string(), action, errno_text(reason), too_many ? " (see ulimit -n)" : "");
  if (is_lasting || too_many) throw RunError(text);
  throw Error(text);
}

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& action) {
  fail_for(errno, false, path, action);
}

/// A write fails for the next file as well, unless the name of this file is the cause.
[[noreturn]] void fail_to_write(const std::filesystem::path& path, const std::string& action) {
  const int reason = errno;
  fail_for(reason, !is_name_error(reason), path, action);
}

int open_or_fail(const std::filesystem::path& path, int flags, const char* action) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) throw Error(fmt::format("{}: does not exist", path.string()));
  if (descriptor < 0) fail(path, action);
  return descriptor;
}

constexpr const char* note_name = "user.haloedge";

/// Returns the first line of a note, the size of the file. A note does not count if the file has another size, because
/// another program has written over it then.
std::string size_line(const std::filesystem::path& path) {
  const std::optional<FileState> state = file_state(path);
  return fmt::format("{} bytes\n", state ? state->bytes : 0);
}

/// A FileWriter collects at least this many bytes before it writes them.
constexpr std::size_t piece_bytes = std::size_t{256} << 10;

}  // namespace

File File::open_to_read(const std::filesystem::path& path) { return {open_or_fail(path, O_RDONLY, "open"), path}; }

File File::open_to_write(const std::filesystem::path& path) {
  return {open_or_fail(path, O_RDWR, "open for writing"), path};
}

File File::create(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) fail_to_write(path, "create");
  return {descriptor, path};
}

File File::create_unnamed(const std::filesystem::path& folder) {
  std::filesystem::path path = folder / ".haloedge-spill-XXXXXX";
  std::string name = path.string();
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) fail_to_write(path, "create a temporary file");
  ::unlink(name.c_str());
  return {descriptor, std::move(path)};
}

File::File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

File::~File() {
  if (is_open()) ::close(descriptor_);
}

std::int64_t File::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) fail(path_, "get the size");
  return status.st_size;
}

void File::expect_reading(std::int64_t bytes) const {
  (void)::posix_fadvise(descriptor_, 0, bytes, POSIX_FADV_WILLNEED);
}

void File::read_at(std::int64_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t got = ::pread(descriptor_, bytes.data(), std::min(bytes.size(), largest_piece), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path_, fmt::format("read {} bytes at offset {}", bytes.size(), offset));
    if (got == 0) {
      throw Error(fmt::format("{}: the file ends at byte {}, {} bytes too early: it is truncated", path_.string(),
                              offset, bytes.size()));
    }
    offset += got;
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

void File::write_at(std::int64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(descriptor_, bytes.data(), std::min(bytes.size(), largest_piece), offset);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail_to_write(path_, fmt::format("write {} bytes at offset {}", bytes.size(), offset));
    offset += put;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
}

void File::reserve(std::int64_t bytes) {
  int refused = 0;
  do {
    refused = ::fallocate(descriptor_, 0, 0, bytes);
  } while (refused != 0 && errno == EINTR);
  // Any other reason means that the file system (NFS, for example) cannot reserve space.
  if (refused != 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)) {
    fail_to_write(path_, fmt::format("reserve {} bytes", bytes));
  }
}

bool File::try_lock() { return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK; }

bool File::is_at(const std::filesystem::path& path) const {
  struct stat mine {};
  struct stat there {};
  return ::fstat(descriptor_, &mine) == 0 && ::stat(path.c_str(), &there) == 0 && mine.st_ino == there.st_ino &&
         mine.st_dev == there.st_dev;
}

void File::sync() {
  if (::fsync(descriptor_) != 0) fail_to_write(path_, "write to the disk");
}

void File::close() {
  if (!is_open()) return;
  if (::close(std::exchange(descriptor_, -1)) != 0) fail_to_write(path_, "finish writing");
}

void check_regular_file(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw Error(fmt::format("{}: is not a regular file", path.string()));
  }
}

bool is_name_error(int error_number) {
  constexpr std::array codes{ENAMETOOLONG, EISDIR, ENOTDIR, EEXIST, ENOTEMPTY, EINVAL, EILSEQ};
  return std::ranges::find(codes, error_number) != codes.end();
}

void check_new_file(const std::filesystem::path& path, bool overwrite) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path folder = fs::absolute(path).parent_path();
  if (fs::is_directory(path, error)) throw Error(fmt::format("{}: is a folder", path.string()));
  if (!fs::is_directory(folder, error)) {
    throw Error(fmt::format("{}: the folder {} does not exist", path.string(), folder.string()));
  }
  if (fs::exists(path, error) && !overwrite) {
    throw Error(fmt::format("{}: already exists; use --overwrite to replace it", path.string()));
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    throw Error(
        fmt::format("{}: cannot write to the folder {}: {}", path.string(), folder.string(), errno_text(errno)));
  }
}

void check_empty_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::exists(folder, error) && !std::filesystem::is_empty(folder, error)) {
    throw Error(fmt::format("{}: already contains files: give another folder, or use --overwrite", folder.string()));
  }
}

void remove_file(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::remove(path, error);
  if (error) throw Error(fmt::format("{}: cannot be removed: {}", path.string(), error.message()));
}

std::optional<FileState> file_state(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  constexpr std::int64_t second = 1'000'000'000;
  return FileState{status.st_size, status.st_mtim.tv_sec * second + status.st_mtim.tv_nsec};
}

std::string file_identity(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    std::error_code unknown;
    return path.empty() ? "" : std::filesystem::weakly_canonical(path, unknown).string();
  }
  const bool is_other = S_ISDIR(status.st_mode) || S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode);
  return is_other ? "" : fmt::format("{}:{}", status.st_dev, status.st_ino);
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error(fmt::format("{}: cannot make this folder: {}", folder.string(), error.message()));
}

std::vector<std::filesystem::path> folder_contents(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    paths.push_back(entry->path());
  }
  if (error) throw Error(fmt::format("{}: the folder cannot be read: {}", folder.string(), error.message()));
  return paths;
}

bool is_below(const std::filesystem::path& path, const std::filesystem::path& folder) {
  return std::mismatch(path.begin(), path.end(), folder.begin(), folder.end()).second == folder.end();
}

std::vector<std::string> files_matching(const std::string& pattern) {
  glob_t found{};
  const int result = ::glob(pattern.c_str(), 0, nullptr, &found);
  std::vector<std::string> names(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (result != 0 && result != GLOB_NOMATCH)
    throw Error(fmt::format("{}: cannot search for files that match", pattern));
  return names;
}

bool is_path_list(const std::string& input) { return input.size() > 1 && input.front() == '@'; }

std::vector<std::string> parse_path_list(std::string text, const std::string& name) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    throw Error(fmt::format("{0}: is a list in UTF-16: convert it, with iconv -f UTF-16 -t UTF-8 {0}", name));
  }
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  const char end = text.find('\0') == std::string::npos ? '\n' : '\0';
  std::istringstream lines(text);
  std::vector<std::string> paths;
  for (std::string path; std::getline(lines, path, end);) {
    if (end == '\n' && path.ends_with('\r')) path.pop_back();  // Windows ends lines with CR LF
    const bool is_no_path = path.size() >= PATH_MAX || (path.empty() && end == '\0');
    if (is_no_path) {
      throw Error(fmt::format("{}: is not a list of paths: to name an image, leave out the @", name));
    }
    if (!path.empty()) paths.push_back(path);
  }
  return paths;
}

std::vector<std::string> read_path_list(const std::filesystem::path& list) {
  return parse_path_list(read_text_file(list), list.string());
}

void FileWriter::append(std::span<const std::byte> bytes) {
  waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
  if (waiting_.size() >= piece_bytes) flush();
}

void FileWriter::finish() {
  flush();
  file_.close();
}

void FileWriter::flush() {
  file_.write_at(written_, waiting_);
  written_ += std::ssize(waiting_);
  waiting_.clear();
}

std::string name_ending(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending;
}

std::filesystem::path partial_path(const std::filesystem::path& output) {
  return output.parent_path() / fmt::format(".{}.partial", output.filename().string());
}

PartialFile::~PartialFile() {
  std::error_code ignored;
  if (!stays_) std::filesystem::remove(partial_path(output_), ignored);
}

void PartialFile::commit() {
  std::error_code error;
  std::filesystem::rename(partial_path(output_), output_, error);
  if (error) {
    throw Error(
        fmt::format("{}: cannot rename the complete output to this name: {}", output_.string(), error.message()));
  }
  stays_ = true;
}

void write_text_file(const std::filesystem::path& path, const std::string& text) {
  PartialFile partial(path);
  errno = 0;
  std::ofstream file(partial_path(path), std::ios::binary);
  file << text;
  file.close();
  if (!file) {
    const std::string why = errno != 0 ? errno_text(errno) : "the system gives no reason";
    throw Error(fmt::format("{}: cannot be written: {}", path.string(), why));
  }
  partial.commit();
}

void set_file_note(const std::filesystem::path& path, const std::string& text) {
  const std::string note = size_line(path) + text;
  (void)::setxattr(path.c_str(), note_name, note.data(), note.size(), 0);
}

std::optional<std::string> file_note(const std::filesystem::path& path) {
  constexpr std::size_t most = std::size_t{64} << 10;  // Linux allows no longer ones
  std::string note(most, '\0');
  const ssize_t size = ::getxattr(path.c_str(), note_name, note.data(), note.size());
  if (size < 0) return std::nullopt;
  note.resize(static_cast<std::size_t>(size));
  const std::string line = size_line(path);
  return note.starts_with(line) ? std::optional(note.substr(line.size())) : std::nullopt;
}

std::string read_text_file(const std::filesystem::path& path) {
  check_regular_file(path);
  const File file = File::open_to_read(path);
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  file.read_at(0, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace haloedge
