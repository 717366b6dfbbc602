#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/partial_file.hpp"
#include "stream/byte_output.hpp"

namespace haloedge {

/// Where a stream's frames go: standard output, what has that name (a named pipe, a device), or a file, which appears
/// under its name when it is complete.
class StreamOutput {
 public:
  /// `should_give_up` as for ByteOutput. Throws Error.
  StreamOutput(const std::string& path, bool overwrite, std::function<bool()> should_give_up);

  [[nodiscard]] ByteOutput& bytes() { return bytes_; }

  /// All is written: a file gets its name. Throws Error.
  void finish();

 private:
  std::unique_ptr<PartialFile> file_;  ///< null for what is none
  ByteOutput bytes_;
};

/// Whether the frames go to standard output, which messages must then keep away from.
[[nodiscard]] bool is_standard_stream(const std::string& path);

}  // namespace haloedge
