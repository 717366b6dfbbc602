#include "stream/frame_filter.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"

namespace haloedge {

EdgeSettings frame_settings(const EdgeOptions& options, int bits) {
  using kernels::SampleType;
  if (bits == 8 || options.op == kernels::Operator::canny) return edge_settings(options, SampleType::u8);
  EdgeOptions deep = options;
  deep.type = SampleType::u16;
  if (options.component == kernels::Component::direction) {
    // A whole turn is full scale of the frames, not of 16 bits.
    deep.scale *= full_scale(bits) / kernels::full_scale(SampleType::u16);
  }
  return edge_settings(deep, SampleType::u16);
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
                    "{}: run with fewer ranks a device, or --backend cpu",
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
      "frames of {} x {} need {} of memory with {} filter(s), but --memory (or this node) gives {}: "
      "run with --memory {}M or more, or with fewer threads",
      spec.format.width, spec.format.height, size_text(need), filters, size_text(resources.memory), (need >> 20) + 1));
}

}  // namespace haloedge
