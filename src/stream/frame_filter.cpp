#include "stream/frame_filter.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "kernels/edge_map.hpp"

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

EdgeSettings frame_settings(const EdgeOptions& options, int bits) {
  if (bits == 8 || options.op == kernels::Operator::canny) return edge_settings(options, {.type = SampleType::u8});
  EdgeOptions deep = options;
  deep.type = SampleType::u16;
  if (options.component == kernels::Component::direction) {
    // A direction of a whole turn is stored as the full scale of the frames, not of 16 bits.
    deep.scale *= full_scale(bits) / kernels::full_scale(SampleType::u16);
  }
  return edge_settings(deep, {.type = SampleType::u16});
}

FrameFilterSpec filter_spec(const EdgeOptions& edge, const FrameFormat& format) {
  FrameFilterSpec spec{.format = format, .edge = frame_settings(edge, format.bits)};
  if (!spec.edge.canny) return spec;
  const kernels::Norm norm = spec.edge.canny->filter.norm;
  if (needs_magnitudes(edge.canny)) {
    spec.canny_of_magnitudes = [options = edge.canny, norm](std::span<const std::int64_t> counts) {
      return canny_filter(options, norm, counts);
    };
  } else {
    spec.edge.canny->filter = canny_filter(edge.canny, norm, {});
  }
  return spec;
}

std::int64_t filter_count(const RankResources& resources, const FrameFilterSpec& spec) {
  if (!resources.device) return resources.threads;
  const std::int64_t each = kernels::device_bytes(device_frame_spec(spec));
  if (each > resources.device->memory) {
    throw Error(
        fmt::format("frames of this size need {} of memory on the device, but this rank's part of device {} is "
                    "{}: run with fewer ranks per device, or --backend cpu",
                    size_text(each), resources.device->number, size_text(resources.device->memory)));
  }
  return std::min<std::int64_t>({resources.threads, device_slots, resources.device->memory / each});
}

std::vector<std::unique_ptr<FrameFilter>> make_filters(std::int64_t count, const FrameFilterSpec& spec,
                                                       const ChosenBackend& backend, const DeviceMaker& make_device) {
  const auto make_one = [&]() -> std::unique_ptr<FrameFilter> {
    if (backend.host) return make_host_frame_filter(*backend.host, spec);
    const kernels::DeviceFilterSpec device = device_frame_spec(spec);
    return make_device_frame_filter(
        make_device ? make_device(device) : kernels::make_device_filter(backend.device.value().number, device), spec);
  };
  std::vector<std::unique_ptr<FrameFilter>> filters;
  for (std::int64_t i = 0; i < count; ++i) filters.push_back(make_one());
  return filters;
}

void require_memory(std::int64_t flow, std::int64_t filters, const FrameFilterSpec& spec,
                    const RankResources& resources) {
  const bool on_device = resources.device.has_value();
  const std::int64_t each = on_device ? device_frame_filter_bytes(spec) : host_frame_filter_bytes(spec);
  const std::int64_t need = program_bytes + (on_device ? driver_bytes : 0) + flow + filters * each;
  if (need <= resources.memory) return;
  throw Error(fmt::format(
      "frames of {} x {} need {} of memory with {}, but --memory (or this node) allows {}: run with --memory {}M or "
      "more{}",
      spec.format.width, spec.format.height, size_text(need), count_text(filters, "filter"),
      size_text(resources.memory), (need >> 20) + 1,
      need - (filters - 1) * each <= resources.memory ? ", or with fewer threads" : ""));
}

std::unique_ptr<FrameFilter> make_host_frame_filter(const kernels::Backend& backend, const FrameFilterSpec& spec) {
  if (spec.edge.canny) return std::make_unique<CannyFrameFilter>(backend, spec);
  return std::make_unique<StencilFrameFilter>(backend, spec);
}

std::int64_t host_frame_filter_bytes(const FrameFilterSpec& spec) {
  return small_filter_parts_bytes +
         (spec.edge.canny ? CannyFrameFilter::memory_bytes(spec) : StencilFrameFilter::memory_bytes(spec));
}

}  // namespace haloedge
