#include "core/text_file.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "core/error.hpp"

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
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file.is_open() || file.bad()) {
    throw Error(fmt::format("{}: cannot be read: {}", path.string(), errno_text(errno)));
  }
  return text;
}

}  // namespace haloedge
