#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/canny.hpp"
#include "kernels/gaussian.hpp"
#include "kernels/kernels.hpp"

namespace haloedge::kernels::cpu {

// The vectorised kernels: see Backend. One binary holds them for several instruction sets, and the best one that the
// processor has is used (Google Highway's dynamic dispatch).
void gray(const ConstPixels& source, Gray weights, const Plane& gray);
void edges(const EdgeFilter& filter, const std::byte* const* gray_rows, std::int64_t column, const Plane& out);
void blur(const GaussianWeights& weights, const std::byte* const* gray_rows, std::int64_t column, const Plane& out);
void candidates(const CannyFilter& filter, const std::byte* const* gray_rows, std::int64_t column, ImageEnds ends,
                const Plane& out);
void near(std::uint64_t hash, std::span<const std::uint64_t> hashes, int distance, std::vector<std::uint32_t>& places);

/// The instruction sets that this processor can run the kernels with, as users know them, the best first.
[[nodiscard]] std::vector<std::string> instruction_sets();

/// Makes all threads use one of instruction_sets() from now on, for tests and benchmarks. Throws std::invalid_argument
/// for any other name.
void use_instruction_set(const std::string& name);

}  // namespace haloedge::kernels::cpu
