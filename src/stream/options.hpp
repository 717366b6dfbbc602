#pragma once

#include <cstdint>
#include <string>

#include "core/choices.hpp"
#include "edges/options.hpp"
#include "run/options.hpp"
#include "stream/painter.hpp"

namespace haloedge {

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

// The words that are typed for each kind.
[[nodiscard]] Choices<StreamPolicy> policies();
[[nodiscard]] Choices<Show> shows();

// As they are typed.
[[nodiscard]] std::string policy_name(StreamPolicy policy);
[[nodiscard]] std::string show_name(Show show);

/// Returns what the options mean for luma of this many bits: see FrameFilterSpec. Canny's thresholds are left open.
[[nodiscard]] EdgeSettings frame_settings(const EdgeOptions& options, int bits);

}  // namespace haloedge
