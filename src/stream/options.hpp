#pragma once

#include <cstdint>
#include <string>

#include "edges/options.hpp"
#include "run/options.hpp"
#include "stream/painter.hpp"

namespace haloedge {

/// `all`: every frame is filtered. `latest`: the newest frame is filtered whenever a filter is free.
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
  double filter_rate = 0;  ///< the most frames filtered a second; 0: no limit
  bool overwrite = false;
};

// The words that a user types for each value.
[[nodiscard]] inline Choices<StreamPolicy> policies() {
  return {{"latest", StreamPolicy::latest}, {"all", StreamPolicy::all}};
}
[[nodiscard]] inline Choices<Show> shows() {
  return {{"overlay", Show::overlay}, {"edges", Show::edges}, {"side", Show::side}};
}

}  // namespace haloedge
