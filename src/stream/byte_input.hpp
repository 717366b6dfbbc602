#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace haloedge {

/// Bytes that come when they come: from a pipe, a file, a device. For one thread.
class ByteInput {
 public:
  /// Standard input if `path` is empty. While it waits, `should_end` is asked now and then. Throws Error.
  ByteInput(const std::string& path, std::function<bool()> should_end);
  ByteInput(const ByteInput&) = delete;
  ByteInput& operator=(const ByteInput&) = delete;
  ~ByteInput();

  /// For people.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_standard_input() const { return !owned_; }
  [[nodiscard]] bool is_regular_file() const;

  /// Fills `bytes`; how many they are: fewer only at the input's end, or if it should end. Throws Error.
  [[nodiscard]] std::size_t read(std::span<std::byte> bytes);
  /// Whether it was asked to end, rather than being at its end.
  [[nodiscard]] bool was_ended() const { return was_ended_; }

 private:
  [[nodiscard]] bool wait();

  std::string name_;
  std::function<bool()> should_end_;
  bool owned_ = false;
  int descriptor_ = 0;
  bool was_ended_ = false;
};

}  // namespace haloedge
