#include "core/whole_file.hpp"

#include <cerrno>
#include <fstream>
#include <span>
#include <system_error>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/file.hpp"

namespace haloedge {

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
    throw Error(fmt::format("{}: the complete output cannot be given its name: {}", output_.string(), error.message()));
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
    const std::string why = errno != 0 ? errno_text(errno) : "the system does not say why";
    throw Error(fmt::format("{}: cannot be written: {}", path.string(), why));
  }
  partial.commit();
}

std::string read_text_file(const std::filesystem::path& path) {
  check_regular_file(path);
  const File file = File::open_to_read(path);
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  file.read_at(0, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace haloedge
