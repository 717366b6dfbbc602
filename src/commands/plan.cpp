#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "cli/edge_options.hpp"
#include "commands/run_command.hpp"
#include "commands/run_setup.hpp"
#include "core/size_text.hpp"
#include "halo/halo_exchange.hpp"
#include "pipeline/edge_plan.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

void print_rank(int rank, const RankPlan& plan, const Decomposition& decomposition, const EdgeSettings& settings,
                const ImageInfo& image) {
  const RowRange share = plan.shape.share;
  const Neighbours neighbours = find_neighbours(decomposition.shares, rank, settings.border);
  const std::int64_t halo_bytes = plan.shape.radius * plan.shape.row_bytes();
  const std::int64_t sides = (neighbours.above ? 1 : 0) + (neighbours.below ? 1 : 0);
  fmt::print("{:>6}  {:>12}  {:>12}  {:>11}  {:>11}  {:>11}  {:>11}\n", rank,
             share.empty() ? "none" : count_text(share.begin), count_text(share.size()),
             size_text(share.size() * image.width * image.pixel_bytes()), size_text(sides * halo_bytes),
             size_text(share.size() * image.width * kernels::sample_bytes(settings.filter.out_type)),
             size_text(plan.memory.total()));
}

}  // namespace

void run_plan(const PlanCommand& command, Communicator& communicator) {
  const RankResources resources = rank_resources(command.common, communicator);
  if (communicator.rank() != 0) return;
  const std::unique_ptr<Source> source = open_source(command.input);
  const ImageInfo& image = source->image();
  const EdgeSettings settings = edge_settings(command.edge, image.type);
  const Decomposition decomposition = decompose(*source, settings, command.ranks);

  fmt::print("{}: {} x {} px, {} channel(s); {} rank(s) of {} thread(s), at most {} of memory each\n",
             command.input.input, count_text(image.width), count_text(image.height), image.channels, command.ranks,
             resources.threads, size_text(resources.memory));
  fmt::print("output tiles of {} x {} px; each rank swaps {} gray row(s) with each neighbour\n\n",
             decomposition.tile_columns, decomposition.tile_rows, kernels::stencil_radius);
  fmt::print("{:>6}  {:>12}  {:>12}  {:>11}  {:>11}  {:>11}  {:>11}\n", "rank", "first row", "rows", "pixels in",
             "halo sent", "edges out", "memory");
  RankPlan largest;
  for (int rank = 0; rank < command.ranks; ++rank) {
    const RankPlan plan = plan_rank(*source, decomposition, settings, resources, SinkMemory{}, rank);
    print_rank(rank, plan, decomposition, settings, image);
    if (plan.memory.total() > largest.memory.total()) largest = plan;
  }
  const auto idle = std::count_if(decomposition.shares.begin(), decomposition.shares.end(),
                                  [](RowRange share) { return share.empty(); });
  if (idle > 0) fmt::print("\n{} rank(s) would have nothing to do: there are too few rows\n", idle);
  if (!source->any_order()) {
    fmt::print("\nthis input is decoded from the top by one rank a sequence ({} of them) and sent on\n",
               source->sequences().size());
  }
  require_memory(largest, resources);
}

}  // namespace haloedge
