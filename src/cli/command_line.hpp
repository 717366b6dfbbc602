#pragma once

#include <memory>
#include <string>
#include <variant>

#include "cli/command.hpp"

namespace haloedge {

/// Text to print instead of doing a job: help and version (exit code 0, to standard output), or what is wrong with the
/// command line (exit code 2, to standard error).
struct Answer {
  int exit_code = 0;
  std::string text;
};

/// Returns the command of the table that the command line asks for, with its options filled in. `version_text` answers
/// --version. Does not touch files or MPI.
[[nodiscard]] std::variant<std::shared_ptr<Command>, Answer> parse_command_line(int argc, const char* const* argv,
                                                                                const CommandTable& table,
                                                                                const std::string& version_text);

}  // namespace haloedge
