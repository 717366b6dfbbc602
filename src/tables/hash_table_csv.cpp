#include <fmt/format.h>

#include "core/fields.hpp"
#include "core/time_text.hpp"
#include "core/whole_file.hpp"
#include "tables/hash_table_kinds.hpp"

namespace haloedge {

namespace {

std::string csv_line(const HashedImage& image) {
  return fmt::format("{},{},{},{},{},{},{}\n", csv_field(image.file.path), hash_text(image), image.width, image.height,
                     image.file.bytes, time_text(image.file.modified), csv_field(image.error));
}

HashedImage to_image(std::vector<std::string>& fields, const TableRow& row) {
  HashedImage image;
  image.file.path = std::move(fields[0]);
  image.error = std::move(fields[6]);
  if (image.error.empty()) image.hash = row.to_hash(fields[1]);
  image.width = row.to_number(fields[2]);
  image.height = row.to_number(fields[3]);
  image.file.bytes = row.to_number(fields[4]);
  image.file.modified = row.to_time(fields[5]);
  return image;
}

}  // namespace

void write_hash_csv(const std::filesystem::path& path, const std::vector<HashedImage>& images) {
  std::string text = "path,hash,width,height,bytes,modified,error\n";
  for (const HashedImage& image : images) text += csv_line(image);
  write_text_file(path, text);
}

std::vector<HashedImage> read_hash_csv(const std::filesystem::path& path) {
  const std::string text = read_text_file(path);
  CsvReader reader(text);
  std::vector<std::string> fields;
  const std::vector<std::string> columns{"path", "hash", "width", "height", "bytes", "modified", "error"};
  if (!reader.next_line(fields) || fields != columns) {
    throw no_hash_table(path, "its first line is not 'path,hash,width,...'");
  }
  std::vector<HashedImage> images;
  while (reader.next_line(fields)) {
    if (fields.size() == 1 && fields.front().empty()) continue;
    const TableRow row(path, images.size() + 1);
    if (fields.size() != columns.size()) {
      throw row.failure(fmt::format("{} fields, not {}", fields.size(), columns.size()));
    }
    images.push_back(to_image(fields, row));
  }
  return images;
}

}  // namespace haloedge
