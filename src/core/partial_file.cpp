#include "core/partial_file.hpp"

#include <system_error>

#include <fmt/format.h>

#include "core/error.hpp"

namespace haloedge {

std::filesystem::path partial_path(const std::filesystem::path& output) {
  return output.parent_path() / fmt::format(".{}.partial", output.filename().string());
}

PartialFile::~PartialFile() {
  std::error_code ignored;
  if (!stays_) std::filesystem::remove(partial_path(output_), ignored);
}

void PartialFile::commit() {
  std::error_code error;
  std::filesystem::rename(partial_path(output_), output_, error);
  if (error) {
    throw Error(fmt::format("{}: the complete output cannot be given its name: {}", output_.string(), error.message()));
  }
  stays_ = true;
}

}  // namespace haloedge
