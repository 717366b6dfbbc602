#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernels.hpp"

namespace haloedge {

inline constexpr kernels::SampleType all_types[] = {kernels::SampleType::u8, kernels::SampleType::u16,
                                                    kernels::SampleType::f32};

/// Random samples, with many at the ends of the range; floats also with what is hard to get right: infinities, NaN,
/// denormals. The same for the same seed.
[[nodiscard]] std::vector<std::byte> random_samples(std::int64_t count, kernels::SampleType type, unsigned seed);

/// Each operator, component, norm and pair of sample types that means something, with factor 1 and no clip.
[[nodiscard]] std::vector<kernels::EdgeFilter> all_filters();

}  // namespace haloedge
