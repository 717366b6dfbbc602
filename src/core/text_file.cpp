#include "core/text_file.hpp"

#include <cerrno>
#include <fstream>
#include <span>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/partial_file.hpp"

namespace haloedge {

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
