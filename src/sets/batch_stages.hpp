#pragma once

#include <vector>

#include "run/backend_choice.hpp"
#include "sets/batch_output.hpp"
#include "sets/memory_gate.hpp"
#include "sets/options.hpp"
#include "sets/set_run.hpp"

namespace haloedge {

/// The stages of `batch` on one rank: what is done with an image between its file and the file of its edge map. The
/// arguments of the constructor must outlive it.
class BatchStages {
 public:
  BatchStages(const BatchCommand& command, BatchOutput& output, const ChosenBackend& backend, SetRun& run);

  [[nodiscard]] std::vector<SetStage> stages();

 private:
  void read(SetImage& image);
  void filter(SetImage& image);
  void filter_in_bands(SetImage& image);
  void encode(SetImage& image) const;
  void write(SetImage& image);

  /// Returns the memory that the image takes from its decoding on.
  [[nodiscard]] std::int64_t needed(const SetImage& image) const;
  /// Returns true if the image is larger than the memory, or its edge map than what the output takes in one piece.
  [[nodiscard]] bool is_large(const SetImage& image) const;

  const BatchCommand& command_;
  BatchOutput& output_;
  const ChosenBackend& backend_;
  SetRun& run_;
  int threads_;
  MemoryGate gate_;
};

}  // namespace haloedge
