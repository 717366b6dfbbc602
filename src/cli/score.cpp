#include <fmt/format.h>

#include "cli/command_line.hpp"
#include "cli/common_options.hpp"
#include "core/error.hpp"
#include "sets/options.hpp"

namespace haloedge {

namespace {

constexpr int max_clusters = 256;
constexpr double max_score_sigma = 100;

void add_edge_finding(OptionGroup group, ScoreCommand& command) {
  const auto is_threshold = [](double number) { return number >= 0; };
  const std::string complaint = "is not a number that is 0 or more";
  group
      .number("--low", command.low, is_threshold, complaint,
              "the threshold of weak edges, which count where they touch strong ones")
      .placeholder("X");
  group.number("--high", command.high, is_threshold, complaint, "the threshold of strong edges").placeholder("X");
  group.choice("--norm", command.norm, norms(),
               "how x and y become the gradient's magnitude. l2: sqrt(x^2 + y^2). l1: |x| + |y|");
  group.choice("--gray", command.gray, grays(), "how colour becomes gray");
}

void add_congestion(OptionGroup group, ScoreCommand& command) {
  const auto is_sigma = [](double number) { return number > 0 && number <= max_score_sigma; };
  group
      .number("--sigma", command.sigma, is_sigma, "is not a number above 0 and up to 100",
              "the width in pixels of the Gaussian that blurs the edges")
      .placeholder("X");
  const Option depth = group
                           .text("--depth", command.depth,
                                 "use the edges of depth maps in this folder: each has the name of its image, with any "
                                 "image ending, and samples of 8 bits, 16 bits or floats")
                           .placeholder("DIR");
  group
      .number("--clusters", command.clusters, 1, max_clusters,
              "the number of levels into which each depth map is cut, 1 to 256")
      .needs(depth);
  group
      .text("--maps", command.maps,
            "also write the congestion map of every image into this folder, as a TIFF of 32-bit floats")
      .placeholder("DIR");
}

}  // namespace

void add_score_options(OptionGroup group, ScoreCommand& command) {
  add_set_options(group, command.set);
  group
      .text("-o,--output", command.set.output,
            "the database, .sqlite or .db, with a row for each image in the table images, and one for each run in the "
            "table runs. It grows during the run, and may be queried at any time")
      .placeholder("FILE")
      .required();
  add_congestion(group.group("Congestion"), command);
  add_edge_finding(group.group("Edges (Canny)"), command);
  add_set_trace_option(group, command.common);
  add_report_option(group, command.common);
  add_resource_options(group, command.common);
  add_message_options(group, command.common);
  group.footer(
      "An image's score is the mean of its congestion map: its edges (255, all else 0), blurred by a Gaussian. An "
      "image\n"
      "without edges has the score 0. Other columns: edge_density (the fraction of pixels that are edges),\n"
      "gradient_mean and entropy (in bits) of the gray image; width, height, bytes, modified; seconds of work; error,\n"
      "which says why there is no score.\n\n"
      "Example, with a query for the most crowded images, which also works during the run:\n"
      "  mpirun -n 4 haloedge score photos -o scores.sqlite\n"
      "  sqlite3 scores.sqlite 'SELECT path, score FROM images ORDER BY score DESC LIMIT 10'");
  group.check([&command] {
    if (command.low > command.high) {
      throw UsageError(fmt::format("--low {} is above --high {}", command.low, command.high));
    }
  });
}

}  // namespace haloedge
