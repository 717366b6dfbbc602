#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/device_filter.hpp"
#include "measure.hpp"
#include "noise.hpp"

namespace haloedge::kernels {

namespace {

/// Bands of an RGB image through pinned memory, as `edges` sends them. Each slab of source rows begins one row of noise
/// further on.
class BandStream {
 public:
  explicit BandStream(std::int64_t width)
      : width_(width), noise_(width, band_rows + 2, SampleType::u8, 3), device_(make_device_filter(0, spec())) {
    for (std::int64_t slab = 0; slab < slabs; ++slab) {
      for (std::int64_t row = 0; row < band_rows + 2; ++row) {
        std::byte* const to = device_->source().data() + slab * slab_bytes_ + row * stride_ + 64;
        noise_.put_row(row + slab, to, stencil_radius, false);
        rows_.push_back(to);
      }
    }
    right_ = noise_.edges({});
  }

  void upload(std::int64_t band) {
    device_->upload(device_->source().subspan(static_cast<std::size_t>(band % slabs * slab_bytes_),
                                              static_cast<std::size_t>(slab_bytes_)));
  }
  void launch(std::int64_t band) {
    const auto first = static_cast<std::size_t>(band % slabs * (band_rows + 2));
    const DeviceJob job{std::span(rows_).subspan(first, band_rows + 2), width_, 0, width_, band_rows};
    device_->launch(static_cast<int>(band % slots), {&job, 1});
  }
  void wait(std::int64_t band) { result_ = device_->wait(static_cast<int>(band % slots)); }

  /// Compares the band that was waited for with the right bytes, and overwrites it, so that the next result must be
  /// new.
  void require_right_bytes(std::int64_t band) const {
    for (std::int64_t row = 0; row < band_rows; ++row) {
      const std::int64_t from = (row + 1 + band % slabs) % (band_rows + 2);
      if (std::memcmp(result_.data() + row * width_, right_.data() + from * width_, static_cast<std::size_t>(width_)) !=
          0) {
        throw std::runtime_error("WRONG BYTES in band " + std::to_string(band));
      }
    }
    std::memset(result_.data(), 0xEE, result_.size());
  }

  [[nodiscard]] double pixels() const { return static_cast<double>(width_ * band_rows); }

 private:
  static constexpr std::int64_t band_rows = 256;
  static constexpr std::int64_t slabs = 4;
  static constexpr std::int64_t slots = 3;

  [[nodiscard]] DeviceFilterSpec spec() const {
    return {.channels = 3,
            .source_bytes = slabs * slab_bytes_,
            .result_bytes = width_ * band_rows,
            .slots = slots,
            .max_jobs = 1,
            .max_rows = band_rows + 2};
  }

  std::int64_t width_;
  std::int64_t stride_ = 64 + width_ * 3 + 64;
  std::int64_t slab_bytes_ = stride_ * (band_rows + 2);
  Noise noise_;
  std::unique_ptr<DeviceFilter> device_;
  std::vector<const std::byte*> rows_;
  std::vector<std::byte> right_;
  std::span<std::byte> result_;
};

}  // namespace

void bench_bands(Report& report, const Sizes& sizes) {
  const std::int64_t bands = sizes.bands;
  BandStream stream(sizes.side);
  const double uploads = host_seconds([&] {
    for (std::int64_t band = 0; band < bands; ++band) stream.upload(band);
    stream.launch(0);
    stream.wait(0);
  });
  stream.require_right_bytes(0);
  // The first round, which warms up, also compares every band.
  const auto run_all = [&](bool with_uploads) {
    return host_seconds([&, compares = true]() mutable {
      for (std::int64_t band = 0; band < bands + 2; ++band) {
        if (band >= 2) stream.wait(band - 2);
        if (band >= 2 && compares) stream.require_right_bytes(band - 2);
        if (band >= bands) continue;
        if (with_uploads) stream.upload(band);
        stream.launch(band);
      }
      compares = false;
    });
  };
  const double kernels_and_downloads = run_all(false);
  const double all = run_all(true);
  const double pixels = static_cast<double>(bands) * stream.pixels();
  report.add("bands RGB u8: uploads", 3 * pixels / uploads / 1e9, "GB/s", "with one kernel and download at the end");
  report.add("bands RGB u8: kernels and downloads", pixels / kernels_and_downloads / 1e9, "GB/s");
  char remark[64];
  std::snprintf(remark, sizeof remark, "%.2f times the slower alone (goal 1.15)",
                all / std::max(uploads, kernels_and_downloads));
  report.add("bands RGB u8: all overlapped", pixels / all / 1e9, "Gpx/s", remark);
}

std::string small_images_name(std::int64_t together) {
  return "images 300 x 200 RGB, " + std::to_string(together) + " a launch";
}

void bench_small_images(Report& report, const Sizes& sizes, std::int64_t together) {
  const std::int64_t images = sizes.images;
  constexpr std::int64_t width = 300;
  constexpr std::int64_t height = 200;
  constexpr std::int64_t stride = 64 + (width + 16) * 3 + 12;
  static_assert(stride % 16 == 0);
  constexpr std::int64_t image_bytes = stride * (height + 2);
  constexpr std::int64_t columns = out_columns(width);
  const Noise noise(width, height, SampleType::u8, 3);
  const std::vector<std::byte> right = noise.edges({});
  const auto device = make_device_filter(0, {.channels = 3,
                                             .source_bytes = images * image_bytes,
                                             .result_bytes = together * columns * height,
                                             .max_jobs = together,
                                             .max_rows = together * (height + 2)});
  std::vector<const std::byte*> rows;
  for (std::int64_t image = 0; image < images; ++image) {
    for (std::int64_t row = 0; row < height + 2; ++row) {
      std::byte* const to = device->source().data() + image * image_bytes + row * stride + 64;
      noise.put_row(row - 1 + image, to, stencil_radius, false);
      rows.push_back(to);
    }
  }
  device->upload(device->source());
  // Each image begins one row of noise further on.
  const auto require_right_image = [&](std::byte* made, std::int64_t image) {
    for (std::int64_t row = 0; row < height; ++row) {
      const std::int64_t from = (row + image) % height;
      if (std::memcmp(made + row * columns, right.data() + from * width, width) != 0) {
        throw std::runtime_error("WRONG BYTES in image " + std::to_string(image));
      }
    }
    std::memset(made, 0xEE, static_cast<std::size_t>(columns * height));
  };
  const double seconds = host_seconds([&, compares = true]() mutable {
    for (std::int64_t first = 0; first < images; first += together) {
      std::vector<DeviceJob> jobs;
      for (std::int64_t i = 0; i < together; ++i) {
        const auto at = static_cast<std::size_t>((first + i) * (height + 2));
        jobs.push_back({std::span(rows).subspan(at, height + 2), width, i * columns * height, columns, height});
      }
      device->launch(0, jobs);
      const std::span<std::byte> made = device->wait(0);
      for (std::int64_t i = 0; compares && i < together; ++i) {
        require_right_image(made.data() + i * columns * height, first + i);
      }
    }
    compares = false;
  });
  report.add(small_images_name(together), static_cast<double>(images) / seconds, "images/s", "kernel and download");
}

}  // namespace haloedge::kernels
