#include "sets.hpp"

#include <fstream>

#include <zlib.h>

#include "program.hpp"

namespace haloedge {

namespace fs = std::filesystem;

std::map<std::string, std::string> files_below(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator(); ++entry) {
    if (entry->path().filename() == ".haloedge") {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file()) {
      files[entry->path().lexically_relative(folder).string()] = file_content(entry->path());
    }
  }
  return files;
}

std::string difference(const std::map<std::string, std::string>& tree,
                       const std::map<std::string, std::string>& expected) {
  std::string text;
  for (const auto& [name, content] : tree) {
    const auto other = expected.find(name);
    if (other == expected.end()) {
      text += name + " should not be there\n";
    } else if (other->second != content) {
      text += name + " has other bytes\n";
    }
  }
  for (const auto& [name, content] : expected) {
    if (tree.count(name) == 0) text += name + " is missing\n";
  }
  return text;
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

void write_bytes(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

namespace {

std::string big_endian(std::uint32_t number) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(number >> shift & 0xff);
  return text;
}

}  // namespace

std::string png_chunk(const std::string& name, const std::string& content) {
  const std::string checked = name + content;
  const uLong sum = ::crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
  return big_endian(static_cast<std::uint32_t>(content.size())) + checked + big_endian(static_cast<std::uint32_t>(sum));
}

std::string png_claiming(std::uint32_t width, std::uint32_t height, const std::string& data) {
  const std::string form("\x08\0\0\0\0", 5);
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", big_endian(width) + big_endian(height) + form) +
         png_chunk("IDAT", data) + png_chunk("IEND", "");
}

}  // namespace haloedge
