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
  const std::string complaint = "is not a number of 0 or more";
  group
      .number("--low", command.low, is_threshold, complaint,
              "threshold of weak edges, which count where they touch strong ones")
      .placeholder("X");
  group.number("--high", command.high, is_threshold, complaint, "threshold of strong edges").placeholder("X");
  group.choice("--norm", command.norm, norms(), "of the gradient: sqrt(x^2 + y^2) or |x| + |y|");
  group.choice("--gray", command.gray, grays(), "how colour becomes gray");
}

void add_congestion(OptionGroup group, ScoreCommand& command) {
  const auto is_sigma = [](double number) { return number > 0 && number <= max_score_sigma; };
  group
      .number("--sigma", command.sigma, is_sigma, "is not a number above 0 and up to 100",
              "width of the Gaussian that spreads the edges, in pixels")
      .placeholder("X");
  const Option depth =
      group
          .text("--depth", command.depth,
                "take the edges of depth maps instead, which this folder has under the images' names (any "
                "ending; 8 or 16 bits or floats)")
          .placeholder("DIR");
  group.number("--clusters", command.clusters, 1, max_clusters, "levels that each depth map is cut into, 1 to 256")
      .needs(depth);
  group
      .text("--maps", command.maps,
            "also write the congestion map of every image, a TIFF of 32-bit floats, into this folder")
      .placeholder("DIR");
}

}  // namespace

void add_score_options(OptionGroup group, ScoreCommand& command) {
  add_set_options(group, command.set);
  group
      .text("-o,--output", command.set.output,
            "the database, .sqlite or .db: table images with a row an image, table runs. It stands under this "
            "name from the start, grows while the run goes on, and may be queried all the time")
      .placeholder("FILE")
      .required();
  add_congestion(group.group("Congestion"), command);
  add_edge_finding(group.group("Edges (Canny)"), command);
  add_set_trace_option(group, command.common);
  add_report_option(group, command.common);
  add_resource_options(group, command.common);
  add_message_options(group, command.common);
  group.footer(
      "An image's score is the mean of its congestion map: its edges (255, all else 0), spread by a Gaussian. 0 is an\n"
      "image without edges. Other columns: edge_density (part of the pixels), gradient_mean, entropy (bits) of the "
      "gray image; width,\n"
      "height, bytes, modified; seconds of work on it; error, why there is no score (else empty). Example, and the "
      "most\n"
      "crowded images, which can be asked for while it runs:\n"
      "  mpirun -n 4 haloedge score photos -o scores.sqlite\n"
      "  sqlite3 scores.sqlite 'SELECT path, score FROM images ORDER BY score DESC LIMIT 10'");
  group.check([&command] {
    if (command.low > command.high) {
      throw UsageError(fmt::format("--low {} is above --high {}", command.low, command.high));
    }
  });
}

}  // namespace haloedge
