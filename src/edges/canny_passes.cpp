#include "edges/canny_passes.hpp"

#include <algorithm>
#include <cstring>

#include "core/arithmetic.hpp"
#include "core/buffer.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"
#include "edges/canny_stage.hpp"

namespace haloedge {

namespace {

/// Where tiles go that nobody needs.
class NoSink final : public Sink {
 public:
  void put(TilePosition, std::span<const std::byte>) override {}
  void end_round() override {}
  void finish() override {}
};

/// Of the time, one part of so many is the second pass's.
constexpr std::int64_t time_parts = 5;

/// Stops of outputs that all ranks must leave together are only announced; here nothing is in the way of leaving.
void run_pass(const CannyParts& parts, FilterStage& stage, Sink& sink, const StepDone& step_done) {
  run_edge_pipeline({parts.source, stage, sink, parts.communicator, parts.trace}, parts.decomposition, parts.plan,
                    parts.settings.border, parts.threads, [&](std::int64_t rows) {
                      if (parts.communicator.stop_announced()) throw Stopped("stopped; what was made is not kept");
                      step_done(rows);
                    });
}

/// Puts the edges of this rank's tiles into `sink`, some rows of tiles at a time.
void put_edges(const CannyParts& parts, const TileGrid& grid, CandidateSink& candidates, Sink& sink,
               const StepDone& step_done) {
  // As many as a step of the first pass: what the sink holds was planned for that.
  const std::int64_t rows_a_round = std::max<std::int64_t>(1, parts.plan.schedule.most_put());
  const std::int64_t rounds = parts.communicator.max(divide_up(grid.down(), rows_a_round));
  std::vector<Buffer> tiles;
  tiles.reserve(static_cast<std::size_t>(parts.threads));
  for (int i = 0; i < parts.threads; ++i) tiles.emplace_back(grid.tile_columns * grid.tile_rows);
  for (std::int64_t round = 0; round < rounds; ++round) {
    parts.communicator.check_peers();
    const std::int64_t first = std::min(round * rows_a_round, grid.down()) * grid.across();
    const std::int64_t end = std::min((round + 1) * rows_a_round, grid.down()) * grid.across();
    run_tasks(parts.threads, end - first, [&](std::int64_t task, int thread) {
      const TilePosition tile{grid.share.begin / grid.tile_rows + (first + task) / grid.across(),
                              (first + task) % grid.across()};
      const Buffer& memory = tiles[static_cast<std::size_t>(thread)];
      const kernels::Plane edges{memory.data(), grid.tile_columns, grid.tile_columns, grid.tile_rows,
                                 kernels::SampleType::u8};
      std::memset(memory.data(), 0, static_cast<std::size_t>(memory.size()));
      candidates.edges(tile, edges);
      sink.put(tile, memory.span());
    });
    sink.end_round();
    const std::int64_t rows_done = std::min((round + 1) * rows_a_round * grid.tile_rows, grid.share.size());
    step_done(grid.share.size() - (grid.share.size() - rows_done) / time_parts);
  }
}

}  // namespace

TileGrid tile_grid(const Decomposition& decomposition, int rank) {
  return {.width = decomposition.width,
          .height = decomposition.height,
          .tile_columns = decomposition.tile_columns,
          .tile_rows = decomposition.tile_rows,
          .share = decomposition.shares.at(static_cast<std::size_t>(rank))};
}

kernels::MagnitudeCounts count_magnitudes(const CannyParts& parts, const kernels::Backend& backend,
                                          const StepDone& step_done) {
  std::vector<kernels::MagnitudeCounts> counts(static_cast<std::size_t>(parts.threads),
                                               kernels::MagnitudeCounts(kernels::magnitude_bins));
  NoSink none;
  const auto stage =
      make_magnitude_stage(backend, parts.decomposition, parts.settings, parts.plan, counts, parts.trace);
  run_pass(parts, *stage, none, step_done);
  kernels::MagnitudeCounts total(kernels::magnitude_bins);
  for (std::size_t bin = 0; bin < total.size(); ++bin) {
    for (const kernels::MagnitudeCounts& of_thread : counts) total[bin] += of_thread[bin];
  }
  return parts.communicator.sum_each(total);
}

void run_canny_passes(const CannyParts& parts, std::unique_ptr<FilterStage> stage, CandidateStore::Place place,
                      Sink& sink, const StepDone& step_done) {
  const std::vector<RowRange>& shares = parts.decomposition.shares;
  const TileGrid grid = tile_grid(parts.decomposition, parts.communicator.rank());
  CandidateSink candidates(grid, place, parts.trace);
  run_pass(parts, *stage, candidates, [&](std::int64_t rows) { step_done(rows - rows / time_parts); });
  stage.reset();  // its memory
  const auto active = std::count_if(shares.begin(), shares.end(), [](RowRange share) { return !share.empty(); });
  candidates.settle(static_cast<int>(active), parts.communicator);
  put_edges(parts, grid, candidates, sink, step_done);
}

}  // namespace haloedge
