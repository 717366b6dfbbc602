#include <chrono>
#include <utility>

#include <fmt/ranges.h>

#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "run/named_files.hpp"
#include "run/report.hpp"
#include "run/run_folder.hpp"
#include "sets/image_list.hpp"
#include "sets/image_names.hpp"
#include "sets/score.hpp"

namespace haloedge {

namespace fs = std::filesystem;

namespace {

/// Returns true if the map exists and is not older than its image. An older map was made before the image was changed.
bool has_map(const fs::path& folder, const ImageFile& image) {
  const std::optional<FileState> map = file_state(folder / image.name);
  return map && map->modified >= image.modified;
}

/// Rows are written together: at most this many, or those that arrive within this time.
constexpr std::size_t max_rows = 256;
constexpr std::chrono::milliseconds longest_wait{500};

/// A message holds a few hundred rows.
constexpr Funnel::Settings funnel_settings{.items = Channel::score,
                                           .taken = Channel::score_taken,
                                           .message_bytes = std::int64_t{32} << 10,
                                           .max_under_way = std::int64_t{64} << 10,
                                           .longest_wait = longest_wait};

}  // namespace

std::string score_options_text(const ScoreCommand& command) {
  std::string text = fmt::format("--low {} --high {} --norm {} --gray {} --sigma {}", command.low, command.high,
                                 choice_name(norms(), command.norm), choice_name(grays(), command.gray), command.sigma);
  text += read_options_text({.bands = command.set.bands});
  if (command.depth.empty()) return text;
  const fs::path folder = (fs::path(command.depth) / "").lexically_normal().parent_path();
  return text + fmt::format(" --depth {} --clusters {}", folder.string(), command.clusters);
}

fs::path ScoreOutput::aside_folder() const {
  const fs::path database = fs::absolute(command_.set.output).lexically_normal();
  const std::string& name = database.native();
  return fs::path(command_.maps) /
         fmt::format(".{}-{:08x}.maps", database.filename().string(), checksum(std::as_bytes(std::span(name))));
}

void ScoreOutput::check() const {
  const fs::path path = command_.set.output;
  table_.check_name();
  check_named_files(named_inputs(command_.set), {{"-o", command_.set.output}, {"--maps", command_.maps}},
                    command_.common);
  check_folders();
  const RestartOptions& restart = command_.set.restart;
  if (fs::exists(path) && !restart.overwrite && !restart.resume) {
    throw Error(
        fmt::format("{}: already exists: use --resume to continue it, or --overwrite to start over", path.string()));
  }
  check_new_file(path, true);
  const std::optional<std::string> before = restart.resume ? table_.options() : std::nullopt;
  if (before) check_same_job(path.string(), *before, score_options_text(command_));
}

void ScoreOutput::check_folders() const {
  std::error_code error;
  if (!command_.depth.empty() && !fs::is_directory(command_.depth, error)) {
    throw UsageError(fmt::format("--depth {}: is not a folder", command_.depth));
  }
  check_folder_name(command_.maps, "--maps writes files into a folder: name one");
  if (!has_maps() || !fs::exists(command_.maps, error)) return;
  if (fs::equivalent(command_.maps, command_.depth, error)) {
    throw UsageError(fmt::format("--maps {}: is also the folder of --depth: give another folder", command_.maps));
  }
  if (!fs::is_directory(command_.maps, error))
    throw UsageError(fmt::format("--maps {}: is not a folder", command_.maps));
  const RestartOptions& restart = command_.set.restart;
  if (!restart.overwrite && !restart.resume) check_empty_folder(command_.maps);
}

SetTask ScoreOutput::task() const {
  SetTask task{.description = "score\n",
               .output = command_.maps,
               .folder = RunFolder::beside(command_.set.output),
               .keeps_journal = false,
               .cost = score_cost};
  if (has_maps()) {
    task.name_outputs = [this](std::vector<ImageFile>& files) {
      check_apart(files, command_.maps);
      name_outputs(files, ".tif");
    };
    task.output_exists = [this](const Outcome& outcome) { return has_map(command_.maps, outcome.file); };
  }
  if (command_.set.restart.resume) {
    task.known = [this] {
      std::vector<Outcome> known;
      for (ImageFile& file : table_.scored()) known.push_back({.file = std::move(file)});
      return known;
    };
  }
  return task;
}

void ScoreOutput::begin(const SetRun& set_run, Run& run) {
  if (run.is_first_rank()) {
    if (!command_.set.restart.resume) table_.remove();
    table_run_ = table_.begin_run({.command_line = fmt::format("{}", fmt::join(run.command_line, " ")),
                                   .version = std::string(version_number()),
                                   .options = score_options_text(command_),
                                   .ranks = run.communicator.size()});
  }
  if (has_maps()) open_maps(set_run.number(), run.communicator);
}

void ScoreOutput::open_maps(int run_number, Communicator& communicator) {
  const fs::path aside = aside_folder();
  if (communicator.rank() == 0) make_folder(aside);
  if (!look_at_folder(aside, communicator).here) {
    throw Error(
        fmt::format("--maps {}: this host does not see the files of rank 0 there: the folder must be on a file system "
                    "that all hosts share",
                    command_.maps));
  }
  maps_.emplace(command_.maps, RunFolder::aside(aside, run_number, communicator.rank(), ""));
}

void ScoreOutput::conclude(bool is_complete) const {
  if (is_complete) table_.end_run(table_run_);
  table_.checkpoint();
  RunFolder::remove(RunFolder::beside(command_.set.output));
  if (has_maps()) RunFolder::remove(aside_folder());
}

ScoreWriter::ScoreWriter(Communicator& communicator, Write write)
    : communicator_(communicator), write_(std::move(write)), queue_(max_rows), crew_([this](std::exception_ptr error) {
        communicator_.fail_from_thread(std::move(error));  // first: add() throws this once the queue is abandoned
        queue_.abandon();
      }) {
  if (communicator_.rank() == 0) crew_.start([this] { write_all(); });
  try {
    funnel_.emplace(communicator, funnel_settings, [this](std::span<const std::byte> bytes) {
      FieldReader fields({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
      add(next_row(fields, score_columns()));
    });
  } catch (...) {
    queue_.close();  // the crew waits for the thread that writes the rows
    throw;
  }
}

ScoreWriter::~ScoreWriter() {
  funnel_.reset();
  queue_.close();
}

void ScoreWriter::add(ScoredImage row) {
  if (communicator_.rank() == 0) {
    if (!queue_.push(std::move(row))) communicator_.check_peers();
    return;
  }
  FieldWriter fields;
  add_row(fields, score_columns(), row);
  funnel_->add(std::as_bytes(std::span(fields.text())));
}

void ScoreWriter::finish() {
  funnel_->finish();
  queue_.close();
  crew_.join();
}

void ScoreWriter::write_all() {
  try {
    for (auto rows = queue_.pop_all(longest_wait); !rows.empty(); rows = queue_.pop_all(longest_wait)) write_(rows);
  } catch (const PeerFailure&) {
    throw;
  } catch (const std::exception& error) {
    throw RunError(error.what());  // no later row could be written
  }
}

}  // namespace haloedge
