#include "edges/checkpoint.hpp"

#include <cerrno>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "edges/options.hpp"
#include "run/report.hpp"
#include "run/run_folder.hpp"
#include "sink/hdf5_dataset.hpp"
#include "sink/output.hpp"

namespace haloedge {

namespace fs = std::filesystem;

namespace {

/// Returns a text that stays the same if the file is renamed, but not if it is changed.
std::string identity(const fs::path& path) {
  return fmt::format("{} {}", fs::file_size(path), fs::last_write_time(path).time_since_epoch().count());
}

/// Returns "world.tif, 1234 bytes of 2026-01-31T12:00:00.000000000Z". The folder is left out, because the input may
/// have been copied to another one since.
std::string describe_file(const fs::path& path) {
  const std::optional<FileState> state = file_state(path);
  if (!state) throw Error(fmt::format("{}: {}", path.string(), errno_text(errno)));
  return fmt::format("{}, {} bytes of {}", path.filename().string(), state->bytes, time_text(state->modified));
}

std::string describe_input(const InputSpec& input) {
  const std::string file = input_file(input.input);
  if (!input.grid) {
    return fmt::format("{}{}{}", describe_file(file), input.input.substr(file.size()), read_options_text(input.read));
  }
  const std::vector<std::string> files = input_files(input);
  std::string text;
  for (const std::string& name : files) text += describe_file(name);
  return fmt::format("{} files (CRC {:08x}){}", files.size(), checksum(std::as_bytes(std::span(text))),
                     grid_options(input));
}

/// The line of the dataset in the description of a run; empty if the output is not HDF5.
std::string dataset_line(const Output& output) {
  return output.dataset.empty() ? "" : fmt::format("dataset {}\n", output.dataset);
}

/// Describes what decides the bytes of the output, for check_same_job(): the version, the options, the name, size and
/// time of the input, and the dataset of an HDF5 output.
std::string describe_run(const EdgesCommand& command, const Output& output) {
  return fmt::format("{}\ninput {}\n{}{}\n", program_version(), describe_input(command.input), dataset_line(output),
                     edge_options_text(command.edge));
}

/// Throws Error if the existing output is older than the input.
void check_age(const fs::path& output, const fs::path& input) {
  std::error_code error;
  const auto input_time = fs::last_write_time(input, error);
  if (!error && input_time > fs::last_write_time(output)) {
    throw Error(
        fmt::format("{}: is older than {}, and there is no unfinished run to resume: use --overwrite to make it again",
                    output.string(), input.string()));
  }
}

}  // namespace

EdgeCheckpoint::EdgeCheckpoint(const Output& output, const EdgesCommand& command, Communicator& communicator)
    : output_(output), place_{.folder = RunFolder::beside(output.file)} {
  if (communicator.rank() == 0) begin(command);
  place_.number = static_cast<int>(communicator.sum(place_.number));
  tile_rows_ = communicator.sum(tile_rows_);
  is_complete_ = communicator.sum(is_complete_ ? 1 : 0) > 0;
}

bool EdgeCheckpoint::output_exists() const {
  return output_.format == OutputFormat::hdf5 ? has_dataset(output_) : fs::exists(output_.file);
}

std::optional<std::string> EdgeCheckpoint::note() const {
  std::optional<std::string> note = file_note(output_.file);
  const bool is_ours = note && note->find(dataset_line(output_)) != std::string::npos;
  return is_ours ? note : std::nullopt;
}

void EdgeCheckpoint::begin(const EdgesCommand& command) {
  const RestartOptions& restart = command.restart;
  const std::string input = input_file(command.input.input);
  if (restart.resume && output_exists() && !fs::exists(place_.folder)) {
    check_age(output_.file, input);
    report_finished(output_.name, note(), describe_run(command, output_), command.common.quiet);
    is_complete_ = true;
    return;
  }
  check_output(output_, restart.overwrite || restart.resume);
  folder_.emplace(place_.folder);
  const bool kept = has_tiles(place_.folder) || fs::exists(completion_file());
  folder_->begin(describe_run(command, output_), kept, restart.resume, restart.overwrite);
  place_.number = folder_->run_number();
  const fs::path partial = partial_path(output_.file);
  const bool was_renamed = !fs::exists(partial) && is_completed(output_.file);
  if (was_renamed || is_completed(partial)) {
    if (!was_renamed) publish();
    report_finished(output_.name, note(), describe_run(command, output_), command.common.quiet);
    is_complete_ = true;
    remove_leftovers();
    return;
  }
  remove_file(completion_file());
  tile_rows_ = journaled_tile_rows(place_.folder).value_or(0);
  // A job that starts over uses a new file, because a rank of a killed run may still write into the old one.
  if (tile_rows_ == 0) remove_file(partial);
}

bool EdgeCheckpoint::is_completed(const fs::path& file) const {
  return fs::exists(completion_file()) && fs::is_regular_file(file) &&
         read_text_file(completion_file()) == identity(file);
}

void EdgeCheckpoint::commit() {
  const fs::path partial = partial_path(output_.file);
  set_file_note(partial, folder_->description());
  write_text_file(completion_file(), identity(partial));
  publish();
  remove_leftovers();
}

void EdgeCheckpoint::publish() const {
  constexpr std::string_view advice = "; fix this, then continue with --resume";
  const fs::path partial = partial_path(output_.file);
  if (output_.format == OutputFormat::hdf5 && fs::is_regular_file(output_.file)) {
    try {
      return add_dataset(output_, partial, RunFolder::aside(place_.folder, place_.number, 0, ".h5"));
    } catch (const std::exception& error) {
      throw Error(fmt::format("{}{}", error.what(), advice));
    }
  }
  std::error_code error;
  fs::rename(partial, output_.file, error);
  if (error) {
    throw Error(fmt::format("{}: cannot rename the complete output to this name: {}{}", output_.file.string(),
                            error.message(), advice));
  }
}

void EdgeCheckpoint::remove_leftovers() {
  RunFolder::remove(place_.folder);
  remove_file(partial_path(output_.file));  // it is still there if its dataset was copied
  folder_.reset();
}

EdgeCheckpoint::~EdgeCheckpoint() {
  if (!folder_) return;
  try {
    if (has_tiles(place_.folder) || fs::exists(completion_file())) return;
    RunFolder::remove(place_.folder);
    fs::remove(partial_path(output_.file));
  } catch (const std::exception&) {
    // Files that cannot be examined or removed stay. They only take room.
  }
}

}  // namespace haloedge
