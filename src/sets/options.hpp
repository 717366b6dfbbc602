#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "edges/options.hpp"
#include "kernels/kernels.hpp"
#include "run/options.hpp"
#include "sink/output.hpp"

namespace haloedge {

/// The options of every command over a set of images.
struct SetOptions {
  std::vector<std::string> inputs;  ///< files, folders, patterns, @lists
  std::string output;
  RestartOptions restart;
};

struct BatchCommand {
  CommonOptions common;
  SetOptions set;
  OutputFormat format = OutputFormat::png;
  EdgeOptions edge;
};

struct HashCommand {
  CommonOptions common;
  SetOptions set;
  bool incremental = false;  ///< take what is unchanged from the table
};

struct ScoreCommand {
  CommonOptions common;
  SetOptions set;
  kernels::Gray gray = kernels::Gray::bt601;
  kernels::Norm norm = kernels::Norm::l1;
  double low = 100;  ///< Canny's thresholds
  double high = 200;
  double sigma = 7;   ///< of the Gaussian that spreads the edges
  std::string depth;  ///< folder of depth maps; empty: edges are those of the images themselves
  int clusters = 4;   ///< levels that depth is cut into
  std::string maps;   ///< folder for the congestion maps; empty: none
};

enum class ListFormat : std::uint8_t { text, csv, json };

struct DuplicatesCommand {
  std::string table;
  int distance = 4;   ///< bits
  std::string query;  ///< an image to look up; empty: all groups
  ListFormat format = ListFormat::text;
  std::string output;  ///< empty: standard output
  std::string html;    ///< a page with the pictures; empty: none
  bool overwrite = false;
};

/// The options that decide the scores, in one line as they would be typed: equal options, equal lines.
[[nodiscard]] std::string score_options_text(const ScoreCommand& command);

}  // namespace haloedge
