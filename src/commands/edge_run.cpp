#include "commands/edge_run.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "cli/edge_options.hpp"
#include "commands/version.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/partial_file.hpp"
#include "core/text_file.hpp"
#include "resume/tile_journal.hpp"
#include "sink/output_check.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

}  // namespace

EdgeRun::EdgeRun(const OutputSpec& output, const RestartOptions& restart, const std::string& description,
                 Communicator& communicator)
    : output_(output_file(output)), place_{.folder = RunFolder::beside(output_)} {
  if (communicator.rank() == 0) begin(output, restart, description);
  place_.number = static_cast<int>(communicator.sum(place_.number));
  tile_rows_ = communicator.sum(tile_rows_);
  is_complete_ = communicator.sum(is_complete_ ? 1 : 0) > 0;
}

void EdgeRun::begin(const OutputSpec& output, const RestartOptions& restart, const std::string& description) {
  if (restart.resume && fs::exists(output_) && !fs::exists(place_.folder)) {
    is_complete_ = true;
    return;
  }
  check_output(output);
  // A run that has put nothing away is nothing to go on with, and not worth a question.
  const bool kept = has_tiles(place_.folder) || fs::exists(complete_mark());
  folder_.emplace(place_.folder, description, restart.resume && kept, restart.overwrite || !kept);
  place_.number = folder_->run_number();
  if (fs::exists(complete_mark())) {
    // That run was killed between the mark and its end.
    if (fs::exists(partial_path(output_))) PartialFile(output_).commit();
    is_complete_ = true;
    RunFolder::remove(place_.folder);
    folder_.reset();
    return;
  }
  tile_rows_ = journaled_tile_rows(place_.folder).value_or(0);
}

void EdgeRun::commit() {
  // From here on a run that is killed needs no more than the rename.
  write_text_file(complete_mark(), "");
  PartialFile(output_).commit();
  RunFolder::remove(place_.folder);
  folder_.reset();
}

EdgeRun::~EdgeRun() {
  if (!folder_) return;
  try {
    if (has_tiles(place_.folder)) return;
    RunFolder::remove(place_.folder);
    fs::remove(partial_path(output_));
  } catch (const std::exception&) {
    // What cannot be looked at or removed stays.
  }
}

std::string describe_run(const EdgesCommand& command) {
  const InputSpec& input = command.input;
  std::vector<std::string> files{input_file(input.input)};
  if (input.grid) files = files_matching(input.input);
  std::uintmax_t bytes = 0;
  fs::file_time_type newest = fs::file_time_type::min();
  for (const std::string& file : files) {
    std::error_code error;
    bytes += fs::file_size(file, error);
    if (!error) newest = std::max(newest, fs::last_write_time(file, error));
    if (error) throw Error(fmt::format("{}: {}", file, error.message()));
  }
  const std::string grid = input.grid ? fmt::format(" --grid {}x{}", input.grid->rows, input.grid->columns) : "";
  return fmt::format("haloedge {}: edges of {} bytes of {}{} --page {} {}\n", version_number(), bytes,
                     newest.time_since_epoch().count(), grid, input.page, edge_options_text(command.edge));
}

}  // namespace haloedge
