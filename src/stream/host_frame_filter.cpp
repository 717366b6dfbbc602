#include <algorithm>
#include <vector>

#include "kernels/edge_map.hpp"
#include "stream/frame_filter.hpp"
#include "stream/samples.hpp"

namespace haloedge {

namespace {

using kernels::SampleType;

class StencilFrameFilter final : public FrameFilter {
 public:
  StencilFrameFilter(const kernels::Backend& backend, const FrameFilterSpec& spec)
      : format_(spec.format),
        filter_(spec.edge.filter),
        mapper_(backend, format_.width, format_.height, spec.edge.gray, filter_, spec.edge.border) {}

  void filter(const std::byte* luma, std::byte* edges) override {
    const std::int64_t row_bytes = format_.width * format_.sample_bytes();
    mapper_.map({luma, row_bytes, format_.width, format_.height, filter_.gray_type, 1},
                {edges, row_bytes, format_.width, format_.height, filter_.out_type});
    if (format_.bits > 8) clamp_samples(edges, format_.bits, format_.width * format_.height);
  }

  static std::int64_t memory_bytes(const FrameFilterSpec& spec) {
    return kernels::EdgeMapper::memory_bytes(spec.format.width, spec.format.height, spec.edge.filter.gray_type);
  }

 private:
  FrameFormat format_;
  kernels::EdgeFilter filter_;
  kernels::EdgeMapper mapper_;
};

class CannyFrameFilter final : public FrameFilter {
 public:
  CannyFrameFilter(const kernels::Backend& backend, const FrameFilterSpec& spec)
      : backend_(backend),
        format_(spec.format),
        filter_(spec.edge.canny->filter),
        of_magnitudes_(spec.canny_of_magnitudes),
        counts_(of_magnitudes_ ? kernels::magnitude_bins : 0),
        bytes_(format_.bits > 8 ? static_cast<std::size_t>(format_.width * format_.height) : 0),
        gray_(backend, format_.width, format_.height, spec.edge.gray, spec.edge.canny->blur),
        hysteresis_(format_.width, format_.height) {}

  void filter(const std::byte* luma, std::byte* edges) override {
    if (format_.bits == 8) return filter_bytes(luma, edges);
    const std::int64_t count = format_.width * format_.height;
    take_upper_bits(luma, format_.bits, count, bytes_.data());
    filter_bytes(bytes_.data(), bytes_.data());
    widen_edges(bytes_.data(), format_.bits, count, edges);
  }

  static std::int64_t memory_bytes(const FrameFilterSpec& spec) {
    const FrameFormat& format = spec.format;
    constexpr auto counts = static_cast<std::int64_t>(kernels::magnitude_bins * sizeof(std::int64_t));
    return kernels::canny_map_bytes(format.width, format.height, spec.edge.canny->blur.radius()) +
           (format.bits > 8 ? format.width * format.height : 0) + (spec.canny_of_magnitudes ? counts : 0);
  }

 private:
  /// Filters samples of 8 bits. `luma` and `edges` may be the same plane.
  void filter_bytes(const std::byte* luma, std::byte* edges) {
    const kernels::BorderedPlane& gray =
        gray_.make({luma, format_.width, format_.width, format_.height, SampleType::u8, 1});
    kernels::canny_map(backend_, gray, choose_filter(gray), hysteresis_,
                       {edges, format_.width, format_.width, format_.height, SampleType::u8});
  }

  [[nodiscard]] kernels::CannyFilter choose_filter(const kernels::BorderedPlane& gray) {
    if (!of_magnitudes_) return filter_;
    std::fill(counts_.begin(), counts_.end(), 0);
    kernels::count_magnitudes(filter_.norm, gray.rows(kernels::stencil_radius), 0, format_.width, format_.height,
                              counts_);
    return of_magnitudes_(counts_);
  }

  const kernels::Backend& backend_;
  FrameFormat format_;
  kernels::CannyFilter filter_;
  std::function<kernels::CannyFilter(std::span<const std::int64_t>)> of_magnitudes_;
  kernels::MagnitudeCounts counts_;
  std::vector<std::byte> bytes_;  ///< for frames of more than 8 bits: their upper bits, then their edges
  kernels::CannyGray gray_;
  kernels::ImageHysteresis hysteresis_;
};

}  // namespace

std::unique_ptr<FrameFilter> make_host_frame_filter(const kernels::Backend& backend, const FrameFilterSpec& spec) {
  if (spec.edge.canny) return std::make_unique<CannyFrameFilter>(backend, spec);
  return std::make_unique<StencilFrameFilter>(backend, spec);
}

std::int64_t host_frame_filter_bytes(const FrameFilterSpec& spec) {
  return small_filter_parts_bytes +
         (spec.edge.canny ? CannyFrameFilter::memory_bytes(spec) : StencilFrameFilter::memory_bytes(spec));
}

}  // namespace haloedge
