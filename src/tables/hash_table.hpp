#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tables/image_file.hpp"

namespace haloedge {

/// One row of a table of hashes.
struct HashedImage {
  ImageFile file;
  std::uint64_t hash = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::string error{};  ///< why there is no hash; empty if there is one
};

/// Throws UsageError unless the name ends as one of the kinds of tables does: .csv, .sqlite, .db, .h5, .hdf5.
void check_hash_table_name(const std::filesystem::path& path);

/// Writes a table with a row an image and the columns path, hash, width, height, bytes, modified, error; its kind is
/// that of the name's ending. Equal images make equal files. The file appears under its name when it is complete.
/// Throws Error, and UsageError as check_hash_table_name().
///
/// - CSV: quotes as in RFC 4180 where a field needs them; the hash as 16 hexadecimal digits, the time as time_text().
/// - SQLite: a table `images` with the same texts; no hash is NULL; a path or error that is not valid UTF-8 is a BLOB.
/// - HDF5: a dataset a column; hashes as 64-bit numbers, 0 where there is none; the texts with variable lengths.
void write_hash_table(const std::filesystem::path& path, const std::vector<HashedImage>& images);

/// Reads such a table, whole and in its order. Throws Error naming the file, and the image whose row is not right;
/// UsageError as check_hash_table_name().
[[nodiscard]] std::vector<HashedImage> read_hash_table(const std::filesystem::path& path);

}  // namespace haloedge
