#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "decompose/row_shares.hpp"
#include "halo/gray_strip.hpp"
#include "kernels/kernels.hpp"
#include "pipeline/schedule.hpp"
#include "sink/sink.hpp"
#include "source/source.hpp"

namespace haloedge {

/// What decides an edge map's pixels, and the size of its tiles.
struct EdgeSettings {
  kernels::Gray gray = kernels::Gray::bt601;
  kernels::Border border = kernels::Border::reflect;
  kernels::EdgeFilter filter;
  std::int64_t tile = 256;  ///< width and height of an output tile, a multiple of 16
};

/// What a rank has to do its share with.
struct RankResources {
  int threads = 1;
  std::int64_t memory = 0;  ///< bytes
};

/// How an image is cut into output tiles and over ranks. The same on every rank.
struct Decomposition {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t tile_rows = 0;  ///< height of an output tile
  std::int64_t tile_columns = 0;
  std::vector<RowRange> shares;  ///< one a rank

  [[nodiscard]] std::int64_t tiles_across() const { return (width + tile_columns - 1) / tile_columns; }
};

/// Tiles are no larger than the image, rounded up to 16. Ranks get rows of equal cost to `source`.
[[nodiscard]] Decomposition decompose(const Source& source, const EdgeSettings& settings, int ranks);

/// The rows that one rank holds.
[[nodiscard]] StripShape strip_shape(const Decomposition& decomposition, const EdgeSettings& settings, int rank);

/// Bytes that a rank holds, by what for.
struct MemoryNeeds {
  std::int64_t program = 0;  ///< code, libraries, MPI
  std::int64_t gray_rows = 0;
  std::int64_t decode = 0;
  std::int64_t tiles = 0;  ///< finished and encoded tiles of the threads
  std::int64_t sink = 0;

  [[nodiscard]] std::int64_t total() const { return program + gray_rows + decode + tiles + sink; }
};

/// What one rank will do.
struct RankPlan {
  StripShape shape;
  Schedule schedule;
  MemoryNeeds memory;
};

/// Chooses the largest useful units whose schedule fits into resources.memory. `sink` is what the sink holds. If
/// even the smallest do not fit, the plan is the smallest one and its memory.total() says what would be needed. Pure.
[[nodiscard]] RankPlan plan_rank(const Source& source, const Decomposition& decomposition, const EdgeSettings& settings,
                                 const RankResources& resources, const SinkMemory& sink, int rank);

/// Throws Error, saying how much would do, if the plan needs more than there is.
void require_memory(const RankPlan& plan, const RankResources& resources);

/// The height that units of a share should have if memory allows: enough tasks a step for all threads.
[[nodiscard]] std::int64_t preferred_unit_rows(const Decomposition& decomposition, int threads);

}  // namespace haloedge
