#pragma once

#include <string>

#include "plan/planned_job.hpp"

namespace haloedge {

/// The plan for people: sizes, ranks, predicted seconds and what they are based on, with the script at the end.
[[nodiscard]] std::string plan_text(const PlannedJob& plan);

/// The whole plan, with every rank, as JSON.
[[nodiscard]] std::string plan_json(const PlannedJob& plan);

/// A Slurm job script that runs the job.
[[nodiscard]] std::string plan_script(const PlannedJob& plan);

}  // namespace haloedge
