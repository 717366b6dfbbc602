#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "stream/frame.hpp"

namespace haloedge {

/// Where bytes go: a pipe, a file, a device. SIGPIPE must be ignored. For one thread.
class ByteOutput {
 public:
  /// Told how long nothing has been taken, says whether to wait no longer.
  using ShouldGiveUp = std::function<bool(StreamClock::duration waited)>;

  /// Standard output if `path` is empty; else a file, which is made or emptied, or what has this name. While it
  /// waits for whoever reads, `should_give_up` is asked now and then. Throws Error; Stopped if it gave up before
  /// anybody had opened a named pipe.
  ByteOutput(const std::string& path, ShouldGiveUp should_give_up);
  ByteOutput(const ByteOutput&) = delete;
  ByteOutput& operator=(const ByteOutput&) = delete;
  ~ByteOutput();

  /// Writes both. False, now and from here on, if nobody reads any more or it gave up: some of it may have gone out.
  /// Throws Error.
  [[nodiscard]] bool write(std::span<const std::byte> head, std::span<const std::byte> body);
  /// Whether nobody reads any more.
  [[nodiscard]] bool is_closed() const { return is_closed_; }
  /// Closes it and reports what the system kept back until now. Throws Error.
  void finish();

 private:
  [[nodiscard]] bool wait();
  /// As writev(), without waiting.
  [[nodiscard]] std::ptrdiff_t write_some(std::span<const std::byte> head, std::span<const std::byte> body) const;
  /// What may be written to without waiting, where such a thing is to be had.
  void open_standard_output();
  void open(const std::string& path);

  std::string name_;
  ShouldGiveUp should_give_up_;
  int descriptor_ = 1;
  bool owned_ = false;
  bool is_socket_ = false;
  bool is_closed_ = false;
  bool gave_up_ = false;
};

}  // namespace haloedge
