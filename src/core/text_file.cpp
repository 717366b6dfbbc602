#include "core/text_file.hpp"

#include <cerrno>
#include <fstream>
#include <span>

#include <fmt/format.h>
#include <unistd.h>

#include "core/error.hpp"
#include "core/file.hpp"

namespace haloedge {

namespace fs = std::filesystem;

void write_text_file(const fs::path& path, const std::string& text) {
  const fs::path aside = path.parent_path() / fmt::format(".{}.partial", path.filename().string());
  errno = 0;
  std::ofstream file(aside, std::ios::binary);
  file << text;
  file.close();
  const int reason = errno;
  std::error_code error;
  if (file) fs::rename(aside, path, error);
  if (file && !error) return;
  const std::string why = error ? error.message() : reason != 0 ? errno_text(reason) : "the system does not say why";
  fs::remove(aside, error);
  throw Error(fmt::format("{}: cannot be written: {}", path.string(), why));
}

void check_text_output(const fs::path& path, bool overwrite) {
  std::error_code error;
  const fs::path folder = fs::absolute(path).parent_path();
  if (fs::is_directory(path, error)) throw Error(fmt::format("{}: is a folder", path.string()));
  if (!fs::is_directory(folder, error)) {
    throw Error(fmt::format("{}: there is no folder {}", path.string(), folder.string()));
  }
  if (fs::exists(path, error) && !overwrite) {
    throw Error(fmt::format("{}: is there already; --overwrite replaces it", path.string()));
  }
  if (::access(folder.c_str(), W_OK) != 0) {
    throw Error(fmt::format("{}: cannot be written: {}", path.string(), errno_text(errno)));
  }
}

std::string read_text_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw Error(fmt::format("{}: is not a regular file", path.string()));
  }
  const File file = File::open_to_read(path);
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  file.read_at(0, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace haloedge
