#include <nlohmann/json.hpp>

#include "edges/options.hpp"
#include "plan/plan_output.hpp"

namespace haloedge {

namespace {

using nlohmann::json;

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
  const double one = plan.chosen(plan.scale(1)).total();
  json rows = json::array();
  for (const PlannedScale& scale : plan.scales()) {
    const double speed_up = one / plan.chosen(scale).total();
    rows.push_back({{"ranks", scale.ranks},
                    {"speed_up", speed_up},
                    {"efficiency", speed_up / scale.ranks},
                    {"parallel", prediction_json(scale.parallel)},
                    {"gather", prediction_json(scale.gather)}});
  }
  return rows;
}

}  // namespace

std::string plan_json(const PlannedJob& plan) {
  json ranks = json::array();
  for (const PlannedRank& rank : plan.ranks) ranks.push_back(rank_json(rank));
  json machine = json::object();
  for (const MachineLine& line : describe_machine(plan)) {
    machine[line.name] = {{"value", line.value}, {"origin", line.origin}};
  }
  const json document{{"input",
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
                      {"per_rank", ranks}};
  return document.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

}  // namespace haloedge
