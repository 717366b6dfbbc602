#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "edges/options.hpp"
#include "kernels/kernels.hpp"
#include "run/options.hpp"
#include "sink/output.hpp"

namespace haloedge {

/// How many images of a set may fail: a number, or a percentage of all.
struct AllowedFailures {
  double most = 0;
  bool is_percentage = false;

  [[nodiscard]] bool allow(std::int64_t failed, std::int64_t images) const {
    constexpr double percent = 100;
    const auto count = static_cast<double>(failed);
    return is_percentage ? percent * count <= most * static_cast<double>(images) : count <= most;
  }
};

/// One of the parts into which several runs divide a set.
struct SetPart {
  int number = 1;  ///< from 1 to `parts`
  int parts = 1;
};

/// The options that all commands over a set of images have.
struct SetOptions {
  std::vector<std::string> inputs;   ///< files, folders, glob patterns, and lists of files as @FILE
  std::vector<int> bands;            ///< as in ReadOptions
  std::vector<std::string> exclude;  ///< patterns of names; one with a / is for the path below the folder searched
  std::string output;
  RestartOptions restart;
  AllowedFailures allowed_failures;
};

struct BatchCommand {
  CommonOptions common;
  SetOptions set;
  SetPart part;
  OutputFormat format = OutputFormat::png;
  EdgeOptions edge;
};

struct HashCommand {
  CommonOptions common;
  SetOptions set;
  bool incremental = false;  ///< keep the rows of unchanged files that are in the table already
};

struct ScoreCommand {
  CommonOptions common;
  SetOptions set;
  kernels::Gray gray = kernels::Gray::bt601;
  kernels::Norm norm = kernels::Norm::l1;
  double low = 100;  ///< Canny's lower and upper threshold
  double high = 200;
  double sigma = 7;   ///< standard deviation, in pixels, of the Gaussian that spreads the edges
  std::string depth;  ///< folder of depth maps; if empty, the edges are those of the photos
  int clusters = 4;   ///< number of levels that a depth map is cut into
  std::string maps;   ///< folder for the congestion maps; none if empty
};

enum class ListFormat : std::uint8_t { text, csv, json };

struct DuplicatesCommand {
  std::string table;
  int distance = 4;   ///< largest number of bits in which the hashes of near-duplicates differ
  bool flat = false;  ///< flat images are compared, too
  std::string query;  ///< image whose near-duplicates are listed; if empty, all groups are listed
  ListFormat format = ListFormat::text;
  std::string output;  ///< file for the list; standard output if empty
  std::string html;    ///< file for a page with pictures; none if empty
  bool overwrite = false;
};

}  // namespace haloedge
