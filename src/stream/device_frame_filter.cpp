#include <cstring>
#include <stdexcept>
#include <vector>

#include "edges/strip.hpp"
#include "kernels/hysteresis.hpp"
#include "stream/frame_filter.hpp"

namespace haloedge {

namespace {

using kernels::SampleType;

/// Returns the shape of a frame as one strip of samples that the device filters. For Canny, the samples are bytes, and
/// the border repeats the nearest pixels whatever the options say.
StripShape frame_shape(const FrameFilterSpec& spec) {
  const EdgeSettings& edge = spec.edge;
  return {.share = {0, spec.format.height},
          .height = spec.format.height,
          .width = spec.format.width,
          .fill = {edge.canny ? kernels::Border::nearest : edge.border, edge.filter.gray_type},
          .radius = edge.radius()};
}

class DeviceFrameFilter final : public FrameFilter {
 public:
  DeviceFrameFilter(std::unique_ptr<kernels::DeviceFilter> device, const FrameFilterSpec& spec)
      : device_(std::move(device)),
        format_(spec.format),
        strip_(frame_shape(spec), 1, format_.height, device_->source()),
        out_type_(spec.edge.filter.out_type) {
    if (spec.edge.canny) hysteresis_ = std::make_unique<kernels::ImageHysteresis>(format_.width, format_.height);
    strip_.admit(whole());
    rows_ = strip_.around(whole());
    job_ = {.rows = rows_,
            .width = format_.width,
            .tile_columns = kernels::out_columns(format_.width),
            .tile_rows = format_.height,
            .at_top = true,
            .at_bottom = true};
    device_->upload(strip_.constant_memory());
  }

  void filter(const std::byte* luma, std::byte* edges) override {
    put(luma);
    strip_.fill_margins(whole());
    device_->upload(strip_.unit_memory(whole()));
    device_->launch(0, {&job_, 1});
    const std::span<std::byte> result = device_->wait(0);
    if (hysteresis_) {
      take_edges(result.data(), edges);
    } else {
      take(result.data(), edges);
    }
  }

 private:
  [[nodiscard]] RowRange whole() const { return strip_.shape().share; }
  [[nodiscard]] std::int64_t row_bytes() const { return format_.width * format_.sample_bytes(); }

  /// Copies luma into the strip.
  void put(const std::byte* luma) {
    const bool takes_bytes = hysteresis_ != nullptr && format_.bits > 8;
    std::byte* to = strip_.part(0, 0, format_.height, format_.width);
    for (std::int64_t y = 0; y < format_.height; ++y) {
      const std::byte* from = luma + y * row_bytes();
      if (takes_bytes) {
        take_upper_bits(from, format_.bits, format_.width, to + y * strip_.stride());
      } else {
        std::memcpy(to + y * strip_.stride(), from, static_cast<std::size_t>(row_bytes()));
      }
    }
  }

  /// Copies the edges that the device has found, without the padding of their rows.
  void take(const std::byte* made, std::byte* edges) const {
    const std::int64_t made_bytes = job_.tile_columns * kernels::sample_bytes(out_type_);
    for (std::int64_t y = 0; y < format_.height; ++y) {
      std::memcpy(edges + y * row_bytes(), made + y * made_bytes, static_cast<std::size_t>(row_bytes()));
    }
    if (format_.bits > 8) clamp_samples(edges, format_.bits, format_.width * format_.height);
  }

  /// Finds edges by hysteresis in the classes that the device has computed. For frames of more than 8 bits, the edges
  /// replace the classes and are then widened to samples of two bytes.
  void take_edges(std::byte* classes, std::byte* edges) {
    const std::int64_t stride = job_.tile_columns;
    const bool widens = format_.bits > 8;
    hysteresis_->apply(
        {classes, stride, format_.width, format_.height, SampleType::u8, 1},
        {widens ? classes : edges, widens ? stride : format_.width, format_.width, format_.height, SampleType::u8});
    if (!widens) return;
    for (std::int64_t y = 0; y < format_.height; ++y) {
      widen_edges(classes + y * stride, format_.bits, format_.width, edges + y * row_bytes());
    }
  }

  std::unique_ptr<kernels::DeviceFilter> device_;
  FrameFormat format_;
  Strip strip_;
  SampleType out_type_;
  std::unique_ptr<kernels::ImageHysteresis> hysteresis_;  ///< null unless for Canny
  std::vector<const std::byte*> rows_;
  kernels::DeviceJob job_;
};

}  // namespace

kernels::DeviceFilterSpec device_frame_spec(const FrameFilterSpec& spec) {
  const EdgeSettings& edge = spec.edge;
  if (spec.canny_of_magnitudes || (edge.canny && edge.canny->blur.radius() > 0)) {
    throw std::logic_error("a device neither blurs frames nor counts their magnitudes");
  }
  const std::int64_t height = spec.format.height;
  return {
      .filter = edge.filter,
      .canny = edge.canny ? std::optional(edge.canny->filter) : std::nullopt,
      .weights = edge.gray,
      .source_bytes = Strip::memory_bytes(frame_shape(spec), 1, height),
      .result_bytes = kernels::out_columns(spec.format.width) * height * kernels::sample_bytes(edge.filter.out_type),
      .max_rows = height + 2 * edge.radius()};
}

std::unique_ptr<FrameFilter> make_device_frame_filter(std::unique_ptr<kernels::DeviceFilter> device,
                                                      const FrameFilterSpec& spec) {
  return std::make_unique<DeviceFrameFilter>(std::move(device), spec);
}

std::int64_t device_frame_filter_bytes(const FrameFilterSpec& spec) {
  const kernels::DeviceFilterSpec device = device_frame_spec(spec);
  // Lists of rows are held by this filter, by the device filter, and in what is uploaded.
  constexpr auto pointers = static_cast<std::int64_t>(3 * sizeof(const std::byte*));
  return small_filter_parts_bytes + device.source_bytes + device.slots * device.result_bytes +
         device.max_rows * pointers +
         (spec.edge.canny ? kernels::ComponentFinder::memory_bytes(spec.format.width, spec.format.height) : 0);
}

}  // namespace haloedge
