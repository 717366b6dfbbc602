#pragma once

#include <string>

#include "plan/planned_job.hpp"

namespace haloedge {

/// For people: sizes, ranks, seconds and what they are based on, with the script at the end.
[[nodiscard]] std::string plan_text(const PlannedJob& plan);

/// All of it, of every rank.
[[nodiscard]] std::string plan_json(const PlannedJob& plan);

/// A Slurm job script that runs it.
[[nodiscard]] std::string plan_script(const PlannedJob& plan);

/// The phases that a prediction adds up, in seconds.
[[nodiscard]] std::vector<std::pair<std::string, double>> phases_of(const Prediction& prediction);

/// The machine's numbers: what, its value in words, and where it comes from.
struct MachineLine {
  std::string name;
  std::string text;
  double value = 0;
  std::string_view origin;
};
[[nodiscard]] std::vector<MachineLine> describe_machine(const PlannedJob& plan);

}  // namespace haloedge
