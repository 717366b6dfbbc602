#include "sets/options.hpp"

#include <filesystem>

#include <fmt/format.h>

namespace haloedge {

std::string score_options_text(const ScoreCommand& command) {
  std::string text = fmt::format("--low {} --high {} --norm {} --gray {} --sigma {}", command.low, command.high,
                                 choice_name(norms(), command.norm), choice_name(grays(), command.gray), command.sigma);
  if (command.depth.empty()) return text;
  const std::filesystem::path folder = (std::filesystem::path(command.depth) / "").lexically_normal().parent_path();
  return text + fmt::format(" --depth {} --clusters {}", folder.string(), command.clusters);
}

}  // namespace haloedge
