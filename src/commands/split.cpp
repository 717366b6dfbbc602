#include <algorithm>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/command_options.hpp"
#include "commands/commands.hpp"
#include "core/buffer.hpp"
#include "core/error.hpp"
#include "core/number_text.hpp"
#include "core/parallel.hpp"
#include "core/whole_file.hpp"
#include "formats/row_writer.hpp"
#include "run/progress.hpp"
#include "run/resources.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// Part i of `length` cut into `parts`: all the same, but the last takes the rest.
RowRange part_of(std::int64_t length, int parts, int i) {
  const std::int64_t size = length / parts;
  return {i * size, i + 1 == parts ? length : (i + 1) * size};
}

/// Cuts the grid rows that are this rank's.
class Splitter {
 public:
  Splitter(const SplitCommand& command, Source& source, const RankResources& resources);

  [[nodiscard]] int grid_rows() const { return command_.parts.rows; }
  /// Writes the tile files of one grid row; `rows_done` is told how many image rows were read.
  void cut(int grid_row, const std::function<void(std::int64_t)>& rows_done);

 private:
  [[nodiscard]] fs::path tile_path(int row, int column) const;
  [[nodiscard]] std::unique_ptr<RowWriter> open_tile(const fs::path& path, std::int64_t width,
                                                     std::int64_t height) const;
  void read(RowRange unit);

  const SplitCommand& command_;
  Source& source_;
  int threads_;
  std::int64_t unit_rows_;
  Buffer pixels_;  ///< one unit's, whole rows
};

Splitter::Splitter(const SplitCommand& command, Source& source, const RankResources& resources)
    : command_(command), source_(source), threads_(resources.threads) {
  const ImageInfo& image = source.image();
  const std::int64_t row_bytes = image.width * image.pixel_bytes();
  constexpr std::int64_t usual_rows = 256;
  unit_rows_ = std::clamp<std::int64_t>(resources.memory / 4 / row_bytes, 1, usual_rows);
  std::int64_t largest = 0;
  for (int row = 0; row < command.parts.rows; ++row) {
    for (const RowRange unit : source.units(part_of(image.height, command.parts.rows, row), unit_rows_)) {
      largest = std::max(largest, unit.size());
    }
  }
  const std::int64_t needed = largest * row_bytes + source.working_bytes(threads_);
  if (needed > resources.memory) {
    throw Error(fmt::format("splitting this image needs {} of memory a rank, but --memory (or this node) gives {}",
                            size_text(needed), size_text(resources.memory)));
  }
  pixels_ = Buffer(largest * row_bytes);
}

fs::path Splitter::tile_path(int row, int column) const {
  const auto digits = std::to_string(std::max(command_.parts.rows, command_.parts.columns) - 1).size();
  return fs::path(command_.folder) / fmt::format("part_{:0{}}_{:0{}}.{}", row, digits, column, digits,
                                                 command_.format == FileFormat::png ? "png" : "tif");
}

std::unique_ptr<RowWriter> Splitter::open_tile(const fs::path& path, std::int64_t width, std::int64_t height) const {
  const RowWriterSpec spec{path, width, height, source_.image().type, source_.image().channels};
  return command_.format == FileFormat::png ? make_png_row_writer(spec) : make_tiff_row_writer(spec);
}

void Splitter::read(RowRange unit) {
  const std::int64_t pixel_bytes = source_.image().pixel_bytes();
  const std::int64_t row_bytes = source_.image().width * pixel_bytes;
  run_tasks(threads_, source_.task_count(unit), [&](std::int64_t task, int) {
    source_.decode(unit, task, [&](std::int64_t row, std::int64_t column, const kernels::ConstPixels& block) {
      std::byte* to = pixels_.data() + (row - unit.begin) * row_bytes + column * pixel_bytes;
      for (std::int64_t i = 0; i < block.rows; ++i) {
        std::copy_n(block.data + i * block.row_bytes, block.width * pixel_bytes, to + i * row_bytes);
      }
    });
  });
}

void Splitter::cut(int grid_row, const std::function<void(std::int64_t)>& rows_done) {
  const ImageInfo& image = source_.image();
  const RowRange rows = part_of(image.height, command_.parts.rows, grid_row);
  const int columns = command_.parts.columns;
  std::deque<PartialFile> files;  // removed again unless all goes well
  std::vector<std::unique_ptr<RowWriter>> writers;
  for (int column = 0; column < columns; ++column) {
    const fs::path path = tile_path(grid_row, column);
    files.emplace_back(path);
    writers.push_back(open_tile(partial_path(path), part_of(image.width, columns, column).size(), rows.size()));
  }
  for (const RowRange unit : source_.units(rows, unit_rows_)) {
    read(unit);
    run_tasks(threads_, columns, [&](std::int64_t column, int) {
      const RowRange range = part_of(image.width, columns, static_cast<int>(column));
      const std::byte* first = pixels_.data() + range.begin * image.pixel_bytes();
      writers[static_cast<std::size_t>(column)]->write(
          {first, image.width * image.pixel_bytes(), range.size(), unit.size(), image.type, image.channels});
    });
    rows_done(unit.size());
  }
  for (const auto& writer : writers) writer->finish();
  for (PartialFile& file : files) file.commit();
}

/// On rank 0, before any work.
void prepare_folder(const SplitCommand& command, const ImageInfo& image) {
  if (command.parts.rows > image.height || command.parts.columns > image.width) {
    throw UsageError(fmt::format("--grid {}x{} does not fit an image of {} x {} px (rows x columns)",
                                 command.parts.rows, command.parts.columns, image.width, image.height));
  }
  std::error_code error;
  fs::create_directories(command.folder, error);
  if (error) throw Error(fmt::format("{}: cannot make this folder: {}", command.folder, error.message()));
  if (command.overwrite) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(command.folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("part_")) {
      throw Error(fmt::format("{}: is already there; --overwrite replaces tile files", entry.path().string()));
    }
  }
}

}  // namespace

ExitCode run_split(const SplitCommand& command, const std::vector<std::string>& /*command_line*/,
                   Communicator& communicator) {
  const std::unique_ptr<Source> source = open_source(command.input);
  const ImageInfo& image = source->image();
  if (communicator.rank() == 0) prepare_folder(command, image);
  communicator.barrier();
  const RankResources resources = rank_resources(command.common, communicator);

  // What must be decoded from the top is decoded by rank 0 alone, once.
  const int workers = source->any_order() ? communicator.size() : 1;
  Progress progress(command.common, communicator, image.height, image.width);
  std::int64_t rows_done = 0;
  if (communicator.rank() < workers) {
    Splitter splitter(command, *source, resources);
    for (int row = communicator.rank(); row < splitter.grid_rows(); row += workers) {
      splitter.cut(row, [&](std::int64_t rows) { progress.update(rows_done += rows); });
    }
  }
  progress.finish();
  communicator.barrier();
  if (communicator.rank() == 0 && !command.common.quiet) {
    fmt::print("{}: {} tile files\n", command.folder, command.parts.rows * command.parts.columns);
  }
  return ExitCode::done;
}

}  // namespace haloedge
