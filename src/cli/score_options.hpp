#pragma once

#include <CLI/CLI.hpp>

#include "sets/options.hpp"

namespace haloedge {

/// The output, and the options that decide the scores.
void add_score_options(CLI::App& app, ScoreCommand& command);

/// Throws UsageError for options that do not go together.
void check_score_options(const ScoreCommand& command);

}  // namespace haloedge
