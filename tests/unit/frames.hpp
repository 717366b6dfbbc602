#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "stream/frame_filter.hpp"

namespace haloedge {

inline constexpr std::pair<std::int64_t, std::int64_t> frame_sizes[] = {{1, 1}, {3, 2}, {17, 13}, {67, 41}};
inline constexpr kernels::Border all_borders[] = {kernels::Border::reflect, kernels::Border::mirror,
                                                  kernels::Border::nearest, kernels::Border::constant,
                                                  kernels::Border::wrap};

[[nodiscard]] FrameFormat mono(std::int64_t width, std::int64_t height, int bits);

/// Returns random samples of the format's depth, many of them black or white, which are the same for the same seed.
[[nodiscard]] std::vector<std::byte> random_luma(const FrameFormat& format, unsigned seed);

/// Returns each meaningful operator, component and norm for frames with samples of this depth. The factors leave some
/// results between the ends of the range.
[[nodiscard]] std::vector<kernels::EdgeFilter> frame_filters(int bits);

/// Returns settings of Canny's detector with thresholds and a blur in the usual units.
[[nodiscard]] EdgeSettings canny_edge(kernels::Norm norm, double sigma);

[[nodiscard]] std::vector<std::byte> filtered(FrameFilter& filter, const std::vector<std::byte>& luma);

/// Returns the right answer, computed by the functions for single images and the reference kernels.
[[nodiscard]] std::vector<std::byte> reference_edges(const FrameFilterSpec& spec, const std::vector<std::byte>& luma);

}  // namespace haloedge
