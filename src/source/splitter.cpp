#include "source/splitter.hpp"

#include <algorithm>
#include <deque>
#include <regex>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "core/threads.hpp"
#include "formats/georeference.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// Part i of `length`, which is cut into `parts` of the same size, except for the last one, which takes the remainder.
RowRange part_of(std::int64_t length, int parts, int i) {
  const std::int64_t size = length / parts;
  return {i * size, i + 1 == parts ? length : (i + 1) * size};
}

}  // namespace

std::vector<fs::path> tile_files(const fs::path& folder) {
  static const std::regex form(R"(part_[0-9]+_[0-9]+\.(tif|png))");
  std::vector<fs::path> tiles = folder_contents(folder);
  std::erase_if(tiles, [](const fs::path& path) {
    std::error_code gone;
    return !std::regex_match(path.filename().string(), form) || !fs::is_regular_file(path, gone);
  });
  return tiles;
}

fs::path tile_path(const SplitCommand& command, int row, int column) {
  const auto digits = std::to_string(std::max(command.parts.rows, command.parts.columns) - 1).size();
  return fs::path(command.folder) /
         fmt::format("part_{:0{}}_{:0{}}{}", row, digits, column, digits, usual_ending(command.format));
}

Splitter::Splitter(const SplitCommand& command, Source& source, const RankResources& resources)
    : command_(command), source_(source), threads_(resources.threads) {
  const ImageInfo& image = source.image();
  const std::int64_t row_bytes = image.row_bytes();
  constexpr std::int64_t usual_rows = 256;
  const std::int64_t decode = source.working_bytes(threads_);
  unit_rows_ = std::clamp<std::int64_t>((resources.memory - program_bytes - decode) / row_bytes, 1, usual_rows);
  std::int64_t largest = 0;
  for (int row = 0; row < command.parts.rows; ++row) {
    for (const RowRange unit : source.units(part_of(image.height, command.parts.rows, row), unit_rows_)) {
      largest = std::max(largest, unit.size());
    }
  }
  const std::int64_t needed = largest * row_bytes + decode + program_bytes;
  if (needed > resources.memory) {
    throw Error(
        fmt::format("this job needs {} of memory per rank, but --memory (or this node) allows {}: run with --memory "
                    "{}M or more (rows {}, decoding {}, program {})",
                    size_text(needed), size_text(resources.memory), (needed >> 20) + 1, size_text(largest * row_bytes),
                    size_text(decode), size_text(program_bytes)));
  }
  pixels_ = Buffer(largest * row_bytes);
}

void Splitter::cut(int grid_row, const std::function<void(std::int64_t)>& rows_done) {
  const ImageInfo& image = source_.image();
  const std::int64_t row_bytes = image.row_bytes();
  const RowRange rows = part_of(image.height, command_.parts.rows, grid_row);
  const int columns = command_.parts.columns;
  std::deque<PartialFile> files;  // removed if anything fails
  std::vector<std::unique_ptr<RowWriter>> writers;
  for (int column = 0; column < columns; ++column) {
    const fs::path path = tile_path(command_, grid_row, column);
    files.emplace_back(path);
    const RowRange range = part_of(image.width, columns, column);
    RowWriterSpec spec{.path = partial_path(path),
                       .width = range.size(),
                       .height = rows.size(),
                       .type = image.type,
                       .channels = image.channels,
                       .metadata = image.metadata,
                       .zero = image.zero,
                       .nodata = image.nodata};
    spec.metadata.geo_tags = georeference_of_part(std::move(spec.metadata.geo_tags), rows.begin, range.begin);
    writers.push_back(command_.format == OutputFormat::png ? make_png_row_writer(spec) : make_tiff_row_writer(spec));
  }
  for (const RowRange unit : source_.units(rows, unit_rows_)) {
    const PixelConsumer store = copy_to(pixels_.data(), unit.begin, row_bytes);
    run_tasks(threads_, source_.task_count(unit), [&](std::int64_t task, int) { source_.decode(unit, task, store); });
    run_tasks(threads_, columns, [&](std::int64_t column, int) {
      const RowRange range = part_of(image.width, columns, static_cast<int>(column));
      const std::byte* first = pixels_.data() + range.begin * image.pixel_bytes();
      writers[static_cast<std::size_t>(column)]->write(
          {first, row_bytes, range.size(), unit.size(), image.type, image.channels});
    });
    rows_done(unit.size());
  }
  for (const auto& writer : writers) writer->finish();
  for (PartialFile& file : files) file.commit();
}

}  // namespace haloedge
