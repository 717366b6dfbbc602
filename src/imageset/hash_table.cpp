#include "imageset/hash_table.hpp"

#include <ctime>
#include <fstream>

#include <fmt/format.h>

#include "core/error.hpp"

namespace haloedge {

namespace {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

std::string csv_line(const HashedImage& image) {
  const std::string hash = image.error.empty() ? fmt::format("{:016x}", image.hash) : "";
  return fmt::format("{},{},{},{},{},{},{}\n", csv_field(image.file.path), hash, image.width, image.height,
                     image.file.bytes, time_text(image.file.modified), csv_field(image.error));
}

}  // namespace

std::string time_text(std::int64_t nanoseconds) {
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t part = (nanoseconds % second + second) % second;
  const std::time_t whole = (nanoseconds - part) / second;
  std::tm utc{};
  ::gmtime_r(&whole, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, part);
}

void write_hash_csv(const std::filesystem::path& path, const std::vector<HashedImage>& images) {
  const std::filesystem::path aside = path.parent_path() / fmt::format(".{}.partial", path.filename().string());
  std::ofstream file(aside, std::ios::binary);
  file << "path,hash,width,height,bytes,modified,error\n";
  for (const HashedImage& image : images) file << csv_line(image);
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(aside, path, error);
  if (!file || error) {
    std::filesystem::remove(aside, error);
    throw Error(fmt::format("{}: the table cannot be written: is the disk full, or the folder closed?", path.string()));
  }
}

}  // namespace haloedge
