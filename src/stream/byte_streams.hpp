#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "stream/frame.hpp"

namespace haloedge {

/// The period, in milliseconds, at which a waiting thread checks whether it should continue to wait.
inline constexpr int poll_period_ms = 50;

/// Reads bytes from a pipe, a file or a device, as they come. Not thread-safe.
class ByteInput {
 public:
  /// Opens `path`, or standard input if it is empty. While read() waits, it calls `should_end` now and then. Throws
  /// Error.
  ByteInput(const std::string& path, std::function<bool()> should_end);
  ByteInput(const ByteInput&) = delete;
  ByteInput& operator=(const ByteInput&) = delete;
  ~ByteInput();

  /// The name to use in messages.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_standard_input() const { return !owned_; }
  [[nodiscard]] bool is_regular_file() const { return is_regular_file_; }

  /// Fills `bytes` and returns the number of bytes read, which is smaller only if the input is at its end or
  /// `should_end` has ended it. Throws Error.
  [[nodiscard]] std::size_t read(std::span<std::byte> bytes);
  /// True if `should_end` has ended the input.
  [[nodiscard]] bool was_ended() const { return was_ended_; }

 private:
  [[nodiscard]] bool wait();

  std::string name_ = "standard input";
  std::function<bool()> should_end_;
  bool owned_ = false;
  int descriptor_ = 0;
  bool is_regular_file_ = false;
  bool was_ended_ = false;
};

/// Writes bytes to a pipe, a file or a device. SIGPIPE must be ignored. Not thread-safe.
class ByteOutput {
 public:
  /// Returns true if the output should stop waiting for its reader, which has taken nothing for the time `waited`.
  using ShouldGiveUp = std::function<bool(StreamClock::duration waited)>;

  /// Opens `path`, or standard output if it is empty; a file is created or truncated. While the output waits for its
  /// reader, it calls `should_give_up` now and then. Throws Error; Stopped if it gave up before anybody had opened a
  /// named pipe.
  ByteOutput(const std::string& path, ShouldGiveUp should_give_up);
  ByteOutput(const ByteOutput&) = delete;
  ByteOutput& operator=(const ByteOutput&) = delete;
  ~ByteOutput();

  /// Writes `head`, then `body`. Returns false, then and in all later calls, if the reader has closed the output or the
  /// output gave up; a part may have been written. Throws Error.
  [[nodiscard]] bool write(std::span<const std::byte> head, std::span<const std::byte> body);
  /// True if the reader has closed the output.
  [[nodiscard]] bool is_closed() const { return is_closed_; }
  /// Closes the output. Throws Error if the system reports a failed write only now.
  void finish();

 private:
  void open(const std::string& path);
  /// Makes writes to standard output non-blocking, if that is possible.
  void open_standard_output();
  [[nodiscard]] bool wait();
  /// Writes as writev() does, without waiting.
  [[nodiscard]] std::ptrdiff_t write_some(std::span<const std::byte> head, std::span<const std::byte> body) const;

  std::string name_ = "standard output";
  ShouldGiveUp should_give_up_;
  int descriptor_ = 1;
  bool owned_ = false;
  bool is_socket_ = false;
  bool is_closed_ = false;
  bool gave_up_ = false;
};

}  // namespace haloedge
