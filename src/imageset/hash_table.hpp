#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "imageset/image_list.hpp"

namespace haloedge {

/// One row of a table of hashes.
struct HashedImage {
  ImageFile file;
  std::uint64_t hash = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::string error{};  ///< why there is no hash; empty if there is one
};

/// Writes "path,hash,width,height,bytes,modified,error" and a line an image: the hash as 16 hexadecimal digits, the
/// time in UTC as RFC 3339 has it, to the nanosecond; quotes as in RFC 4180 where a field needs them. The file appears
/// under its name when it is complete. Throws Error.
void write_hash_csv(const std::filesystem::path& path, const std::vector<HashedImage>& images);

/// Reads such a table; times are left out. Throws Error, naming the image whose line is not right.
[[nodiscard]] std::vector<HashedImage> read_hash_csv(const std::filesystem::path& path);

/// A field of a CSV file, in quotes where it needs them.
[[nodiscard]] std::string csv_field(const std::string& text);

/// The table's text form of a time in nanoseconds since 1970.
[[nodiscard]] std::string time_text(std::int64_t nanoseconds);

}  // namespace haloedge
