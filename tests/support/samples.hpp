#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernels.hpp"

namespace haloedge {

/// The types of results, which devices read, too.
inline constexpr kernels::SampleType all_types[] = {kernels::SampleType::u8, kernels::SampleType::u16,
                                                    kernels::SampleType::f32};
/// The types of images.
inline constexpr kernels::SampleType all_image_types[] = {kernels::SampleType::u8, kernels::SampleType::u16,
                                                          kernels::SampleType::f32, kernels::SampleType::f64};

/// Random samples, many of them at the ends of the range; floats include infinities, NaN and denormals. The same seed
/// gives the same samples.
[[nodiscard]] std::vector<std::byte> random_samples(std::int64_t count, kernels::SampleType type, unsigned seed);

/// All meaningful combinations of operator, component, norm and sample types, with factor 1 and no clip.
[[nodiscard]] std::vector<kernels::EdgeFilter> all_filters();

}  // namespace haloedge
