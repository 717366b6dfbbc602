#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "edges/edge_plan.hpp"
#include "kernels/backend.hpp"
#include "kernels/device_filter.hpp"
#include "stream/frame_format.hpp"

namespace haloedge {

/// What decides the edges of a frame.
struct FrameFilterSpec {
  FrameFormat format;
  /// Of u8 to u8 for frames of 8 bits and for Canny, of u16 to u16 else.
  EdgeSettings edge;
  /// Canny's filter from a frame's counts of magnitudes; empty: that of `edge` is for all frames.
  std::function<kernels::CannyFilter(std::span<const std::int64_t>)> canny_of_magnitudes{};
};

/// Finds the edges of frames of one format, one after the other. Keeps its memory from one to the next. For one thread.
class FrameFilter {
 public:
  FrameFilter() = default;
  FrameFilter(const FrameFilter&) = delete;
  FrameFilter& operator=(const FrameFilter&) = delete;
  virtual ~FrameFilter() = default;

  /// `luma` and `edges` are planes of the format's samples, without gaps, and do not overlap; those of two bytes stand
  /// at even addresses. Allocates nothing, unless the backend or the device does, but for Canny's hysteresis where a
  /// frame has more runs of candidates than any before. The edges are those that the command `edges` makes of the luma
  /// as a gray image of 8 bits, or of 16 and then cut to the format's full scale; Canny's are 0 and full scale, and
  /// found in the upper 8 bits.
  virtual void filter(const std::byte* luma, std::byte* edges) = 0;
};

/// `backend` must stay as long as the filter.
[[nodiscard]] std::unique_ptr<FrameFilter> make_host_frame_filter(const kernels::Backend& backend,
                                                                  const FrameFilterSpec& spec);

/// What a device for frames must be made for: see make_device_filter(). Throws std::logic_error for Canny with a blur
/// or with canny_of_magnitudes, which devices cannot do.
[[nodiscard]] kernels::DeviceFilterSpec device_frame_spec(const FrameFilterSpec& spec);

/// `device` was made for device_frame_spec(spec). Luma goes to it, and edges come back, through pinned memory. Its
/// filter() throws what DeviceFilter throws.
[[nodiscard]] std::unique_ptr<FrameFilter> make_device_frame_filter(std::unique_ptr<kernels::DeviceFilter> device,
                                                                    const FrameFilterSpec& spec);

/// What is small in any filter, at most.
inline constexpr std::int64_t small_filter_parts_bytes = 1 << 10;
/// Upper bound of what one host filter holds.
[[nodiscard]] std::int64_t host_frame_filter_bytes(const FrameFilterSpec& spec);
/// Upper bound of what one device filter holds on the host. Throws what device_frame_spec() throws.
[[nodiscard]] std::int64_t device_frame_filter_bytes(const FrameFilterSpec& spec);

}  // namespace haloedge
