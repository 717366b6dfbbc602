#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "edges/options.hpp"
#include "kernels/kernels.hpp"
#include "run/options.hpp"
#include "source/open_source.hpp"

namespace haloedge {

struct ImageSize {
  std::int64_t width = 0;
  std::int64_t height = 0;
};

/// The properties of a machine that a report of a run on another machine does not contain: rates in bytes a second,
/// times in seconds.
struct MachineOptions {
  std::optional<double> file_system;
  std::optional<double> node_file_system;
  std::optional<double> link;
  std::optional<double> latency;
  std::optional<double> launch;
};

enum class PlanFormat : std::uint8_t { text, json, sbatch };

struct PlanCommand {
  CommonOptions common;
  InputSpec input;                ///< the image; empty if there is a size
  std::optional<ImageSize> size;  ///< the size of an image without a file, with these channels and samples:
  int channels = 3;
  kernels::SampleType input_type = kernels::SampleType::u8;
  EdgeOptions edge;
  std::string output = "edges.tif";
  WriteMode write = WriteMode::automatic;
  int ranks = 1;
  int ranks_per_node = 0;              ///< 0: one for each `threads` cores
  int cores = 0;                       ///< of a node; 0: as many as this one has
  std::vector<std::string> calibrate;  ///< reports of runs of edges
  MachineOptions machine;
  PlanFormat format = PlanFormat::text;
};

}  // namespace haloedge
