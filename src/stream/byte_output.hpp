#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace haloedge {

/// Where bytes go: a pipe, a file, a device. SIGPIPE must be ignored. For one thread.
class ByteOutput {
 public:
  /// Standard output if `path` is empty or "-"; else a file, which is made or emptied, or what has this name. While it
  /// waits for whoever reads, `should_give_up` is asked now and then. Throws Error.
  ByteOutput(const std::string& path, std::function<bool()> should_give_up);
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
  /// What may be written to without waiting, where such a thing is to be had.
  void open_standard_output();
  void open(const std::string& path);

  std::string name_;
  std::function<bool()> should_give_up_;
  int descriptor_ = 1;
  bool owned_ = false;
  bool is_closed_ = false;
  bool gave_up_ = false;
};

}  // namespace haloedge
