#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace haloedge {

/// The exit codes of the program, which users rely on.
enum class ExitCode : int { done = 0, failed = 1, usage = 2, some_images_failed = 3, stopped = 75 };

/// A failure described for users: what failed, where (file, tile, rows), why, and what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The command line asks for something impossible. Exit code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// A failure that all later images would meet as well: outputs cannot be written (a full disk, a missing folder), or
/// too many files are open.
class RunError : public Error {
 public:
  using Error::Error;
};

/// The job was asked to stop before it was done, and can be resumed. Exit code 75.
class Stopped : public Error {
 public:
  using Error::Error;
};

/// The message of `error` for users, with the name of the file added if it is missing.
[[nodiscard]] std::string failure_reason(const std::string& path, const std::exception& error);

/// Returns a message without the path that it begins with, for lists that show the path beside it.
[[nodiscard]] std::string without_path(const std::string& message, const std::string& path);

/// Returns the system's text for an errno value, for example "No such file or directory". Thread-safe.
[[nodiscard]] std::string errno_text(int error_number);

}  // namespace haloedge
