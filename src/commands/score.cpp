#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <fmt/format.h>

#include "commands/commands.hpp"
#include "core/file.hpp"
#include "run/report.hpp"
#include "run/run_folder.hpp"
#include "run/tile_journal.hpp"
#include "sets/image_names.hpp"
#include "sets/options.hpp"
#include "sets/score_stages.hpp"
#include "sets/set_report.hpp"
#include "tables/score_table.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// In the folder for maps, where each grows before it gets its name: no other database has this one.
fs::path aside_folder(const ScoreCommand& command) {
  const fs::path database = fs::absolute(command.set.output).lexically_normal();
  const std::string& name = database.native();
  return fs::path(command.maps) /
         fmt::format(".{}-{:08x}.maps", database.filename().string(), checksum(std::as_bytes(std::span(name))));
}

/// On rank 0, before any work.
void check_folders(const ScoreCommand& command) {
  std::error_code error;
  if (!command.depth.empty() && !fs::is_directory(command.depth, error)) {
    throw UsageError(fmt::format("--depth {}: is no folder", command.depth));
  }
  if (command.maps.empty() || !fs::exists(command.maps, error)) return;
  if (!fs::is_directory(command.maps, error)) throw UsageError(fmt::format("--maps {}: is no folder", command.maps));
  const RestartOptions& restart = command.set.restart;
  if (!restart.overwrite && !restart.resume && !fs::is_empty(command.maps, error)) {
    throw Error(fmt::format("{}: holds files already: give another folder, or --overwrite", command.maps));
  }
}

/// On rank 0, before any work: scores that were made in different ways must not stand in one table.
void check_output(const ScoreCommand& command, const ScoreTable& table) {
  const fs::path path = command.set.output;
  check_score_table_name(path);
  check_folders(command);
  const RestartOptions& restart = command.set.restart;
  if (fs::exists(path) && !restart.overwrite && !restart.resume) {
    throw Error(fmt::format("{}: is there already: --resume goes on with it, --overwrite begins anew", path.string()));
  }
  check_new_file(path, true);
  check_writable("--report", command.common.report);
  const std::optional<std::string> before = restart.resume ? table.options() : std::nullopt;
  if (before && *before != score_options_text(command)) {
    throw UsageError(
        fmt::format("--resume: the scores in {} were made with other options: give the same, or --overwrite to begin "
                    "anew\n  then: {}\n  now:  {}",
                    path.string(), *before, score_options_text(command)));
  }
}

SetTask score_task(const ScoreCommand& command, const ScoreTable& table) {
  SetTask task{.description = "score\n",
               .output = command.maps,
               .folder = RunFolder::beside(command.set.output),
               .keeps_journal = false,
               .cost = score_cost};
  if (!command.maps.empty()) {
    task.name_outputs = [&command](std::vector<ImageFile>& files) {
      check_apart(files, command.maps);
      name_outputs(files, ".tif");
    };
    task.is_there = [&command](const Outcome& outcome) {
      // A map that is older than its image was another image's.
      std::error_code none;
      const auto made = fs::last_write_time(fs::path(command.maps) / outcome.file.name, none);
      using std::chrono::nanoseconds;
      return !none && std::chrono::duration_cast<nanoseconds>(std::chrono::file_clock::to_sys(made).time_since_epoch())
                              .count() >= outcome.file.modified;
    };
  }
  if (command.set.restart.resume) {
    task.known = [&table] {
      std::vector<Outcome> known;
      for (ImageFile& file : table.scored()) known.push_back({.file = std::move(file)});
      return known;
    };
  }
  return task;
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// On rank 0: the table under its name, with this run in it. The run's number.
std::int64_t begin_table(const ScoreCommand& command, const ScoreTable& table,
                         const std::vector<std::string>& command_line, int ranks) {
  if (!command.set.restart.resume) table.remove();
  return table.begin_run({.command_line = join(command_line),
                          .version = std::string(version_number()),
                          .options = score_options_text(command),
                          .ranks = ranks});
}

/// Where this rank's maps go; null if nobody wants them. Collective.
std::unique_ptr<ImageFolder> open_maps(const ScoreCommand& command, int run, Communicator& communicator) {
  if (command.maps.empty()) return nullptr;
  const fs::path aside = aside_folder(command);
  std::error_code error;
  if (communicator.rank() == 0) fs::create_directories(aside, error);
  if (error) throw Error(fmt::format("{}: cannot make this folder: {}", aside.string(), error.message()));
  if (!look_at_folder(aside, communicator).here) {
    throw Error(
        fmt::format("--maps {}: this host does not see what rank 0 has put there: the folder must be on a file "
                    "system that all hosts share",
                    command.maps));
  }
  return std::make_unique<ImageFolder>(command.maps, RunFolder::aside(aside, run, communicator.rank(), ""));
}

void finish(ScoreWriter& writer) {
  try {
    writer.finish();
  } catch (const RunError& error) {
    throw with_way_on(error);
  }
}

/// On rank 0: what is not done now is told by the table alone.
void remove_leftovers(const ScoreCommand& command) {
  RunFolder::remove(RunFolder::beside(command.set.output));
  if (!command.maps.empty()) RunFolder::remove(aside_folder(command));
}

}  // namespace

ExitCode run_score(const ScoreCommand& command, Run& run) {
  const bool first_rank = run.is_first_rank();
  const ScoreTable table(command.set.output);
  if (first_rank) check_output(command, table);
  SetRun set_run(command.set, score_task(command, table), run);
  // Without images there is nothing to do, and nothing of an older table to throw away.
  const bool begins = first_rank && set_run.totals().images > 0;
  const std::int64_t number = begins ? begin_table(command, table, run.command_line, run.communicator.size()) : 0;
  const auto backend = kernels::make_backend(kernels::HostBackend::cpu);
  const std::unique_ptr<ImageFolder> maps = open_maps(command, set_run.number(), run.communicator);
  ScoreWriter writer(run.communicator, [&](std::span<const ScoredImage> rows) { table.write(number, rows); });
  ScoreStages stages(command, *backend, set_run, writer, maps.get());
  set_run.run(stages.stages());
  finish(writer);
  const std::vector<Outcome> outcomes = set_run.gather_outcomes();
  if (first_rank) {
    if (begins && set_run.totals().missing() == 0) table.end_run(number);
    if (begins) table.settle();
    remove_leftovers(command);
  }
  return conclude_set(set_run, outcomes, command.set, run);
}

}  // namespace haloedge
