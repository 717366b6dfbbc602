#include "tables/hash_table.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/number_text.hpp"
#include "core/time_text.hpp"
#include "tables/hash_table_kinds.hpp"

namespace haloedge {

namespace {

struct Kind {
  std::string_view ending;
  void (*write)(const std::filesystem::path& path, const std::vector<HashedImage>& images);
  std::vector<HashedImage> (*read)(const std::filesystem::path& path);
};

constexpr std::array<Kind, 5> kinds{{{".csv", write_hash_csv, read_hash_csv},
                                     {".sqlite", write_hash_sqlite, read_hash_sqlite},
                                     {".db", write_hash_sqlite, read_hash_sqlite},
                                     {".h5", write_hash_hdf5, read_hash_hdf5},
                                     {".hdf5", write_hash_hdf5, read_hash_hdf5}}};

const Kind& kind_of(const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  const auto* kind = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& some) { return some.ending == ending; });
  if (kind == kinds.end()) {
    throw UsageError(fmt::format("{}: tables of hashes end in .csv, .sqlite, .db, .h5 or .hdf5", path.string()));
  }
  return *kind;
}

}  // namespace

Error TableRow::failure(std::string_view what) const {
  return Error(fmt::format("{}: image {}: {}", table_->string(), number_, what));
}

std::int64_t TableRow::to_number(std::string_view text) const {
  const auto number = parse_number<std::int64_t>(text);
  if (!number) throw failure(fmt::format("'{}' is not a number", text));
  return *number;
}

std::uint64_t TableRow::to_hash(std::string_view text) const {
  const auto number = parse_number<std::uint64_t>(text, 16);
  if (!number) throw failure(fmt::format("'{}' is not a number", text));
  return *number;
}

std::int64_t TableRow::to_time(std::string_view text) const {
  const auto time = parse_time(text);
  if (!time) throw failure(fmt::format("'{}' is not a time like {}", text, time_text(0)));
  return *time;
}

std::string hash_text(const HashedImage& image) {
  return image.error.empty() ? fmt::format("{:016x}", image.hash) : "";
}

Error no_hash_table(const std::filesystem::path& path, std::string_view why) {
  return Error(fmt::format("{}: is not a table of hashes: {}", path.string(), why));
}

void check_hash_table_name(const std::filesystem::path& path) { (void)kind_of(path); }

void write_hash_table(const std::filesystem::path& path, const std::vector<HashedImage>& images) {
  kind_of(path).write(path, images);
}

std::vector<HashedImage> read_hash_table(const std::filesystem::path& path) {
  const Kind& kind = kind_of(path);
  check_regular_file(path);
  (void)File::open_to_read(path);  // a missing file is told in the same words, whatever its kind
  std::vector<HashedImage> images = kind.read(path);
  for (std::size_t i = 0; i < images.size(); ++i) {
    const HashedImage& image = images[i];
    if (std::min({image.width, image.height, image.file.bytes}) < 0) {
      throw TableRow(path, i + 1).failure("width, height or bytes is negative");
    }
  }
  return images;
}

}  // namespace haloedge
