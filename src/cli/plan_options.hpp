#pragma once

#include <CLI/CLI.hpp>

#include "plan/options.hpp"

namespace haloedge {

/// The options of `plan`, but for those of its input's file.
void add_plan_options(CLI::App& app, PlanCommand& command);

/// Throws UsageError for options that do not go together.
void check_plan_options(const PlanCommand& command);

}  // namespace haloedge
