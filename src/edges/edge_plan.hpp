#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/arithmetic.hpp"
#include "core/row_range.hpp"
#include "edges/row_shares.hpp"
#include "edges/schedule.hpp"
#include "edges/strip.hpp"
#include "kernels/canny.hpp"
#include "kernels/device_filter.hpp"
#include "kernels/gaussian.hpp"
#include "kernels/kernels.hpp"
#include "run/resources.hpp"
#include "sink/sink.hpp"
#include "source/source.hpp"

namespace haloedge {

/// Measured: a rank that has started MPI and opened a file holds about 40 MB.
inline constexpr std::int64_t program_bytes = std::int64_t{48} << 20;
/// What the CUDA runtime and driver hold on the host beside that: an estimate, until it is measured.
inline constexpr std::int64_t driver_bytes = std::int64_t{256} << 20;

/// What Canny's detector does with 8-bit gray.
struct CannySettings {
  kernels::GaussianWeights blur;
  kernels::CannyFilter filter;
};

/// What decides an edge map's pixels, and the size of its tiles.
struct EdgeSettings {
  kernels::Gray gray = kernels::Gray::bt601;
  kernels::Border border = kernels::Border::reflect;
  kernels::EdgeFilter filter;
  std::optional<CannySettings> canny{};  ///< instead of the filter
  std::int64_t tile = 256;               ///< width and height of an output tile, a multiple of tiff_tile_granule
};

/// Rows and columns beyond a pixel that decide its value, or whether it is a candidate.
[[nodiscard]] std::int64_t filter_radius(const EdgeSettings& settings);

/// What a device begins in one step is waited for in the second step after it: upload, kernel and download of different
/// steps then overlap, and with the threads' decoding and encoding.
inline constexpr int device_lag = 2;
inline constexpr int device_slots = device_lag + 1;

/// How an image is cut into output tiles and over ranks. The same on every rank.
struct Decomposition {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t tile_rows = 0;  ///< height of an output tile
  std::int64_t tile_columns = 0;
  std::vector<RowRange> shares;  ///< one a rank
  FinishedRows finished{};       ///< need not be made again

  [[nodiscard]] std::int64_t tiles_across() const { return divide_up(width, tile_columns); }
};

/// Tiles are no larger than the image, rounded up to tiff_tile_granule. Ranks get rows of equal cost to `source`, where
/// what earlier runs have finished costs nothing. The height of tiles is theirs, if there were any.
[[nodiscard]] Decomposition decompose(const Source& source, const EdgeSettings& settings, int ranks,
                                      const FinishedRows& finished = {});

/// Of an output tile, which has no gaps.
[[nodiscard]] std::int64_t tile_bytes(const Decomposition& decomposition, const EdgeSettings& settings);

/// The rows that one rank holds, of pixels of `pixel_bytes`.
[[nodiscard]] StripShape strip_shape(const Decomposition& decomposition, const EdgeSettings& settings,
                                     std::int64_t pixel_bytes, int rank);

/// Bytes that a rank holds, by what for.
struct MemoryNeeds {
  std::int64_t program = 0;  ///< code, libraries, MPI
  std::int64_t rows = 0;     ///< gray ones, or for a device the source's
  std::int64_t decode = 0;
  std::int64_t tiles = 0;  ///< finished and encoded tiles
  std::int64_t sink = 0;

  [[nodiscard]] std::int64_t total() const { return program + rows + decode + tiles + sink; }
};

/// What one rank will do.
struct RankPlan {
  StripShape shape;
  Schedule schedule;
  MemoryNeeds memory;
  std::optional<kernels::DeviceFilterSpec> device{};  ///< where a device filters
};

/// Chooses the largest useful units whose schedule fits into the memory of the rank and of its device. `sink` is what
/// the sink holds. If even the smallest do not fit, the plan is the smallest one and says what would be needed. Pure.
[[nodiscard]] RankPlan plan_rank(const Source& source, const Decomposition& decomposition, const EdgeSettings& settings,
                                 const RankResources& resources, const SinkMemory& sink, int rank);

/// Throws Error, saying how much would do, if the plan needs more than there is on the rank or on its device.
void require_memory(const RankPlan& plan, const RankResources& resources);

/// The height that units of a share should have if memory allows: enough tasks a step for all threads.
[[nodiscard]] std::int64_t preferred_unit_rows(const Decomposition& decomposition, int threads);

}  // namespace haloedge
