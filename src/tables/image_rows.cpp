#include "tables/image_rows.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace haloedge {

namespace {

void check_sizes(const HashedImage& image) {
  if (std::min({image.width, image.height, image.file.bytes}) < 0) {
    throw Error("width, height or bytes is negative");
  }
}

Column<HashedImage> flat_column() { return column("flat", &HashedImage::flat).without_errors(); }

/// The columns that tables begin with, after the path, and results, too.
std::vector<Column<HashedImage>> hash_and_size() {
  return {column("hash", &HashedImage::hash).without_errors(), column("width", &HashedImage::width),
          column("height", &HashedImage::height)};
}

std::vector<Column<HashedImage>> make_hash_result_columns() {
  std::vector<Column<HashedImage>> columns = hash_and_size();
  columns.push_back(flat_column());
  return columns;
}

std::vector<Column<HashedImage>> make_hash_columns() {
  std::vector<Column<HashedImage>> columns = hash_and_size();
  columns.insert(columns.begin(), column("path", &HashedImage::file, &ImageFile::path));
  columns.push_back(column("bytes", &HashedImage::file, &ImageFile::bytes));
  columns.push_back(column("modified", &HashedImage::file, &ImageFile::modified).as_time());
  columns.push_back(flat_column());
  columns.push_back(column("error", &HashedImage::error));
  return columns;
}

std::vector<Column<ScoredImage>> make_score_columns() {
  constexpr auto score = &ScoredImage::score;
  std::vector<Column<ScoredImage>> columns{
      column("path", &ScoredImage::file, &ImageFile::path),
      column("score", score, &ImageScore::score).without_errors(),
  };
  for (std::size_t i = 0; i < photo_measures.size(); ++i) {
    const auto element = [i](auto& measures) -> auto& { return measures[i]; };
    columns.push_back(column(photo_measures[i].name, score, &ImageScore::measures, element).without_errors());
  }
  columns.push_back(column("width", score, &ImageScore::width).without_errors());
  columns.push_back(column("height", score, &ImageScore::height).without_errors());
  columns.push_back(column("bytes", &ScoredImage::file, &ImageFile::bytes));
  columns.push_back(column("modified", &ScoredImage::file, &ImageFile::modified).as_time());
  columns.push_back(column("seconds", &ScoredImage::seconds));
  columns.push_back(column("error", &ScoredImage::error));
  return columns;
}

}  // namespace

const Schema<HashedImage>& hash_result_columns() {
  static const Schema<HashedImage> columns(make_hash_result_columns());
  return columns;
}

const Table<HashedImage>& hash_table() {
  // Version 1 had no column "flat", and other hashes of images whose samples have more than 8 bits.
  static const Table<HashedImage> table(
      {.contents = "hashes", .hdf5_attribute = "haloedge_hash_table", .command = "haloedge hash", .version = 2},
      make_hash_columns(), check_sizes);
  return table;
}

const Schema<ScoredImage>& score_columns() {
  static const Schema<ScoredImage> columns(make_score_columns());
  return columns;
}

}  // namespace haloedge
