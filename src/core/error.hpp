#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace haloedge {

/// Exit codes of the program, part of its contract.
enum class ExitCode : int { done = 0, failed = 1, usage = 2, some_images_failed = 3, stopped = 75 };

/// Something that went wrong and that a person can understand: what, where (file, tile, rows), why, and what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The command line asks for something that cannot be: exit code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// What went wrong would go wrong with all that follows as well: outputs cannot be written (a full disk, a folder that
/// is gone), or the system gives no more files.
class RunError : public Error {
 public:
  using Error::Error;
};

/// The job was asked to end before it was done, and can be gone on with: exit code 75.
class Stopped : public Error {
 public:
  using Error::Error;
};

/// What went wrong with a file, for people: every message names the file.
[[nodiscard]] std::string failure_reason(const std::string& path, const std::exception& error);

/// "No such file or directory" for an errno value, thread-safe.
[[nodiscard]] std::string errno_text(int error_number);

}  // namespace haloedge
