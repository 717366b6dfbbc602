// What one GPU does: its copy bandwidth, each kernel as a share of it, bands through pinned memory with uploads,
// kernels and downloads overlapped, and sets of small images in one launch or in one each. Medians; a table on standard
// output, CSV with --csv.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/layout.hpp"
#include "kernels/cuda/runtime.hpp"
#include "kernels/device_filter.hpp"

namespace haloedge::kernels {
namespace {

using Seconds = std::chrono::duration<double>;

bool as_csv = false;

void print_row(const std::string& what, double value, const char* unit, const std::string& remark = {}) {
  std::printf(as_csv ? "\"%s\",%.4g,%s,\"%s\"\n" : "%-46s %10.4g %-8s %s\n", what.c_str(), value, unit, remark.c_str());
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + std::ssize(values) / 2, values.end());
  return values[values.size() / 2];
}

/// Seconds of the device for `work`, which begins something in a stream; the median of several, after one to warm up.
double device_seconds(const cuda::Stream& stream, const std::function<void()>& work) {
  cudaEvent_t begin = nullptr;
  cudaEvent_t end = nullptr;
  cuda::check(cudaEventCreate(&begin), "cudaEventCreate");
  cuda::check(cudaEventCreate(&end), "cudaEventCreate");
  std::vector<double> seconds;
  for (int i = 0; i < 12; ++i) {
    cuda::check(cudaEventRecord(begin, stream.get()), "cudaEventRecord");
    work();
    cuda::check(cudaEventRecord(end, stream.get()), "cudaEventRecord");
    cuda::check(cudaEventSynchronize(end), "cudaEventSynchronize");
    float milliseconds = 0;
    cuda::check(cudaEventElapsedTime(&milliseconds, begin, end), "cudaEventElapsedTime");
    if (i > 0) seconds.push_back(milliseconds / 1e3);
  }
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  return median(seconds);
}

double host_seconds(const std::function<void()>& work) {
  std::vector<double> seconds;
  for (int i = 0; i < 6; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    if (i > 0) seconds.push_back(Seconds(std::chrono::steady_clock::now() - begin).count());
  }
  return median(seconds);
}

/// Bytes a second, read and written together.
double copy_bandwidth() {
  constexpr std::int64_t bytes = std::int64_t{1} << 30;
  const cuda::DeviceMemory from(bytes);
  const cuda::DeviceMemory to(bytes);
  const cuda::Stream stream;
  const double seconds = device_seconds(stream, [&] {
    cuda::check(cudaMemcpyAsync(to.data(), from.data(), bytes, cudaMemcpyDeviceToDevice, stream.get()), "copy");
  });
  return 2.0 * static_cast<double>(bytes) / seconds;
}

/// An image on the device whose rows hold noise, with room for borders.
class DeviceImage {
 public:
  DeviceImage(std::int64_t width, std::int64_t rows, std::int64_t pixel_bytes)
      : stride_((64 + (width + 16) * pixel_bytes + 63) / 64 * 64), size_(stride_ * rows), memory_(size_) {
    std::minstd_rand random(1);
    std::vector<std::uint32_t> noise(std::size_t{1} << 22);
    for (auto& word : noise) word = static_cast<std::uint32_t>(random() * 5) & 0x7F7F7F7F;  // as floats, finite
    const std::int64_t noise_bytes = std::ssize(noise) * 4;
    for (std::int64_t at = 0; at < size_; at += noise_bytes) {
      const auto bytes = static_cast<std::size_t>(std::min(noise_bytes, size_ - at));
      cuda::check(cudaMemcpy(memory_.data() + at, noise.data(), bytes, cudaMemcpyHostToDevice), "noise");
    }
    for (std::int64_t row = 0; row < rows; ++row) row_pointers_.push_back(memory_.data() + row * stride_ + 64);
  }

  [[nodiscard]] std::span<const std::byte> memory() const { return {memory_.data(), static_cast<std::size_t>(size_)}; }
  [[nodiscard]] const std::vector<const std::byte*>& rows() const { return row_pointers_; }

 private:
  std::int64_t stride_;
  std::int64_t size_;
  cuda::DeviceMemory memory_;
  std::vector<const std::byte*> row_pointers_;
};

void bench_kernel(const std::string& name, DeviceFilterSpec spec, double copy) {
  constexpr std::int64_t side = 16384;
  const std::int64_t pixel_bytes = spec.channels * sample_bytes(spec.filter.gray_type);
  const std::int64_t out_bytes = side * side * sample_bytes(spec.filter.out_type);
  const DeviceImage image(side, side + 2 * spec.radius(), pixel_bytes);
  const cuda::DeviceMemory out(out_bytes);
  spec.source_bytes = std::ssize(image.memory());
  spec.result_bytes = out_bytes;
  spec.most_rows = std::ssize(image.rows());
  const DeviceJob job{image.rows(), side, 0, side, side};
  // The rows are on the device already: its memory stands for the host's, too.
  cuda::LaunchTables tables;
  cuda::lay_out(spec, {&job, 1}, image.memory(), image.memory().data(), out.data(), cuda::threads_at_a_time(), tables);
  const cuda::DeviceMemory device_tables(cuda::table_bytes(spec));
  std::byte* const rows = device_tables.data() + sizeof(cuda::Job);
  cuda::check(cudaMemcpy(device_tables.data(), tables.jobs.data(), sizeof(cuda::Job), cudaMemcpyHostToDevice), "jobs");
  cuda::check(cudaMemcpy(rows, tables.rows.data(), tables.rows.size() * sizeof(void*), cudaMemcpyHostToDevice), "rows");
  const cuda::Launch launch{.jobs = reinterpret_cast<const cuda::Job*>(device_tables.data()),
                            .job_count = 1,
                            .items = tables.items,
                            .rows = reinterpret_cast<const std::byte* const*>(rows),
                            .march_rows = tables.march_rows,
                            .gray = cuda::gray_rule(Gray::bt601)};
  const cuda::Variant variant = cuda::choose_variant(spec.filter, spec.channels);
  const cuda::Stream stream;
  const double seconds = device_seconds(stream, [&] {
    if (spec.canny) {
      cuda::launch_canny(*spec.canny, spec.channels, launch, stream.get());
    } else {
      cuda::launch_march(variant, launch, stream.get());
    }
  });
  const double rate = static_cast<double>(side * side * pixel_bytes + out_bytes) / seconds;
  char share[64];
  std::snprintf(share, sizeof share, "%.0f Gpx/s, %.0f %% of copy", static_cast<double>(side * side) / seconds / 1e9,
                100 * rate / copy);
  print_row(name, rate / 1e9, "GB/s", share);
}

void bench_kernels(double copy) {
  constexpr struct {
    SampleType type;
    const char* name;
  } kinds[] = {{SampleType::u8, "u8"}, {SampleType::u16, "u16"}, {SampleType::f32, "f32"}};
  for (const auto& [type, type_name] : kinds) {
    for (const int channels : {3, 1, 4}) {
      for (const Norm norm : {Norm::l2, Norm::l1}) {
        EdgeFilter filter{.norm = norm, .gray_type = type, .out_type = type};
        filter.factor = finish_factor(filter, 1);
        const std::string source = channels == 3 ? "RGB " : channels == 4 ? "RGBA " : "gray ";
        const std::string norm_name = norm == Norm::l2 ? "L2 " : "L1 ";
        bench_kernel("sobel " + norm_name + source + type_name, {.filter = filter, .channels = channels}, copy);
        if (type != SampleType::u8) continue;
        bench_kernel("canny " + norm_name + source + type_name,
                     {.filter = {}, .canny = canny_filter(norm, 100, 200), .channels = channels}, copy);
      }
    }
  }
  EdgeFilter filter{.op = Operator::scharr};
  bench_kernel("scharr L2 RGB u8", {.filter = filter, .channels = 3}, copy);
  filter = {.component = Component::direction};
  filter.factor = finish_factor(filter, 1);
  bench_kernel("sobel direction RGB u8", {.filter = filter, .channels = 3}, copy);
}

/// Bands of an RGB image through pinned memory, as `edges` sends them.
class BandStream {
 public:
  BandStream() : device_(make_device_filter(0, spec())) {
    for (std::int64_t slab = 0; slab < slabs; ++slab) {
      for (std::int64_t row = 0; row < band_rows + 2; ++row) {
        rows_.push_back(device_->source().data() + slab * slab_bytes + row * stride + 64);
      }
    }
    std::memset(device_->source().data(), 77, device_->source().size());
  }

  void upload(std::int64_t band) {
    device_->upload(device_->source().subspan(static_cast<std::size_t>(band % slabs * slab_bytes), slab_bytes));
  }
  void launch(std::int64_t band) {
    const auto first = static_cast<std::size_t>(band % slabs * (band_rows + 2));
    const DeviceJob job{std::span(rows_).subspan(first, band_rows + 2), width, 0, width, band_rows};
    device_->launch(static_cast<int>(band % slots), {&job, 1});
  }
  void wait(std::int64_t band) { (void)device_->wait(static_cast<int>(band % slots)); }

  static constexpr std::int64_t width = 16384;
  static constexpr std::int64_t band_rows = 256;
  static constexpr std::int64_t slabs = 4;
  static constexpr std::int64_t slots = 3;
  static constexpr std::int64_t stride = 64 + width * 3 + 64;
  static constexpr std::int64_t slab_bytes = stride * (band_rows + 2);

 private:
  static DeviceFilterSpec spec() {
    return {.channels = 3,
            .source_bytes = slabs * slab_bytes,
            .result_bytes = width * band_rows,
            .slots = slots,
            .most_jobs = 1,
            .most_rows = band_rows + 2};
  }

  std::unique_ptr<DeviceFilter> device_;
  std::vector<const std::byte*> rows_;
};

void bench_stream() {
  constexpr std::int64_t bands = 64;
  BandStream stream;
  const double uploads = host_seconds([&] {
    for (std::int64_t band = 0; band < bands; ++band) stream.upload(band);
    stream.launch(0);
    stream.wait(0);
  });
  const auto launch_all = [&](bool with_uploads) {
    for (std::int64_t band = 0; band < bands + 2; ++band) {
      if (band >= 2) stream.wait(band - 2);
      if (band >= bands) continue;
      if (with_uploads) stream.upload(band);
      stream.launch(band);
    }
  };
  const double kernels_and_downloads = host_seconds([&] { launch_all(false); });
  const double all = host_seconds([&] { launch_all(true); });
  const double pixels = static_cast<double>(bands * BandStream::width * BandStream::band_rows);
  const double slowest = std::max(uploads, kernels_and_downloads);
  print_row("bands RGB u8: uploads alone", 3 * pixels / uploads / 1e9, "GB/s");
  print_row("bands: kernels and downloads alone", pixels / kernels_and_downloads / 1e9, "GB/s");
  char remark[64];
  std::snprintf(remark, sizeof remark, "%.2f times the slower alone (goal 1.15)", all / slowest);
  print_row("bands: all overlapped", pixels / all / 1e9, "Gpx/s", remark);
}

/// Images of 300 x 200, RGB: `together` in a launch.
void bench_small_images(std::int64_t together) {
  constexpr std::int64_t width = 300;
  constexpr std::int64_t height = 200;
  constexpr std::int64_t stride = 64 + (width + 16) * 3 + 12;
  static_assert(stride % 16 == 0);
  constexpr std::int64_t image_bytes = stride * (height + 2);
  const std::int64_t out_bytes = out_columns(width) * height;
  constexpr std::int64_t images = 4096;
  const auto device = make_device_filter(0, {.channels = 3,
                                             .source_bytes = images * image_bytes,
                                             .result_bytes = together * out_bytes,
                                             .most_jobs = together,
                                             .most_rows = together * (height + 2)});
  std::memset(device->source().data(), 77, device->source().size());
  device->upload(device->source());
  std::vector<const std::byte*> rows;
  for (std::int64_t image = 0; image < images; ++image) {
    for (std::int64_t row = 0; row < height + 2; ++row) {
      rows.push_back(device->source().data() + image * image_bytes + row * stride + 64);
    }
  }
  const double seconds = host_seconds([&] {
    for (std::int64_t first = 0; first < images; first += together) {
      std::vector<DeviceJob> jobs;
      for (std::int64_t i = 0; i < together; ++i) {
        const auto at = static_cast<std::size_t>((first + i) * (height + 2));
        jobs.push_back({std::span(rows).subspan(at, height + 2), width, i * out_bytes, out_columns(width), height});
      }
      device->launch(0, jobs);
      (void)device->wait(0);
    }
  });
  print_row("images 300 x 200 RGB, " + std::to_string(together) + " a launch", static_cast<double>(images) / seconds,
            "images/s", "kernel and download");
}

int run() {
  const Devices devices = find_devices();
  if (devices.found.empty()) {
    std::fprintf(stderr, "gpu_bench: no device: %s\n", devices.why_none.c_str());
    return 77;
  }
  cuda::use_device(0);
  const Device& device = devices.found.front();
  std::printf("%s, capability %s, driver for CUDA %s, built with %s\n", device.name.c_str(), device.capability.c_str(),
              devices.driver.c_str(), device_build().c_str());
  const double copy = copy_bandwidth();
  print_row("copy on the device (read + written)", copy / 1e9, "GB/s");
  bench_kernels(copy);
  bench_stream();
  for (const std::int64_t together : {1, 16, 256, 1024}) bench_small_images(together);
  return 0;
}

}  // namespace
}  // namespace haloedge::kernels

int main(int argc, char** argv) {
  haloedge::kernels::as_csv = argc > 1 && std::string_view(argv[1]) == "--csv";
  try {
    return haloedge::kernels::run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gpu_bench: %s\n", error.what());
    return 1;
  }
}
