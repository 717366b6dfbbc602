#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "core/number_text.hpp"
#include "core/time_text.hpp"
#include "edges/options.hpp"
#include "plan/plan_output.hpp"

namespace haloedge {

namespace {

constexpr std::size_t most_rank_lines = 16;

std::string_view origin_name(Origin origin) {
  return origin == Origin::assumed ? "assumed" : origin == Origin::measured ? "measured" : "given";
}

std::string head(const PlannedJob& plan) {
  std::string text = fmt::format(
      "{}: {} x {} px, {} channel(s) of {}, to {}, compression {}\n"
      "{} node(s) of {} core(s); {} rank(s), {} a node, of {} thread(s), at most {} of memory each\n"
      "{}; output tiles of {} x {} px; each rank swaps {} gray row(s) with each neighbour\n",
      plan.name, count_text(plan.image.width), count_text(plan.image.height), plan.image.channels,
      type_name(plan.image.type), plan.command.output, compression_name(plan.command.edge.compression), plan.nodes(),
      plan.machine.cores, plan.spread.ranks, plan.spread.ranks_per_node, plan.spread.threads,
      size_text(plan.resources.memory), plan.spread.gather ? "rank 0 gathers and writes" : "all ranks write",
      plan.decomposition.tile_columns, plan.decomposition.tile_rows, kernels::stencil_radius);
  if (plan.sequences > 0) {
    text += fmt::format("this input is decoded from the top by one rank a sequence ({} of them) and sent on\n",
                        plan.sequences);
  }
  return text;
}

/// All, or where they are many: the first, a middle and the last one, and those with the smallest and largest shares.
std::set<std::size_t> shown_ranks(const PlannedJob& plan) {
  std::set<std::size_t> shown;
  const std::size_t count = plan.ranks.size();
  for (std::size_t i = 0; i < count && count <= most_rank_lines; ++i) shown.insert(i);
  if (!shown.empty()) return shown;
  const auto [smallest, largest] =
      std::minmax_element(plan.ranks.begin(), plan.ranks.end(),
                          [](const auto& a, const auto& b) { return a.share.size() < b.share.size(); });
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
  if (plan.ranks.size() > most_rank_lines) text += "(the others are between these; --format json lists all)\n";
  const auto idle =
      std::count_if(plan.ranks.begin(), plan.ranks.end(), [](const auto& rank) { return rank.share.empty(); });
  if (idle > 0) text += fmt::format("{} rank(s) would have nothing to do: there are too few rows\n", idle);
  return text;
}

std::string machine_table(const PlannedJob& plan) {
  std::string text = "\nof this machine, per thread or as said:\n";
  for (const MachineLine& line : describe_machine(plan)) {
    text += fmt::format("  {:<20}  {:>12}  {}\n", line.name, line.text, line.origin);
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
  const double one = plan.chosen(plan.scale(1)).total();
  std::string text = fmt::format("\n{:>8}  {:>10}  {:>9}  {:>10}  {:<12}", "ranks",
                                 plan.spread.gather ? "gather" : "parallel", "speed-up", "efficiency", "most of it");
  if (plan.can_write_together) {
    text += fmt::format("  {:>10}  {:<12}", plan.spread.gather ? "parallel" : "gather", "most of it");
  }
  text += '\n';
  for (const PlannedScale& scale : plan.scales()) {
    const Prediction& chosen = plan.chosen(scale);
    const Prediction& other = plan.spread.gather ? scale.parallel : scale.gather;
    const double speed_up = one / chosen.total();
    text += fmt::format("{:>8}  {:>10}  {:>9.1f}  {:>8.0f} %  {:<12}", scale.ranks, seconds_text(chosen.total()),
                        speed_up, 100 * speed_up / scale.ranks, chosen.dominating());
    if (plan.can_write_together)
      text += fmt::format("  {:>10}  {:<12}", seconds_text(other.total()), other.dominating());
    text += '\n';
  }
  const int too_many = plan.ranks_too_many();
  text += too_many > 0 ? fmt::format("efficiency falls under {:.0f} % at {} ranks\n", 100 * least_efficiency, too_many)
                       : fmt::format("efficiency stays at {:.0f} % or more\n", 100 * least_efficiency);
  return text;
}

}  // namespace

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
  add("slower beside one", machine.contention, fmt::format("{:.1f} %", 100 * machine.contention.value));
  add("start of a rank", machine.start_up, seconds_text(machine.start_up.value));
  add("launch of a job", machine.launch, seconds_text(machine.launch.value));
  add("launch of a node", machine.node_start, seconds_text(machine.node_start.value));
  add("finding networks", machine.network, seconds_text(machine.network.value));
  add("agreements over the link", machine.handshakes, fmt::format("{:.0f} ways", machine.handshakes.value));
  add_rate("file system", machine.file_system);
  add_rate("of it, a node", machine.node_file_system);
  add_rate("link of a node", machine.link);
  add("link latency", machine.latency, fmt::format("{:.3g} us", machine.latency.value * 1e6));
  return lines;
}

std::string plan_text(const PlannedJob& plan) {
  return head(plan) + ranks_table(plan) + machine_table(plan) + phases_table(plan) + scaling_table(plan) + '\n' +
         plan_script(plan);
}

}  // namespace haloedge
