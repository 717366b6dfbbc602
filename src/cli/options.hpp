#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kernels/kernels.hpp"
#include "sink/open_sink.hpp"
#include "source/open_source.hpp"
#include "stream/painter.hpp"

namespace haloedge {

/// What computes the pixels. `automatic` takes a device if every rank has one and the image is not small, and else the
/// processor.
enum class BackendChoice : std::uint8_t { automatic, cpu, cuda, reference };
enum class ProgressMode : std::uint8_t { automatic, on, off };
enum class FileFormat : std::uint8_t { tiff, png, jpeg };

/// What every command that runs a job understands.
struct CommonOptions {
  BackendChoice backend = BackendChoice::automatic;
  int threads = 0;          ///< 0: this rank's fair part of the node's processors
  std::int64_t memory = 0;  ///< bytes a rank; 0: this rank's part of half of what the node has
  std::string report;       ///< file names; empty: none
  std::string trace;
  ProgressMode progress = ProgressMode::automatic;
  bool quiet = false;
  bool verbose = false;
};

/// A threshold of Canny's detector, as typed: 100, 70% or auto.
struct Threshold {
  enum class Kind : std::uint8_t {
    value,      ///< of the gradient
    quantile,   ///< per cent of the image's pixels that are not above it
    automatic,  ///< found in the image: see canny_thresholds.hpp
  };
  Kind kind = Kind::value;
  double value = 0;
};

struct CannyOptions {
  Threshold low{.value = 100};
  Threshold high{.value = 200};
  double sigma = 0;  ///< of the blur before, in pixels
};

/// What decides the pixels and the form of an edge map, as typed.
struct EdgeOptions {
  kernels::Operator op = kernels::Operator::sobel;
  kernels::Component component = kernels::Component::magnitude;
  std::optional<kernels::Norm> norm;  ///< not given: l1 for Canny, else l2
  CannyOptions canny;
  kernels::Gray gray = kernels::Gray::bt601;
  kernels::Border border = kernels::Border::reflect;
  double scale = 1;
  std::optional<kernels::Clip> clip;
  kernels::SampleType type = kernels::SampleType::u8;
  Compression compression = Compression::none;
  std::int64_t tile = 256;
  int quality = 90;  ///< of JPEG output
};

/// How a job ends early, and what one does that finds an earlier one's remains.
struct RestartOptions {
  bool overwrite = false;
  bool resume = false;
  std::chrono::seconds time_limit{0};  ///< 0: none
};

struct EdgesCommand {
  CommonOptions common;
  InputSpec input;
  std::string output;
  EdgeOptions edge;
  WriteMode write = WriteMode::automatic;
  RestartOptions restart;
};

/// What every command over a set of images understands.
struct SetOptions {
  std::vector<std::string> inputs;  ///< files, folders, patterns, @lists
  std::string output;
  RestartOptions restart;
};

struct BatchCommand {
  CommonOptions common;
  SetOptions set;
  FileFormat format = FileFormat::png;
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

struct ImageSize {
  std::int64_t width = 0;
  std::int64_t height = 0;
};

/// What of a machine no report of a run on another one tells: bytes a second, and seconds.
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
  InputSpec input;                ///< or, where there is no file yet:
  std::optional<ImageSize> size;  ///< of an image with
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

/// Whether every frame of a stream is filtered, or as many as there is time for.
enum class StreamPolicy : std::uint8_t { latest, all };

struct StreamCommand {
  CommonOptions common;
  std::string input;   ///< empty: standard input
  std::string output;  ///< empty: standard output
  EdgeOptions edge;
  StreamPolicy policy = StreamPolicy::latest;
  Show show = Show::overlay;
  Color color;
  bool hud = false;
  double filter_rate = 0;  ///< frames filtered a second at most; 0: no limit
  bool overwrite = false;
};

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
