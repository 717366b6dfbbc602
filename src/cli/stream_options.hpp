#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "stream/options.hpp"

namespace haloedge {

/// What the stream is, and what becomes of its frames.
void add_stream_options(CLI::App& app, StreamCommand& command);

/// Throws UsageError for options that do not go together.
void check_stream_options(const StreamCommand& command);

/// A colour's name, or RRGGBB in hexadecimal digits, with or without # before it; nothing if it is neither.
[[nodiscard]] std::optional<Color> parse_color(const std::string& text);

}  // namespace haloedge
