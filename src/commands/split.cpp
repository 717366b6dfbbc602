#include <cstdint>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "commands/commands.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "source/splitter.hpp"

namespace haloedge {

namespace {

/// Makes the folder for the tiles. Throws UsageError or Error if they cannot be cut, or would replace others. For rank
/// 0, before any work.
void prepare_folder(const SplitCommand& command, const ImageInfo& image) {
  if (command.parts.rows > image.height || command.parts.columns > image.width) {
    throw UsageError(fmt::format("--grid {}x{} does not fit an image of {} x {} px (rows x columns)",
                                 command.parts.rows, command.parts.columns, image.width, image.height));
  }
  make_folder(command.folder);
  if (command.overwrite) return;
  for (const std::filesystem::path& path : folder_contents(command.folder)) {
    if (path.filename().string().starts_with("part_")) {
      throw Error(fmt::format("{}: already exists; use --overwrite to replace tile files", path.string()));
    }
  }
}

}  // namespace

ExitCode run_split(const SplitCommand& command, Run& run) {
  const std::unique_ptr<Source> source = open_source(command.input);
  const ImageInfo& image = source->image();
  Communicator& communicator = run.communicator;
  if (run.is_first_rank()) prepare_folder(command, image);
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
  if (run.is_first_rank() && !command.common.quiet) {
    fmt::print("{}: {} tile files\n", command.folder, std::int64_t{command.parts.rows} * command.parts.columns);
  }
  return ExitCode::done;
}

}  // namespace haloedge
