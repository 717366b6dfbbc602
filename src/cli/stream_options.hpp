#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/options.hpp"
#include "pipeline/edge_plan.hpp"

namespace haloedge {

/// What the stream is, and what becomes of its frames.
void add_stream_options(CLI::App& app, StreamCommand& command);

/// Throws UsageError for options that do not go together.
void check_stream_options(const StreamCommand& command);

/// A colour's name, or RRGGBB in hexadecimal digits, with or without # before it; nothing if it is neither.
[[nodiscard]] std::optional<Color> parse_color(const std::string& text);

/// What the options mean for luma of this many bits: see FrameFilterSpec. Canny's thresholds are left open.
[[nodiscard]] EdgeSettings frame_settings(const EdgeOptions& options, int bits);

// As they are typed.
[[nodiscard]] std::string policy_name(StreamPolicy policy);
[[nodiscard]] std::string show_name(Show show);

}  // namespace haloedge
