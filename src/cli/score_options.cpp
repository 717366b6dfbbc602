#include "cli/score_options.hpp"

#include <functional>

#include <fmt/format.h>

#include "cli/choice.hpp"
#include "core/error.hpp"
#include "core/number_text.hpp"

namespace haloedge {

namespace {

constexpr int most_clusters = 256;
constexpr double most_score_sigma = 100;

/// `is_right` says which numbers can be, `what` in words.
void add_number(CLI::App& group, const std::string& name, double& value, const std::function<bool(double)>& is_right,
                const std::string& what, const std::string& help) {
  group.add_option(name, value, help)
      ->type_name("X")
      ->default_str(fmt::format("{}", value))
      ->check([is_right, what](const std::string& text) -> std::string {
        const auto number = parse_real(text);
        return number && is_right(*number) ? "" : fmt::format("'{}' is not {}", text, what);
      });
}

void add_edge_finding(CLI::App& app, ScoreCommand& command) {
  CLI::App& group = *app.add_option_group("Edges (Canny)");
  const auto not_negative = [](double number) { return number >= 0; };
  add_number(group, "--low", command.low, not_negative, "a number of 0 or more",
             "threshold of weak edges, which count where they touch strong ones");
  add_number(group, "--high", command.high, not_negative, "a number of 0 or more", "threshold of strong edges");
  add_choice(group, "--norm", command.norm, norms(), "of the gradient: sqrt(x^2 + y^2) or |x| + |y|");
  add_choice(group, "--gray", command.gray, grays(), "how colour becomes gray");
}

void add_congestion(CLI::App& app, ScoreCommand& command) {
  CLI::App& group = *app.add_option_group("Congestion");
  add_number(
      group, "--sigma", command.sigma, [](double number) { return number > 0 && number <= most_score_sigma; },
      "a number above 0 and up to 100", "width of the Gaussian that spreads the edges, in pixels");
  CLI::Option* depth =
      group
          .add_option("--depth", command.depth,
                      "take the edges of depth maps instead, which this folder has under the images' names (any "
                      "ending; 8 or 16 bits or floats)")
          ->type_name("DIR");
  group.add_option("--clusters", command.clusters, "levels that each depth map is cut into, 1 to 256")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(1, most_clusters).description(""))
      ->needs(depth);
  group
      .add_option("--maps", command.maps,
                  "also write the congestion map of every image, a TIFF of 32-bit floats, into this folder")
      ->type_name("DIR");
}

}  // namespace

void add_score_options(CLI::App& app, ScoreCommand& command) {
  app.add_option("-o,--output", command.set.output,
                 "the database, .sqlite or .db: table images with a row an image, table runs. It stands under this "
                 "name from the start, grows while the run goes on, and may be queried all the time")
      ->type_name("FILE")
      ->required();
  add_congestion(app, command);
  add_edge_finding(app, command);
  app.footer(
      "An image's score is the mean of its congestion map: its edges (255, all else 0), spread by a Gaussian. 0 is an\n"
      "image without edges. The most crowded images, while it runs or later:\n"
      "  sqlite3 scores.sqlite 'SELECT path, score FROM images ORDER BY score DESC LIMIT 10'\n"
      "Other columns: edge_density (part of the pixels), gradient_mean, entropy (bits) of the gray image; width,\n"
      "height, bytes, modified; seconds of work on it; error, why there is no score (else empty).");
}

void check_score_options(const ScoreCommand& command) {
  if (command.low > command.high) {
    throw UsageError(fmt::format("--low {} is above --high {}", command.low, command.high));
  }
}

}  // namespace haloedge
