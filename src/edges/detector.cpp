#include "edges/detector.hpp"

#include <algorithm>
#include <vector>

#include "core/buffer.hpp"
#include "core/error.hpp"
#include "core/threads.hpp"
#include "edges/candidate_sink.hpp"
#include "edges/pass.hpp"

namespace haloedge {

namespace {

class StencilDetector final : public Detector {
 public:
  using Detector::Detector;

  [[nodiscard]] std::int64_t memory(const TileGrid&, bool, int) const override { return 0; }
  void prepare(const Decomposition&, const ImageOpener&, Run&) override {}
  void find_edges(Source& source, const Decomposition& decomposition, const RankPlan& plan, Sink& sink,
                  Run& run) override {
    stage().allocate(decomposition, plan, run.trace);
    run_pass({source, stage(), decomposition}, plan, sink, run, [&](std::int64_t rows) { run.advance(rows); });
  }
};

/// A sink that drops all tiles.
class NoSink final : public Sink {
 public:
  void put(TilePosition, std::span<const std::byte>) override {}
  void end_round() override {}
  void finish() override {}
};

/// Throws Error if a stop was announced. Before Canny's last pass a rank may stop alone, even if ranks write the output
/// together, because nothing has been written yet.
void check_stop(Run& run) {
  if (!run.communicator.stop_announced()) return;
  throw Error(
      "stopped by a signal or the time limit: Canny's edges cannot be continued, so nothing is kept; allow more time");
}

/// The parts of the time that Canny's passes take; used for the progress only: the counting of magnitudes of the whole
/// time, if there is one, and the first pass of the time of the other two.
constexpr double counting_part = 0.4;
constexpr double first_part = 0.8;

/// Shows `part` of this rank's work as done.
void show_done(double part, const TileGrid& grid, Run& run) {
  run.advance(static_cast<std::int64_t>(part * static_cast<double>(grid.share.size())));
}

double part_of(std::int64_t rows, const TileGrid& grid) {
  return static_cast<double>(rows) / static_cast<double>(std::max<std::int64_t>(1, grid.share.size()));
}

/// Counts how often each gradient magnitude occurs in the whole image. Each rank decodes its share; the result is the
/// same on all ranks. Collective.
kernels::MagnitudeCounts count_magnitudes(const EdgeSettings& settings, Source& source,
                                          const Decomposition& decomposition, Run& run) {
  std::vector<kernels::MagnitudeCounts> counts(static_cast<std::size_t>(run.resources.threads),
                                               kernels::MagnitudeCounts(kernels::magnitude_bins));
  const auto stage = make_magnitude_stage(settings, *run.backend.host, counts);
  const Pass pass{source, *stage, decomposition};
  const RankPlan plan = plan_pass(pass, {}, run.resources, run.communicator.rank());
  require_memory(plan, run.resources);
  stage->allocate(decomposition, plan, run.trace);
  NoSink none;
  const TileGrid grid = decomposition.grid(run.communicator.rank());
  run_pass(pass, plan, none, run, [&](std::int64_t rows) {
    check_stop(run);
    show_done(counting_part * part_of(rows, grid), grid, run);
  });
  kernels::MagnitudeCounts total(kernels::magnitude_bins);
  for (std::size_t bin = 0; bin < total.size(); ++bin) {
    for (const kernels::MagnitudeCounts& of_thread : counts) total[bin] += of_thread[bin];
  }
  return run.communicator.sum_each(total);
}

/// Canny's detector: the first pass finds the candidates of each share, then the ranks together find out which of them
/// are edges, and the second pass puts the edges into the sink. If the thresholds depend on the image, an earlier pass
/// counts its magnitudes.
class CannyDetector final : public Detector {
 public:
  CannyDetector(EdgeSettings settings, CannyOptions options, const StageMaker& make_stage)
      : Detector(std::move(settings), make_stage), options_(options) {}

  [[nodiscard]] std::int64_t memory(const TileGrid& grid, bool candidates_on_disk, int threads) const override {
    return CandidateSink::memory_bytes(grid, candidates_on_disk, threads);
  }

  void prepare(const Decomposition& decomposition, const ImageOpener& open, Run& run) override {
    kernels::MagnitudeCounts counts;
    if (needs_magnitudes(options_)) counts = count_magnitudes(settings(), *open(), decomposition, run);
    kernels::CannyFilter& filter = changeable_settings().canny.value().filter;
    filter = canny_filter(options_, filter.norm, counts);
  }

  void find_edges(Source& source, const Decomposition& decomposition, const RankPlan& plan, Sink& sink,
                  Run& run) override {
    const TileGrid grid = decomposition.grid(run.communicator.rank());
    CandidateSink candidates(grid, plan.candidates_on_disk, run.trace);
    stage().allocate(decomposition, plan, run.trace);
    run_pass({source, stage(), decomposition}, plan, candidates, run, [&](std::int64_t rows) {
      check_stop(run);
      show_done(after_counting(first_part * part_of(rows, grid)), grid, run);
    });
    drop_stage();
    candidates.settle(active_ranks(decomposition.shares), run.communicator);
    // The sink's memory was planned for as many rows a round as a step of the first pass puts.
    put_edges(grid, std::max<std::int64_t>(1, plan.schedule.max_put()), candidates, sink, run);
  }

 private:
  /// Turns a part of the time after the counting into a part of the whole time.
  [[nodiscard]] double after_counting(double part) const {
    return needs_magnitudes(options_) ? counting_part + (1 - counting_part) * part : part;
  }

  void put_edges(const TileGrid& grid, std::int64_t rows_a_round, CandidateSink& candidates, Sink& sink, Run& run) {
    const int threads = run.resources.threads;
    const std::int64_t rounds = run.communicator.max(divide_up(grid.down(), rows_a_round));
    std::vector<Buffer> tiles;
    tiles.reserve(static_cast<std::size_t>(threads));
    for (int i = 0; i < threads; ++i) tiles.emplace_back(grid.tile_columns * grid.tile_rows);
    for (std::int64_t round = 0; round < rounds; ++round) {
      run.communicator.check_peers();
      const std::int64_t first = std::min(round * rows_a_round, grid.down()) * grid.across();
      const std::int64_t end = std::min((round + 1) * rows_a_round, grid.down()) * grid.across();
      run_tasks(threads, end - first, [&](std::int64_t task, int thread) {
        const TilePosition tile{grid.share.begin / grid.tile_rows + (first + task) / grid.across(),
                                (first + task) % grid.across()};
        const Buffer& memory = tiles[static_cast<std::size_t>(thread)];
        std::ranges::fill(memory.span(), std::byte{});
        candidates.edges(
            tile, {memory.data(), grid.tile_columns, grid.tile_columns, grid.tile_rows, kernels::SampleType::u8});
        sink.put(tile, memory.span());
      });
      sink.end_round();
      const std::int64_t rows_done = std::min((round + 1) * rows_a_round * grid.tile_rows, grid.share.size());
      show_done(after_counting(first_part + (1 - first_part) * part_of(rows_done, grid)), grid, run);
    }
  }

  CannyOptions options_;
};

}  // namespace

std::unique_ptr<Detector> make_detector(EdgeSettings settings, const CannyOptions& canny,
                                        const Detector::StageMaker& make_stage) {
  if (settings.canny) return std::make_unique<CannyDetector>(std::move(settings), canny, make_stage);
  return std::make_unique<StencilDetector>(std::move(settings), make_stage);
}

}  // namespace haloedge
