#pragma once

#include <cstdint>

#include "edges/options.hpp"
#include "edges/settings.hpp"
#include "kernels/backend.hpp"

namespace haloedge {

/// Makes the edge map of a whole image that is in memory, on the calling thread: the same pixels that an EdgeJob makes.
/// `out` has the size of the image. Throws Error if the options cannot be applied to its type of samples.
void make_whole_edges(const kernels::Backend& backend, const EdgeOptions& options, const kernels::ConstPixels& pixels,
                      const kernels::Plane& out);

/// Upper bound of what make_whole_edges() holds beside its arguments, for an image of so many pixels. Pure.
[[nodiscard]] std::int64_t whole_edges_bytes(const EdgeSettings& settings, std::int64_t width, std::int64_t height);

}  // namespace haloedge
