#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "cli/option_group.hpp"
#include "core/error.hpp"
#include "run/options.hpp"
#include "source/open_source.hpp"

namespace haloedge {

struct Run;

/// A command of the program: its name, its options and what it does with them.
struct Command {
  std::string name;
  std::string help;
  /// Declares the options of the command. Parsing the command line fills them in.
  std::function<void(OptionGroup)> add_options;
  /// Returns the common options of the command; their defaults if the command does not have them.
  std::function<CommonOptions()> common;
  /// Does the job, and returns the exit code. Collective. Throws Error, UsageError, Stopped, or PeerFailure if another
  /// rank failed.
  std::function<ExitCode(Run&)> run;
};

/// The commands in the order in which --help lists them.
using CommandTable = std::vector<Command>;

/// Makes an entry of the table, for a command whose options are of type `Options`.
template <class Options>
Command command(const char* name, const char* help, void (*add)(OptionGroup, Options&),
                ExitCode (*run)(const Options&, Run&)) {
  const auto options = std::make_shared<Options>();
  const auto common = [options] {
    if constexpr (requires { options->common; }) {
      return options->common;
    } else {
      return CommonOptions{};
    }
  };
  return {name, help, [=](OptionGroup group) { add(group, *options); }, common,
          [=](Run& the_run) { return run(*options, the_run); }};
}

/// Text to print instead of doing a job: help and version (exit code 0, to standard output), or what is wrong with the
/// command line (exit code 2, to standard error).
struct Answer {
  int exit_code = 0;
  std::string text;
};

/// Returns the command of the table that the command line asks for, with its options filled in. Does not read files or
/// start MPI.
[[nodiscard]] std::variant<Command, Answer> parse_command_line(int argc, const char* const* argv,
                                                               const CommandTable& table);

struct BatchCommand;
struct DuplicatesCommand;
struct EdgesCommand;
struct HashCommand;
struct PlanCommand;
struct ScoreCommand;
struct SplitCommand;
struct StreamCommand;

/// The options of `info`.
struct InfoCommand {
  InputSpec input;
  bool devices = false;  ///< list the devices; the input may then be empty
};

// Each function declares the options of one command, and a check of those that do not go together.
void add_batch_options(OptionGroup group, BatchCommand& command);
void add_duplicates_options(OptionGroup group, DuplicatesCommand& command);
void add_edges_options(OptionGroup group, EdgesCommand& command);
void add_hash_options(OptionGroup group, HashCommand& command);
void add_info_options(OptionGroup group, InfoCommand& command);
void add_plan_options(OptionGroup group, PlanCommand& command);
void add_score_options(OptionGroup group, ScoreCommand& command);
void add_split_options(OptionGroup group, SplitCommand& command);
void add_stream_options(OptionGroup group, StreamCommand& command);

}  // namespace haloedge
