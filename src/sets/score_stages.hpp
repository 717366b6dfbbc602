#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernels/backend.hpp"
#include "kernels/canny.hpp"
#include "sets/memory_gate.hpp"
#include "sets/options.hpp"
#include "sets/score_output.hpp"
#include "sets/set_run.hpp"

namespace haloedge {

/// Returns the options that decide the scores in one line, as a user would type them. Equal options give equal lines.
[[nodiscard]] std::string score_options_text(const ScoreCommand& command);

/// The stages of `score` on one rank: what is done with an image between its file and its row in the table. Everything
/// it is made with must outlive it.
class ScoreStages {
 public:
  ScoreStages(const ScoreCommand& command, ScoreOutput& output, ScoreWriter& writer, SetRun& set_run);

  [[nodiscard]] std::vector<SetStage> stages();

 private:
  void read(SetImage& image);
  void find_edges(SetImage& image) const;
  void measure_congestion(SetImage& image) const;
  void hand_over(const SetImage& image);

  /// Finds the edges between the levels of the depth map.
  [[nodiscard]] Buffer depth_edges(SetImage& image) const;
  /// Returns the memory that an image holds once the edges of the photo are found.
  [[nodiscard]] std::int64_t feature_bytes(const SetImage& image) const;
  /// Throws Error if the image needs more memory than there is.
  void require(std::int64_t bytes) const;

  const ScoreCommand& command_;
  ScoreOutput& output_;
  ScoreWriter& writer_;
  SetRun& run_;
  std::unique_ptr<kernels::Backend> backend_;
  int threads_;
  std::int64_t memory_;  ///< bytes that the rank may use
  MemoryGate gate_;
  kernels::CannyFilter filter_;
  std::vector<float> weights_;
};

}  // namespace haloedge
