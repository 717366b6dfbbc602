#pragma once

#include <cstdio>
#include <string>

namespace haloedge {

/// True if people see standard error as it comes; mpirun puts a pipe between its ranks and the terminal: there, what
/// counts is where its own standard error goes.
[[nodiscard]] bool error_stream_is_terminal();

/// Prints at once. That it cannot be printed is no reason to end the work: it is lost then.
void say(const std::string& text, std::FILE* to = stderr);

}  // namespace haloedge
