#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/row_range.hpp"
#include "edges/edge_plan.hpp"
#include "edges/strip.hpp"
#include "kernels/backend.hpp"
#include "kernels/device_filter.hpp"
#include "run/trace.hpp"

namespace haloedge {

/// Makes edge tiles of the rows in a strip: with the threads that ask for the tiles, or on a device beside them. Calls
/// are for the main thread, unless said otherwise.
class FilterStage {
 public:
  FilterStage() = default;
  FilterStage(const FilterStage&) = delete;
  FilterStage& operator=(const FilterStage&) = delete;
  virtual ~FilterStage() = default;

  /// The memory for the strip whose rows are filtered.
  [[nodiscard]] virtual std::span<std::byte> strip_memory() = 0;

  /// Puts decoded pixels into rows of the strip, from `to` on, each `stride` bytes after the one before. Any thread.
  virtual void take(const kernels::ConstPixels& pixels, std::byte* to, std::int64_t stride) = 0;

  /// Part of the strip's memory is complete.
  virtual void complete(std::span<const std::byte> part) = 0;

  /// Begins to filter these tile rows, whose rows in the strip are complete.
  virtual void begin(const Strip& strip, const std::vector<RowRange>& tile_rows) = 0;

  /// Waits for these tile rows, begun together a schedule's lag ago.
  virtual void await(const std::vector<RowRange>& tile_rows) = 0;

  /// The samples of one tile of the tile rows last waited for, without gaps; outside the image they are 0. The memory
  /// is the stage's, until `thread` asks for another tile or these tile rows' time is over. Any thread.
  [[nodiscard]] virtual std::span<const std::byte> tile(const Strip& strip, RowRange tile_row, std::int64_t tile_column,
                                                        int thread) = 0;
};

/// With this rank's threads. Lag 0: await() follows begin() at once.
[[nodiscard]] std::unique_ptr<FilterStage> make_host_stage(const kernels::Backend& backend,
                                                           const Decomposition& decomposition,
                                                           const EdgeSettings& settings, const RankPlan& plan,
                                                           int threads, Trace& trace);

/// On a device that was made for plan.device, with the plan's lag. Tiles are of edges, or of the classes (see
/// kernels/canny.hpp) of Canny without a blur.
[[nodiscard]] std::unique_ptr<FilterStage> make_device_stage(std::unique_ptr<kernels::DeviceFilter> device,
                                                             const Decomposition& decomposition,
                                                             const EdgeSettings& settings, Trace& trace);

}  // namespace haloedge
