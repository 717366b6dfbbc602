#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/option_group.hpp"
#include "core/error.hpp"
#include "run/options.hpp"

namespace haloedge {

struct Run;

/// A command of the program: its name, its options and what it does with them.
class Command {
 public:
  Command(std::string name, std::string help) : name_(std::move(name)), help_(std::move(help)) {}
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  virtual ~Command() = default;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& help() const { return help_; }

  /// Declares the options. Parsing the command line fills them in.
  virtual void add_options(OptionGroup group) = 0;

  /// The common options of the command; their defaults if the command does not have them.
  [[nodiscard]] virtual CommonOptions common() const = 0;

  /// Does the job, and returns the exit code. Collective. Throws Error, UsageError, Stopped, or PeerFailure if another
  /// rank failed.
  [[nodiscard]] virtual ExitCode run(Run& run) const = 0;

 private:
  std::string name_;
  std::string help_;
};

/// The commands in the order in which --help lists them.
using CommandTable = std::vector<std::shared_ptr<Command>>;

/// A command whose options are of type `Options`.
template <class Options>
class CommandWith : public Command {
 public:
  using AddOptions = void (*)(OptionGroup, Options&);
  using RunCommand = ExitCode (*)(const Options&, Run&);

  CommandWith(std::string name, std::string help, AddOptions add, RunCommand function)
      : Command(std::move(name), std::move(help)), add_(add), run_(function) {}

  void add_options(OptionGroup group) override { add_(group, options_); }
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] CommonOptions common() const override {
    if constexpr (requires { options_.common; }) {
      return options_.common;
    } else {
      return {};
    }
  }
  [[nodiscard]] ExitCode run(Run& run) const override { return run_(options_, run); }

 private:
  Options options_;
  AddOptions add_;
  RunCommand run_;
};

/// Makes an entry of the table.
template <class Options>
std::shared_ptr<Command> command(const char* name, const char* help, void (*add)(OptionGroup, Options&),
                                 ExitCode (*run)(const Options&, Run&)) {
  return std::make_shared<CommandWith<Options>>(name, help, add, run);
}

}  // namespace haloedge
