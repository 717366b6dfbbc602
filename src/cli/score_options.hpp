#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/options.hpp"

namespace haloedge {

/// The output, and the options that decide the scores.
void add_score_options(CLI::App& app, ScoreCommand& command);

/// Throws UsageError for options that do not go together.
void check_score_options(const ScoreCommand& command);

/// Those that decide the scores, in one line as they would be typed: equal options, equal lines.
[[nodiscard]] std::string score_options_text(const ScoreCommand& command);

}  // namespace haloedge
