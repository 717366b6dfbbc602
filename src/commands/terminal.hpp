#pragma once

namespace haloedge {

/// True if people see standard error as it comes; mpirun puts a pipe between its ranks and the terminal: there, what
/// counts is where its own standard error goes.
[[nodiscard]] bool error_stream_is_terminal();

}  // namespace haloedge
