#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/encoding.hpp"
#include "core/number_text.hpp"
#include "plan/planned_job.hpp"
#include "run/report.hpp"

namespace haloedge {

namespace {

using nlohmann::json;

constexpr std::size_t max_rank_lines = 16;

// Slurm counts the page cache as memory of the job, and other users slow the file system, hence the margins.
constexpr double memory_margin = 1.25;
constexpr double time_margin = 2;
constexpr double min_minutes = 5;

/// A number of the machine, for the table and for JSON.
struct MachineLine {
  std::string name;
  std::string text;  ///< the value with its unit
  double value = 0;
  std::string_view origin;
};

/// The phases that a prediction adds up, in seconds.
std::vector<std::pair<std::string, double>> phases_of(const Prediction& prediction) {
  return {{"start-up", prediction.start_up},
          {"decode", prediction.decode},
          {"filter (with gray)", prediction.filter},
          {"encode", prediction.encode},
          {"write", prediction.write},
          {"send", prediction.send + prediction.crowding},
          {"rank 0 receiving, beside these", prediction.receive},
          {"decoders, beside these", prediction.feed},
          {"file system, beside these", prediction.storage},
          {"halo not hidden", prediction.halo_exposed},
          {"finish", prediction.finish}};
}

std::string_view origin_name(Origin origin) {
  return origin == Origin::assumed ? "assumed" : origin == Origin::measured ? "measured" : "given";
}

std::vector<MachineLine> describe_machine(const PlannedJob& plan) {
  const Machine& machine = plan.machine;
  std::vector<MachineLine> lines;
  const auto add = [&](const char* name, const Quantity& quantity, const std::string& text) {
    lines.push_back({name, text, quantity.value, origin_name(quantity.origin)});
  };
  const auto add_rate = [&](const char* name, const Quantity& rate) { add(name, rate, rate_text(rate.value)); };
  add_rate("decode", machine.decode);
  add("filter", machine.filter, fmt::format("{:.0f} Mpx/s", machine.filter.value / 1e6));
  if (plan.job.encodes || plan.job.by_rows) add_rate("encode", machine.encode);
  if (plan.job.encodes) add("compressed to", machine.kept, fmt::format("{:.0f} %", 100 * machine.kept.value));
  add_rate("write", machine.write);
  add_rate("send within a node", machine.send);
  add("slower by each thread", machine.contention, fmt::format("{:.1f} %", 100 * machine.contention.value));
  add("start of a rank", machine.start_up, seconds_text(machine.start_up.value));
  add("launch of a job", machine.launch, seconds_text(machine.launch.value));
  add("launch of a node", machine.node_start, seconds_text(machine.node_start.value));
  add("finding networks", machine.network, seconds_text(machine.network.value));
  add("agreement of the ranks", machine.handshakes, fmt::format("{:.0f} messages", machine.handshakes.value));
  add_rate("file system", machine.file_system);
  add_rate("file system, a node", machine.node_file_system);
  add_rate("link of a node", machine.link);
  add("link latency", machine.latency, fmt::format("{:.3g} us", machine.latency.value * 1e6));
  return lines;
}

/// The advice on the number of ranks.
std::string ranks_advice(const PlannedJob& plan) {
  const int too_many = plan.ranks_too_many();
  const double wanted = 100 * min_efficiency;
  if (too_many == 0) return fmt::format("More ranks would help: the efficiency stays at {:.0f} % or more.\n", wanted);
  const int best = too_many - 1;
  const double best_seconds = plan.chosen(plan.scale(best)).total();
  const std::string best_text =
      fmt::format("{} would take about {}, with an efficiency of {:.0f} %.", count_text(best, "rank"),
                  seconds_text(best_seconds), 100 * efficiency(plan.job, plan.machine, plan.spread_over(best)));
  const double own = efficiency(plan.job, plan.machine, plan.spread);
  if (plan.spread.ranks > best) {
    const bool faster = best_seconds < plan.chosen(plan.scale(plan.spread.ranks)).total();
    return fmt::format("Fewer ranks would be {}: the efficiency of {} is {:.0f} %. {}\n",
                       faster ? "faster" : "more efficient", count_text(plan.spread.ranks, "rank"), 100 * own,
                       best_text);
  }
  if (plan.spread.ranks * 2 > best) {
    return fmt::format(
        "The number of ranks is good: the efficiency is {:.0f} %, and from {} ranks on it is under "
        "{:.0f} %.\n",
        100 * own, count_text(too_many), wanted);
  }
  return "More ranks would help: " + best_text + '\n';
}

/// The summary, which comes before all details.
std::string answer(const PlannedJob& plan) {
  const PlannedScale scale = plan.scale(plan.spread.ranks);
  const Prediction& prediction = plan.chosen(scale);
  return fmt::format(
             "The job fits: a rank needs {} of memory and may take {}.\n"
             "It takes about {} on {} of {}, on {}. What takes longest: {}.\n",
             size_text(plan.largest_memory()), size_text(plan.resources.memory), seconds_text(prediction.total()),
             count_text(plan.spread.ranks, "rank"), count_text(plan.spread.threads, "thread"),
             count_text(plan.nodes(), "node"), prediction.dominating()) +
         ranks_advice(plan) +
         (plan.command.calibrate.empty()
              ? "The rates are assumptions: --calibrate takes them from the --report of a run of edges.\n\n"
              : "\n");
}

std::string head(const PlannedJob& plan) {
  std::string text = fmt::format(
      "{}: {} x {} px, {} of {}, to {}, compression {}\n"
      "{} of {} with {} each; {}; output tiles of {} x {} px; each rank swaps {} with each neighbour\n",
      plan.name, count_text(plan.image.width), count_text(plan.image.height),
      count_text(plan.image.channels, "channel"), type_name(plan.image.type), plan.command.output,
      compression_name(plan.command.edge.compression), count_text(plan.nodes(), "node"),
      count_text(plan.machine.cores, "core"), count_text(plan.spread.ranks_per_node, "rank"),
      plan.spread.gather ? "rank 0 gathers and writes" : "all ranks write", plan.decomposition.tile_columns,
      plan.decomposition.tile_rows, count_text(plan.job.radius, "gray row"));
  if (plan.sequences > 0) {
    text += fmt::format(
        "the rows of this input form {}; one rank decodes each from its top and sends the rows to the "
        "others\n",
        count_text(plan.sequences, "sequence"));
  }
  return text;
}

/// The ranks to show: all, or if there are many, the first, middle and last one, and those with the smallest and
/// largest shares.
std::set<std::size_t> shown_ranks(const PlannedJob& plan) {
  std::set<std::size_t> shown;
  const std::size_t count = plan.ranks.size();
  for (std::size_t i = 0; i < count && count <= max_rank_lines; ++i) shown.insert(i);
  if (!shown.empty()) return shown;
  const auto rows = [](const PlannedRank& rank) { return rank.share.size(); };
  const auto [smallest, largest] = std::ranges::minmax_element(plan.ranks, {}, rows);
  const auto number = [&](auto place) { return static_cast<std::size_t>(std::distance(plan.ranks.begin(), place)); };
  return {0, count / 2, count - 1, number(smallest), number(largest)};
}

std::string ranks_table(const PlannedJob& plan) {
  std::string text = fmt::format("\n{:>7}  {:>13}  {:>11}  {:>10}  {:>10}  {:>10}  {:>10}  {:>10}\n", "rank",
                                 "first row", "rows", "read", "halo sent", "sent", "written", "memory");
  for (const std::size_t number : shown_ranks(plan)) {
    const PlannedRank& rank = plan.ranks[number];
    text += fmt::format("{:>7}  {:>13}  {:>11}  {:>10}  {:>10}  {:>10}  {:>10}  {:>10}\n", rank.rank,
                        rank.share.empty() ? "none" : count_text(rank.share.begin), count_text(rank.share.size()),
                        size_text(rank.read), size_text(rank.halo), size_text(rank.sent), size_text(rank.written),
                        size_text(rank.memory));
  }
  if (plan.ranks.size() > max_rank_lines) text += "(the others are between these; --format json lists all)\n";
  const auto idle = std::ranges::count_if(plan.ranks, [](const PlannedRank& rank) { return rank.share.empty(); });
  if (idle > 0) text += fmt::format("{} would have nothing to do: there are too few rows\n", count_text(idle, "rank"));
  return text;
}

std::string machine_table(const PlannedJob& plan) {
  std::string text = "\nthe machine: rates are those of one thread, unless the name says otherwise\n";
  for (const MachineLine& line : describe_machine(plan)) {
    text += fmt::format("  {:<22}  {:>12}  {}\n", line.name, line.text, line.origin);
  }
  return text;
}

std::string phases_table(const PlannedJob& plan) {
  const PlannedScale scale = plan.scale(plan.spread.ranks);
  const auto parallel = phases_of(scale.parallel);
  const auto gather = phases_of(scale.gather);
  std::string text = fmt::format("\n{:<34}  {:>12}  {:>12}\n", "predicted for these ranks", "parallel", "gather");
  const auto add = [&](const std::string& name, double together, double gathered) {
    text += fmt::format("  {:<32}  {:>12}  {:>12}\n", name, plan.can_write_together ? seconds_text(together) : "-",
                        seconds_text(gathered));
  };
  for (std::size_t i = 0; i < parallel.size(); ++i) add(parallel[i].first, parallel[i].second, gather[i].second);
  add("total", scale.parallel.total(), scale.gather.total());
  return text;
}

std::string scaling_table(const PlannedJob& plan) {
  std::string text = fmt::format("\n{:>8}  {:>10}  {:>9}  {:>10}  {:<12}", "ranks",
                                 plan.spread.gather ? "gather" : "parallel", "speed-up", "efficiency", "longest");
  if (plan.can_write_together) {
    text += fmt::format("  {:>10}  {:<12}", plan.spread.gather ? "parallel" : "gather", "longest");
  }
  text += '\n';
  for (const PlannedScale& scale : plan.scales()) {
    const Prediction& chosen = plan.chosen(scale);
    const Prediction& other = plan.spread.gather ? scale.parallel : scale.gather;
    text += fmt::format("{:>8}  {:>10}  {:>9.1f}  {:>8.0f} %  {:<12}", scale.ranks, seconds_text(chosen.total()),
                        scale.speed_up, 100 * scale.efficiency(), chosen.dominating());
    if (plan.can_write_together) {
      text += fmt::format("  {:>10}  {:<12}", seconds_text(other.total()), other.dominating());
    }
    text += '\n';
  }
  return text;
}

json prediction_json(const Prediction& prediction) {
  json seconds = json::object();
  for (const auto& [name, value] : phases_of(prediction)) seconds[name] = value;
  return {{"seconds", prediction.total()}, {"phase_seconds", seconds}, {"dominating", prediction.dominating()}};
}

json rank_json(const PlannedRank& rank) {
  return {{"rank", rank.rank},
          {"first_row", rank.share.begin},
          {"rows", rank.share.size()},
          {"bytes_read", rank.read},
          {"halo_bytes_sent", rank.halo},
          {"bytes_sent", rank.sent},
          {"bytes_written", rank.written},
          {"memory_planned_bytes", rank.memory}};
}

json scales_json(const PlannedJob& plan) {
  json rows = json::array();
  for (const PlannedScale& scale : plan.scales()) {
    rows.push_back({{"ranks", scale.ranks},
                    {"speed_up", scale.speed_up},
                    {"efficiency", scale.efficiency()},
                    {"parallel", prediction_json(scale.parallel)},
                    {"gather", prediction_json(scale.gather)}});
  }
  return rows;
}

std::int64_t mebibytes(double bytes) { return static_cast<std::int64_t>(std::ceil(bytes / (1 << 20))); }

std::string slurm_time(double seconds) {
  constexpr std::int64_t minutes_an_hour = 60;
  const auto minutes = static_cast<std::int64_t>(std::ceil(seconds * time_margin / 60 + min_minutes));
  return fmt::format("{:02}:{:02}:00", minutes / minutes_an_hour, minutes % minutes_an_hour);
}

/// Returns the end of the shell's ${HALOEDGE_SLURM...}, which is used if the user has not set the variable: the folder
/// of the job scripts, which is beside the build or installed with this program; or an error if there is none.
std::string scripts_folder_or_error() {
  std::error_code unknown;
  const std::filesystem::path programs = std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path();
  const std::filesystem::path prefix = programs.parent_path();
  for (const auto& folder : {prefix.parent_path() / "slurm", prefix / "share" / "haloedge" / "slurm"}) {
    if (std::filesystem::exists(folder / "edges.sbatch", unknown)) return ":-" + shell_word(folder.string());
  }
  return ":?must be set to the folder of edges.sbatch, which comes with haloedge";
}

/// The arguments of the job script edges.sbatch.
std::string script_arguments(const PlannedJob& plan) {
  const PlanCommand& command = plan.command;
  std::string text =
      fmt::format("{} {} --write {} --memory {}M", command.size ? "\"$1\"" : shell_word(command.input.input),
                  shell_word(command.output), plan.spread.gather ? "gather" : "parallel",
                  mebibytes(static_cast<double>(plan.largest_memory())));
  text += read_options_text(command.input.read);
  text += grid_options(command.input);
  const std::string chosen = chosen_edge_options_text(command.edge);
  return chosen.empty() ? text : text + ' ' + chosen.substr(0, chosen.size() - 1);
}

}  // namespace

std::string plan_text(const PlannedJob& plan) {
  return answer(plan) + head(plan) + ranks_table(plan) + machine_table(plan) + phases_table(plan) +
         scaling_table(plan) + '\n' + plan_script(plan);
}

std::string plan_json(const PlannedJob& plan) {
  json ranks = json::array();
  for (const PlannedRank& rank : plan.ranks) ranks.push_back(rank_json(rank));
  json machine = json::object();
  for (const MachineLine& line : describe_machine(plan)) {
    machine[line.name] = {{"value", line.value}, {"origin", line.origin}};
  }
  return json_text({{"input",
                     {{"path", plan.command.size ? "" : plan.name},
                      {"width", plan.image.width},
                      {"height", plan.image.height},
                      {"channels", plan.image.channels},
                      {"type", type_name(plan.image.type)}}},
                    {"output", {{"path", plan.command.output}, {"tile_height", plan.decomposition.tile_rows}}},
                    {"ranks", plan.spread.ranks},
                    {"ranks_per_node", plan.spread.ranks_per_node},
                    {"nodes", plan.nodes()},
                    {"threads", plan.spread.threads},
                    {"cores", plan.machine.cores},
                    {"write", plan.spread.gather ? "gather" : "parallel"},
                    {"machine", machine},
                    {"prediction", prediction_json(plan.chosen(plan.scale(plan.spread.ranks)))},
                    {"scaling", scales_json(plan)},
                    {"ranks_too_many", plan.ranks_too_many()},
                    {"script", plan_script(plan)},
                    {"per_rank", ranks}});
}

std::string plan_script(const PlannedJob& plan) {
  const double node_memory = static_cast<double>(plan.largest_memory()) * plan.spread.ranks_per_node * memory_margin;
  std::string text = fmt::format(
      "#!/bin/bash\n"
      "# Makes the edge map that haloedge has planned. Submit it with sbatch, from the same folder.\n"
      "#SBATCH --job-name=haloedge\n"
      "#SBATCH --nodes={}\n"
      "#SBATCH --ntasks={}\n"
      "#SBATCH --ntasks-per-node={}\n"
      "#SBATCH --cpus-per-task={}\n"
      "#SBATCH --mem={}M\n"
      "#SBATCH --time={}\n"
      "#SBATCH --signal=B:USR1@120\n"
      "#SBATCH --requeue\n"
      "#SBATCH --open-mode=append\n"
      "#SBATCH --output=haloedge-%j.log\n",
      plan.nodes(), plan.spread.ranks, plan.spread.ranks_per_node, plan.spread.threads, mebibytes(node_memory),
      slurm_time(plan.chosen(plan.scale(plan.spread.ranks)).total()));
  if (plan.command.size) text += ": \"${1:?usage: sbatch SCRIPT INPUT}\"\n";
  return text + fmt::format(
                    "# edges.sbatch does the rest, and explains it: what happens when the time is over, and what the "
                    "job leaves.\n"
                    "HALOEDGE_SLURM=${{HALOEDGE_SLURM{}}}\n"
                    "source \"$HALOEDGE_SLURM/edges.sbatch\" {}\n",
                    scripts_folder_or_error(), script_arguments(plan));
}

}  // namespace haloedge
