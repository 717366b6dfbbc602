#include "frames.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/edge_map.hpp"
#include "support/samples.hpp"

namespace haloedge {

namespace {

using namespace kernels;

SampleType type_of(int bits) { return bits > 8 ? SampleType::u16 : SampleType::u8; }

std::uint32_t sample_at(const FrameFormat& format, const std::vector<std::byte>& plane, std::size_t i) {
  if (format.bits == 8) return std::to_integer<std::uint32_t>(plane[i]);
  return std::to_integer<std::uint32_t>(plane[2 * i]) | std::to_integer<std::uint32_t>(plane[2 * i + 1]) << 8;
}

void put_sample(const FrameFormat& format, std::vector<std::byte>& plane, std::size_t i, std::uint32_t sample) {
  const auto bytes = static_cast<std::size_t>(format.sample_bytes());
  for (std::size_t k = 0; k < bytes; ++k) plane[bytes * i + k] = static_cast<std::byte>(sample >> (8 * k) & 0xFFU);
}

std::vector<std::byte> reference_canny(const Backend& backend, const FrameFilterSpec& spec,
                                       const std::vector<std::byte>& luma) {
  const FrameFormat& format = spec.format;
  const std::int64_t width = format.width;
  std::vector<std::byte> upper(static_cast<std::size_t>(width * format.height));
  for (std::size_t i = 0; i < upper.size(); ++i) {
    upper[i] = static_cast<std::byte>(sample_at(format, luma, i) >> (format.bits - 8));
  }
  const BorderedPlane gray = canny_gray(backend, {upper.data(), width, width, format.height, SampleType::u8, 1},
                                        spec.edge.gray, spec.edge.canny->blur);
  CannyFilter filter = spec.edge.canny->filter;
  if (spec.canny_of_magnitudes) {
    MagnitudeCounts counts(magnitude_bins);
    count_magnitudes(filter.norm, gray.rows(stencil_radius), 0, width, format.height, counts);
    filter = spec.canny_of_magnitudes(counts);
  }
  canny_map(backend, gray, filter, {upper.data(), width, width, format.height, SampleType::u8});
  std::vector<std::byte> edges(luma.size());
  for (std::size_t i = 0; i < upper.size(); ++i) {
    put_sample(format, edges, i, upper[i] != std::byte{0} ? format.full_scale() : 0);
  }
  return edges;
}

}  // namespace

FrameFormat mono(std::int64_t width, std::int64_t height, int bits) {
  return {.width = width, .height = height, .bits = bits, .has_chroma = false};
}

std::vector<std::byte> random_luma(const FrameFormat& format, unsigned seed) {
  auto luma = random_samples(format.width * format.height, type_of(format.bits), seed);
  for (std::size_t i = 0; i < luma.size() / static_cast<std::size_t>(format.sample_bytes()); ++i) {
    put_sample(format, luma, i, sample_at(format, luma, i) & format.full_scale());
  }
  return luma;
}

std::vector<EdgeFilter> frame_filters(int bits) {
  std::vector<EdgeFilter> filters;
  for (EdgeFilter filter : all_filters()) {
    if (filter.gray_type != type_of(bits) || filter.out_type != type_of(bits)) continue;
    filter.factor = finish_factor(filter, 0.25);
    filters.push_back(filter);
  }
  return filters;
}

EdgeSettings canny_edge(Norm norm, double sigma) {
  return {.filter = {}, .canny = CannySettings{fixed_gaussian(sigma), canny_filter(norm, 150, 400)}};
}

std::vector<std::byte> filtered(FrameFilter& filter, const std::vector<std::byte>& luma) {
  std::vector<std::byte> edges(luma.size(), std::byte{0xCD});
  filter.filter(luma.data(), edges.data());
  return edges;
}

std::vector<std::byte> reference_edges(const FrameFilterSpec& spec, const std::vector<std::byte>& luma) {
  const auto backend = make_backend(HostBackend::reference);
  if (spec.edge.canny) return reference_canny(*backend, spec, luma);
  const FrameFormat& format = spec.format;
  const std::int64_t row_bytes = format.width * format.sample_bytes();
  const SampleType type = type_of(format.bits);
  std::vector<std::byte> edges(luma.size());
  edge_map(*backend, {luma.data(), row_bytes, format.width, format.height, type, 1}, spec.edge.gray, spec.edge.filter,
           spec.edge.border, {edges.data(), row_bytes, format.width, format.height, type});
  for (std::size_t i = 0; i < static_cast<std::size_t>(format.width * format.height); ++i) {
    put_sample(format, edges, i, std::min(sample_at(format, edges, i), format.full_scale()));
  }
  return edges;
}

}  // namespace haloedge
