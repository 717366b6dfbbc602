#include "core/text_file.hpp"

#include <cerrno>
#include <fstream>
#include <span>

#include <fmt/format.h>

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
