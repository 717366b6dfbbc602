#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/kernels.hpp"

namespace haloedge::kernels::cpu {

/// edges() for gray samples of one type.
template <class Sample>
void edges_of(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out);

template <>
void edges_of<std::uint8_t>(const EdgeFilter&, const std::byte* const*, std::int64_t, const Plane&);
template <>
void edges_of<std::uint16_t>(const EdgeFilter&, const std::byte* const*, std::int64_t, const Plane&);
template <>
void edges_of<float>(const EdgeFilter&, const std::byte* const*, std::int64_t, const Plane&);

}  // namespace haloedge::kernels::cpu
