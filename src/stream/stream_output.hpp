#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/whole_file.hpp"
#include "stream/byte_output.hpp"

namespace haloedge {

/// Where a stream's frames go: standard output, what has that name (a named pipe, a device), or a file, which appears
/// under its name when it is complete.
class StreamOutput {
 public:
  /// `path` and `should_give_up` as for ByteOutput. Throws Error, also if there are kept frames of an earlier stream.
  StreamOutput(const std::string& path, bool overwrite, ByteOutput::ShouldGiveUp should_give_up);

  [[nodiscard]] ByteOutput& bytes() { return bytes_; }

  /// All is written: a file gets its name. Throws Error.
  void finish();

  /// The stream failed: a file with frames stays, under the name that it has until it is complete. A line that says so;
  /// empty if nothing is left.
  [[nodiscard]] std::string keep(std::int64_t frames);

 private:
  std::unique_ptr<PartialFile> file_;  ///< null for what is none
  ByteOutput bytes_;
};

}  // namespace haloedge
