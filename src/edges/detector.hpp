#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "edges/decomposition.hpp"
#include "edges/options.hpp"
#include "edges/stage.hpp"
#include "run/run.hpp"
#include "sink/sink.hpp"
#include "source/source.hpp"

namespace haloedge {

/// Opens the image for one pass over it. Collective if ranks send each other its rows.
using ImageOpener = std::function<std::unique_ptr<Source>()>;

/// Finds the edges in each rank's share of an image: in one pass with a stencil, or in several passes with Canny's
/// detector.
class Detector {
 public:
  /// Makes the stage that filters; `settings` outlives the stage.
  using StageMaker = std::function<std::unique_ptr<Stage>(const EdgeSettings& settings)>;

  Detector(EdgeSettings settings, const StageMaker& make_stage)
      : settings_(std::move(settings)), stage_(make_stage(settings_)) {}
  Detector(const Detector&) = delete;
  Detector& operator=(const Detector&) = delete;
  virtual ~Detector() = default;

  [[nodiscard]] const EdgeSettings& settings() const { return settings_; }
  /// The stage of the pass that reads the image for find_edges().
  [[nodiscard]] Stage& stage() const { return *stage_; }

  /// Bytes that find_edges() holds for the share of `grid`, without those of the stage and the sink. Candidates count
  /// only if they are in memory. Pure.
  [[nodiscard]] virtual std::int64_t memory(const TileGrid& grid, bool candidates_on_disk, int threads) const = 0;

  /// Completes the settings that depend on the whole image, which the ranks may read for this. Collective. Throws what
  /// sources throw, and Error if there is too little memory.
  virtual void prepare(const Decomposition& decomposition, const ImageOpener& open, Run& run) = 0;

  /// Puts the edges of this rank's share into `sink`, but does not finish it. Shows the progress in `run`. Called once.
  /// Collective. Throws what source, sink or kernels throw, and PeerFailure.
  virtual void find_edges(Source& source, const Decomposition& decomposition, const RankPlan& plan, Sink& sink,
                          Run& run) = 0;

 protected:
  /// The settings, which prepare() completes.
  [[nodiscard]] EdgeSettings& changeable_settings() { return settings_; }
  /// Frees the stage's memory. There is no stage() afterwards.
  void drop_stage() { stage_.reset(); }

 private:
  EdgeSettings settings_;
  std::unique_ptr<Stage> stage_;
};

/// Makes the detector for `settings`. `canny` says where the thresholds of Canny's detector come from.
[[nodiscard]] std::unique_ptr<Detector> make_detector(EdgeSettings settings, const CannyOptions& canny,
                                                      const Detector::StageMaker& make_stage);

}  // namespace haloedge
