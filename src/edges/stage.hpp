#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/row_range.hpp"
#include "edges/decomposition.hpp"
#include "edges/options.hpp"
#include "edges/schedule.hpp"
#include "edges/strip.hpp"
#include "kernels/backend.hpp"
#include "kernels/device_filter.hpp"
#include "run/trace.hpp"

namespace haloedge {

/// Bytes that a rank holds, by purpose.
struct MemoryNeeds {
  std::int64_t program = 0;  ///< code, libraries, MPI, a device's driver
  std::int64_t rows = 0;     ///< rows of gray or, for a device, of the source's pixels
  std::int64_t decode = 0;
  std::int64_t tiles = 0;   ///< finished and encoded tiles
  std::int64_t sink = 0;    ///< the sink, and what Canny's detector keeps between its passes
  std::int64_t device = 0;  ///< on the device; not in total()

  [[nodiscard]] std::int64_t total() const { return program + rows + decode + tiles + sink; }
};

/// The plan of one rank for a pass: its rows, the steps of its work, and the memory that they need.
struct RankPlan {
  StripShape shape{};
  Schedule schedule{};
  MemoryNeeds memory{};
  bool candidates_on_disk = false;  ///< Canny's detector keeps its candidates in a file between the passes

  [[nodiscard]] std::int64_t strip_bytes() const {
    return Strip::memory_bytes(shape, schedule.slabs, schedule.slab_rows);
  }
};

/// Makes tiles of the rows in a strip, on the threads that call tile() or on a device. A stage declares what it needs
/// before it holds any memory; allocate() takes that memory once the plan is made. Only stages on a device override the
/// functions that do nothing here. All functions are for the main thread, unless said otherwise.
class Stage {
 public:
  /// `settings` must outlive the stage. They may change until allocate().
  explicit Stage(const EdgeSettings& settings) : settings_(settings) {}
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  virtual ~Stage() = default;

  [[nodiscard]] const EdgeSettings& settings() const { return settings_; }
  /// Rows and columns beyond a pixel that the stage reads.
  [[nodiscard]] std::int64_t radius() const { return settings_.radius(); }
  /// Samples of a pixel in the strip.
  [[nodiscard]] virtual int channels() const { return 1; }
  /// Steps between begin() and await() of the same tile rows: 0 if the threads of this rank do the work.
  [[nodiscard]] virtual int lag() const { return 0; }
  /// Upper bound of what the stage holds for the shape and the schedule of `plan`. Pure.
  [[nodiscard]] virtual MemoryNeeds memory(const Decomposition& decomposition, const RankPlan& plan) const = 0;

  /// Takes the memory. `trace` must outlive the stage. Throws Error if there is too little.
  virtual void allocate(const Decomposition& decomposition, const RankPlan& plan, Trace& trace) = 0;

  /// The memory for the strip whose rows are filtered.
  [[nodiscard]] virtual std::span<std::byte> strip_memory() = 0;

  /// Puts decoded pixels into rows of the strip. The first row begins at `to`, and rows are `stride` bytes apart. Any
  /// thread.
  virtual void take(const kernels::ConstPixels& pixels, std::byte* to, std::int64_t stride) = 0;

  /// Called when a part of the strip's memory is complete.
  virtual void complete(std::span<const std::byte> /*part*/) {}

  /// Begins to filter these tile rows, whose rows in the strip are complete.
  virtual void begin(const Strip& /*strip*/, const std::vector<RowRange>& /*tile_rows*/) {}

  /// Waits for these tile rows, which were begun together lag() steps ago.
  virtual void await(const std::vector<RowRange>& /*tile_rows*/) {}

  /// Returns the samples of one tile of the tile rows that were waited for last, without gaps; outside the image they
  /// are 0. The memory belongs to the stage; it is valid until `thread` asks for another tile or the next tile rows are
  /// waited for. Any thread.
  [[nodiscard]] virtual std::span<std::byte> tile(const Strip& strip, RowRange tile_row, std::int64_t tile_column,
                                                  int thread) = 0;

 private:
  const EdgeSettings& settings_;
};

/// Makes a stage for the tiles of an edge map, or of the classes (see kernels/canny.hpp) of Canny's detector, that runs
/// on `threads` threads. `backend` must outlive the stage.
[[nodiscard]] std::unique_ptr<Stage> make_host_stage(const EdgeSettings& settings, const kernels::Backend& backend,
                                                     int threads);

/// Makes a stage that makes no tiles, but adds the magnitudes of their pixels to `counts`, which has an entry of
/// magnitude_bins for each thread. `backend` and `counts` must outlive the stage.
[[nodiscard]] std::unique_ptr<Stage> make_magnitude_stage(const EdgeSettings& settings, const kernels::Backend& backend,
                                                          std::vector<kernels::MagnitudeCounts>& counts);

/// Makes a filter on a device.
using DeviceFilterMaker = std::function<std::unique_ptr<kernels::DeviceFilter>(const kernels::DeviceFilterSpec& spec)>;

/// A tile row that is begun in one step is waited for in the second step after it. So the upload, the kernel and the
/// download of different steps overlap with each other, and with the decoding and encoding on the threads.
inline constexpr int device_lag = 2;
inline constexpr int device_slots = device_lag + 1;

/// Makes a stage for the tiles of an edge map, or of the classes of Canny's detector without a blur, that runs on a
/// device. The strip holds the source's own pixels, of `channels` samples.
[[nodiscard]] std::unique_ptr<Stage> make_device_stage(const EdgeSettings& settings, int channels,
                                                       DeviceFilterMaker make_filter);

}  // namespace haloedge
