#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "commands/commands.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "run/named_files.hpp"
#include "source/splitter.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// Makes the folder for the tiles. Returns the tiles that are in it, which this run will replace or remove. Throws
/// UsageError or Error if the tiles cannot be cut, or if old ones must stay. For rank 0, before any work.
std::vector<fs::path> prepare_folder(const SplitCommand& command, const ImageInfo& image) {
  if (command.parts.rows > image.height || command.parts.columns > image.width) {
    throw UsageError(fmt::format("--grid {}x{} does not fit an image of {} x {} px (rows x columns)",
                                 command.parts.rows, command.parts.columns, image.width, image.height));
  }
  check_folder_name(command.folder, "split writes tile files into a folder: name one");
  make_folder(command.folder);
  std::vector<fs::path> old = tile_files(command.folder);
  if (!old.empty() && !command.overwrite) {
    throw Error(fmt::format("{}: already exists; use --overwrite to replace the tile files in this folder",
                            old.front().string()));
  }
  std::vector<NamedOutput> outputs;
  outputs.reserve(old.size());
  for (const fs::path& tile : old) outputs.push_back({"-o", tile.string()});
  check_named_files({input_file(command.input.input)}, std::move(outputs), command.common);
  return old;
}

/// Removes the old tiles that this run has not replaced, so that no pattern finds tiles of two images.
void remove_others(const std::vector<fs::path>& old, const SplitCommand& command) {
  if (old.empty()) return;
  std::set<fs::path> written;
  for (int row = 0; row < command.parts.rows; ++row) {
    for (int column = 0; column < command.parts.columns; ++column) {
      written.insert(tile_path(command, row, column).filename());
    }
  }
  for (const fs::path& tile : old) {
    if (!written.contains(tile.filename())) remove_file(tile);
  }
}

}  // namespace

ExitCode run_split(const SplitCommand& command, Run& run) {
  const std::unique_ptr<Source> source = open_source(command.input);
  const ImageInfo& image = source->image();
  Communicator& communicator = run.communicator;
  std::vector<fs::path> old;
  if (run.is_first_rank()) old = prepare_folder(command, image);
  communicator.barrier();

  // An image that can only be decoded from the top is decoded once, by rank 0 alone.
  const int workers = source->any_order() ? communicator.size() : 1;
  run.show_rows_done(image.height, image.width);
  std::int64_t rows_done = 0;
  if (communicator.rank() < workers) {
    Splitter splitter(command, *source, run.resources);
    for (int row = communicator.rank(); row < command.parts.rows; row += workers) {
      splitter.cut(row, [&](std::int64_t rows) { run.advance(rows_done += rows); });
    }
  }
  run.finish_progress(rows_done);
  communicator.barrier();
  remove_others(old, command);
  if (run.is_first_rank() && !command.common.quiet) {
    fmt::print("{}: {} tile files\n", command.folder, std::int64_t{command.parts.rows} * command.parts.columns);
  }
  return ExitCode::done;
}

}  // namespace haloedge
