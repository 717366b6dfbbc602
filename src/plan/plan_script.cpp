#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "edges/options.hpp"
#include "plan/plan_output.hpp"

namespace haloedge {

namespace {

// Page cache counts as a job's memory, and other users of the file system slow it: margins, by choice.
constexpr double memory_margin = 1.25;
constexpr double time_margin = 2;
constexpr double least_minutes = 5;

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char letter : text) result += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return result + "'";
}

std::int64_t mebibytes(double bytes) { return static_cast<std::int64_t>(std::ceil(bytes / (1 << 20))); }

std::string slurm_time(double seconds) {
  constexpr std::int64_t minutes_an_hour = 60;
  const auto minutes = static_cast<std::int64_t>(std::ceil(seconds * time_margin / 60 + least_minutes));
  return fmt::format("{:02}:{:02}:00", minutes / minutes_an_hour, minutes % minutes_an_hour);
}

std::string edges_command(const PlannedJob& plan) {
  const PlanCommand& command = plan.command;
  std::string text = fmt::format("haloedge edges {} -o {} --write {} --threads {} --memory {}M",
                                 command.size ? "\"$1\"" : quoted(command.input.input), quoted(command.output),
                                 plan.spread.gather ? "gather" : "parallel", plan.spread.threads,
                                 mebibytes(static_cast<double>(plan.largest_memory())));
  if (command.input.page > 0) text += fmt::format(" --page {}", command.input.page);
  if (command.input.grid) text += fmt::format(" --grid {}x{}", command.input.grid->rows, command.input.grid->columns);
  const std::string chosen = chosen_edge_options_text(command.edge);
  return chosen.empty() ? text : text + ' ' + chosen.substr(0, chosen.size() - 1);
}

}  // namespace

std::string plan_script(const PlannedJob& plan) {
  const double node_memory = static_cast<double>(plan.largest_memory()) * plan.spread.ranks_per_node * memory_margin;
  std::string text = fmt::format(
      "#!/bin/bash\n"
      "#SBATCH --job-name=haloedge\n"
      "#SBATCH --nodes={}\n"
      "#SBATCH --ntasks={}\n"
      "#SBATCH --ntasks-per-node={}\n"
      "#SBATCH --cpus-per-task={}\n"
      "#SBATCH --mem={}M\n"
      "#SBATCH --time={}\n"
      "#SBATCH --output=haloedge-%j.log\n",
      plan.nodes(), plan.spread.ranks, plan.spread.ranks_per_node, plan.spread.threads, mebibytes(node_memory),
      slurm_time(plan.chosen(plan.scale(plan.spread.ranks)).total()));
  if (plan.command.size) text += ": \"${1:?usage: sbatch SCRIPT INPUT}\"\n";
  return text + fmt::format("srun --mpi=pmix {}\n", edges_command(plan));
}

}  // namespace haloedge
