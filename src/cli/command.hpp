#pragma once

#include <string>
#include <variant>

#include "edges/options.hpp"
#include "plan/options.hpp"
#include "sets/options.hpp"
#include "stream/options.hpp"

namespace haloedge {

struct InfoCommand {
  InputSpec input;
  bool devices = false;  ///< list the devices; the input may be empty then
};

struct SplitCommand {
  CommonOptions common;
  InputSpec input;
  std::string folder;
  Grid parts;
  FileFormat format = FileFormat::tiff;
  bool overwrite = false;
};

using Command = std::variant<EdgesCommand, BatchCommand, HashCommand, DuplicatesCommand, ScoreCommand, SplitCommand,
                             StreamCommand, InfoCommand, PlanCommand>;

}  // namespace haloedge
