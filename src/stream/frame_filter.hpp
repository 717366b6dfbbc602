#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "edges/options.hpp"
#include "edges/stage.hpp"
#include "kernels/backend.hpp"
#include "kernels/device_filter.hpp"
#include "run/resources.hpp"
#include "stream/frame.hpp"

namespace haloedge {

/// Finds the edges of frames of one format, one after the other. Reuses its memory from frame to frame. Not
/// thread-safe.
class FrameFilter {
 public:
  FrameFilter() = default;
  FrameFilter(const FrameFilter&) = delete;
  FrameFilter& operator=(const FrameFilter&) = delete;
  virtual ~FrameFilter() = default;

  /// Writes the edges of a plane of luma to a plane of the same format. The planes have no padding and do not overlap;
  /// samples of two bytes are at even addresses.
  ///
  /// The edges are those that the command `edges` finds in the luma as a gray image of 8 or 16 bits; edges in 16 bits
  /// are limited to the format's full scale. Canny's edges are 0 or full scale and are found in the upper 8 bits.
  ///
  /// Allocates nothing, unless the backend or the device does, or Canny's hysteresis meets more runs of candidates than
  /// in any frame before.
  virtual void filter(const std::byte* luma, std::byte* edges) = 0;
};

/// The format of frames and the settings that determine their edges.
struct FrameFilterSpec {
  FrameFormat format;
  /// Filters u8 to u8 for frames of 8 bits and for Canny, u16 to u16 for all others.
  EdgeSettings edge;
  /// Chooses Canny's filter from the counts of magnitudes in a frame. Empty if all frames use the filter of `edge`.
  std::function<kernels::CannyFilter(std::span<const std::int64_t>)> canny_of_magnitudes{};
};

/// Returns the settings that the options give for luma of `bits` bits. Canny's thresholds are not set.
[[nodiscard]] EdgeSettings frame_settings(const EdgeOptions& options, int bits);

/// Returns the settings that the options give for frames of this format, with Canny's thresholds or the function that
/// chooses them for each frame.
[[nodiscard]] FrameFilterSpec filter_spec(const EdgeOptions& edge, const FrameFormat& format);

/// Returns the number of filters of this rank: one for each thread; on a device, enough for copies and kernels of
/// different frames to overlap. Throws Error if the device has too little memory for one.
[[nodiscard]] std::int64_t filter_count(const RankResources& resources, const FrameFilterSpec& spec);

/// Makes the device's part of one filter.
using DeviceMaker = std::function<std::unique_ptr<kernels::DeviceFilter>(const kernels::DeviceFilterSpec&)>;

/// Makes `count` filters on the backend, which is the host or a device and must outlive them. `make_device` makes the
/// device's part; by default, make_device_filter() does so on the chosen device. Throws what these functions throw.
[[nodiscard]] std::vector<std::unique_ptr<FrameFilter>> make_filters(std::int64_t count, const FrameFilterSpec& spec,
                                                                     const ChosenBackend& backend,
                                                                     const DeviceMaker& make_device = {});

/// Throws Error, which names the memory that is needed, if `flow` bytes and `filters` filters do not fit into this
/// rank's memory.
void require_memory(std::int64_t flow, std::int64_t filters, const FrameFilterSpec& spec,
                    const RankResources& resources);

/// Makes a filter on the host. `backend` must outlive it.
[[nodiscard]] std::unique_ptr<FrameFilter> make_host_frame_filter(const kernels::Backend& backend,
                                                                  const FrameFilterSpec& spec);

/// Upper bound of the bytes that one filter on the host holds.
[[nodiscard]] std::int64_t host_frame_filter_bytes(const FrameFilterSpec& spec);

/// Makes a filter on `device`, which was made for device_frame_spec(spec). Luma and edges pass through pinned memory.
/// The filter throws what DeviceFilter throws.
[[nodiscard]] std::unique_ptr<FrameFilter> make_device_frame_filter(std::unique_ptr<kernels::DeviceFilter> device,
                                                                    const FrameFilterSpec& spec);

/// Returns what make_device_filter() needs for these frames. Throws std::logic_error for Canny with a blur or with
/// canny_of_magnitudes, which devices cannot do.
[[nodiscard]] kernels::DeviceFilterSpec device_frame_spec(const FrameFilterSpec& spec);

/// Upper bound of the bytes that one filter on a device holds on the host. Throws what device_frame_spec() throws.
[[nodiscard]] std::int64_t device_frame_filter_bytes(const FrameFilterSpec& spec);

/// Upper bound of the bytes of the small objects in one filter. Both bounds above include it.
inline constexpr std::int64_t small_filter_parts_bytes = 1 << 10;

}  // namespace haloedge
