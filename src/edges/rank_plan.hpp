#pragma once

#include <cstdint>

#include "edges/candidate_sink.hpp"
#include "edges/schedule.hpp"
#include "edges/strip.hpp"
#include "run/resources.hpp"
#include "sink/sink.hpp"
#include "source/source.hpp"

namespace haloedge {

class Stage;
struct Decomposition;

/// Bytes that a stage holds.
struct StageMemory {
  std::int64_t rows = 0;    ///< the strip
  std::int64_t tiles = 0;   ///< tiles that are made
  std::int64_t driver = 0;  ///< of a device, on the host
  std::int64_t device = 0;  ///< on the device
};

/// Bytes that a rank holds, by purpose.
struct MemoryNeeds {
  std::int64_t program = 0;  ///< code, libraries, MPI
  std::int64_t rows = 0;     ///< gray ones, or for a device the source's
  std::int64_t decode = 0;
  std::int64_t tiles = 0;   ///< finished and encoded tiles
  std::int64_t sink = 0;    ///< and what Canny's detector keeps between its passes
  std::int64_t device = 0;  ///< on the device; not in total()

  [[nodiscard]] std::int64_t total() const { return program + rows + decode + tiles + sink; }
};

/// The plan of one rank for a pass: its rows, the steps of its work, and the memory that they need.
struct RankPlan {
  StripShape shape;
  Schedule schedule;
  MemoryNeeds memory;
  CandidateStore::Place candidates = CandidateStore::Place::memory;  ///< of Canny's detector, between its passes
};

/// One pass of a stage over a rank's share of an image.
struct Pass {
  Source& source;
  Stage& stage;
  const Decomposition& decomposition;
};

/// Chooses the largest useful units whose schedule fits into the memory of the rank and of its device. `sink` is what
/// the sink of the pass holds. If even the smallest units do not fit, the plan has these and says what they need. Pure.
[[nodiscard]] RankPlan plan_pass(const Pass& pass, const SinkMemory& sink, const RankResources& resources, int rank);

/// True if the rank and its device have the memory that the plan needs. Pure.
[[nodiscard]] bool fits(const RankPlan& plan, const RankResources& resources);

/// Throws Error, saying how much would do, unless fits().
void require_memory(const RankPlan& plan, const RankResources& resources);

/// The height that units of a share should have if memory allows: enough tasks a step for all threads. Pure.
[[nodiscard]] std::int64_t preferred_unit_rows(const Decomposition& decomposition, int threads);

}  // namespace haloedge
