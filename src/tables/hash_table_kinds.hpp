// What the kinds of tables have in common, for src/tables/hash_table*.cpp alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "tables/hash_table.hpp"

namespace haloedge {

/// A row of a table that is being read. Everything throws Error that names it.
class TableRow {
 public:
  /// Rows count from 1. The path must outlive this.
  TableRow(const std::filesystem::path& table, std::size_t number) : table_(&table), number_(number) {}

  [[nodiscard]] Error failure(std::string_view what) const;
  [[nodiscard]] std::int64_t to_number(std::string_view text) const;
  [[nodiscard]] std::uint64_t to_hash(std::string_view text) const;
  [[nodiscard]] std::int64_t to_time(std::string_view text) const;

 private:
  const std::filesystem::path* table_;
  std::size_t number_;
};

/// The hash as 16 hexadecimal digits; empty if there is none.
[[nodiscard]] std::string hash_text(const HashedImage& image);

/// The file is none that `haloedge hash` wrote.
[[nodiscard]] Error no_hash_table(const std::filesystem::path& path, std::string_view why);

void write_hash_csv(const std::filesystem::path& path, const std::vector<HashedImage>& images);
[[nodiscard]] std::vector<HashedImage> read_hash_csv(const std::filesystem::path& path);

void write_hash_sqlite(const std::filesystem::path& path, const std::vector<HashedImage>& images);
[[nodiscard]] std::vector<HashedImage> read_hash_sqlite(const std::filesystem::path& path);

void write_hash_hdf5(const std::filesystem::path& path, const std::vector<HashedImage>& images);
[[nodiscard]] std::vector<HashedImage> read_hash_hdf5(const std::filesystem::path& path);

}  // namespace haloedge
