// What one GPU does: its copy bandwidth, each kernel as a share of it, bands through pinned memory with uploads,
// kernels and downloads overlapped, and sets of small images in one launch or in one each. Before a rate is reported,
// the bytes that were made are compared with the reference's. Medians; each row is printed as soon as it is known.
//   gpu_bench [--csv FILE]     also writes the rows to FILE

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "gpu_noise.hpp"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/layout.hpp"
#include "kernels/cuda/runtime.hpp"
#include "kernels/device_filter.hpp"

namespace haloedge::kernels {
namespace {

using Seconds = std::chrono::duration<double>;

/// The table, and its copy as CSV.
class Report {
 public:
  explicit Report(const std::string& csv) {
    if (csv.empty()) return;
    csv_.open(csv);
    csv_ << "what,value,unit,remark" << std::endl;
    if (!csv_) throw std::runtime_error("cannot write " + csv);
  }

  void add(const std::string& what, double value, const char* unit, const std::string& remark = {}) {
    std::printf("%-46s %10.4g %-8s %s\n", what.c_str(), value, unit, remark.c_str());
    std::fflush(stdout);
    csv_ << '"' << what << "\"," << value << ',' << unit << ",\"" << remark << '"' << std::endl;
  }

  /// Runs what measures a row; if that fails, the row says why, and the others follow.
  void measure(const std::string& what, const std::function<void()>& body) {
    try {
      body();
    } catch (const std::exception& error) {
      failed_ = true;
      add(what, 0, "FAILED", error.what());
    }
  }

  [[nodiscard]] bool failed() const { return failed_; }

 private:
  std::ofstream csv_;
  bool failed_ = false;
};

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

/// An image on the device, larger than its caches, in which a few rows of noise repeat.
class DeviceImage {
 public:
  DeviceImage(const GpuNoise& noise, std::int64_t width, std::int64_t rows, const DeviceFilterSpec& spec)
      : stride_((lead + (width + 16) * spec.channels * sample_bytes(spec.filter.gray_type) + lead - 1) / lead * lead),
        size_(stride_ * (rows + 2 * spec.radius())),
        memory_(size_) {
    const std::int64_t period = noise.rows();
    std::vector<std::byte> some(static_cast<std::size_t>(stride_ * period));
    for (std::int64_t i = 0; i < period; ++i) {
      noise.put_row(i - spec.radius(), some.data() + i * stride_ + lead, spec.radius(), spec.canny.has_value());
    }
    for (std::int64_t at = 0; at < size_; at += std::ssize(some)) {
      const auto bytes = static_cast<std::size_t>(std::min<std::int64_t>(std::ssize(some), size_ - at));
      cuda::check(cudaMemcpy(memory_.data() + at, some.data(), bytes, cudaMemcpyHostToDevice), "noise");
    }
    for (std::int64_t at = 0; at < size_; at += stride_) row_pointers_.push_back(memory_.data() + at + lead);
  }

  [[nodiscard]] std::span<const std::byte> memory() const { return {memory_.data(), static_cast<std::size_t>(size_)}; }
  [[nodiscard]] const std::vector<const std::byte*>& rows() const { return row_pointers_; }

 private:
  static constexpr std::int64_t lead = 64;
  std::int64_t stride_;
  std::int64_t size_;
  cuda::DeviceMemory memory_;
  std::vector<const std::byte*> row_pointers_;
};

/// Throws std::runtime_error unless `made`, on the device, repeats the rows of `right`, which have no gaps.
void require_same(const cuda::DeviceMemory& made, std::int64_t bytes, const std::vector<std::byte>& right) {
  const cuda::PinnedMemory part(std::ssize(right));
  for (std::int64_t at = 0; at < bytes; at += std::ssize(right)) {
    cuda::check(cudaMemcpy(part.data(), made.data() + at, right.size(), cudaMemcpyDeviceToHost), "downloading");
    if (std::memcmp(part.data(), right.data(), right.size()) != 0) {
      throw std::runtime_error("WRONG BYTES in the " + std::to_string(right.size()) + " bytes from " +
                               std::to_string(at) + " on");
    }
  }
}

/// A kernel's launch over an image of side * side pixels that is on the device already.
class KernelRun {
 public:
  explicit KernelRun(DeviceFilterSpec spec)
      : spec_(std::move(spec)),
        noise_(side, period, spec_.filter.gray_type, spec_.channels),
        image_(noise_, side, side, spec_),
        out_(out_bytes()),
        variant_(cuda::choose_variant(spec_.filter, spec_.channels)) {
    spec_.source_bytes = std::ssize(image_.memory());
    spec_.result_bytes = out_bytes();
    spec_.most_rows = std::ssize(image_.rows());
    // The device's memory stands for the host's, too.
    const DeviceJob job{image_.rows(), side, 0, side, side};
    cuda::LaunchTables tables;
    cuda::lay_out(spec_, {&job, 1}, image_.memory(), image_.memory().data(), out_.data(),
                  cuda::threads_at_a_time(variant_), tables);
    tables_ = std::make_unique<cuda::DeviceMemory>(cuda::table_bytes(spec_));
    std::byte* const rows = tables_->data() + sizeof(cuda::Job);
    const std::size_t row_bytes = tables.rows.size() * sizeof(void*);
    cuda::check(cudaMemcpy(tables_->data(), tables.jobs.data(), sizeof(cuda::Job), cudaMemcpyHostToDevice), "jobs");
    cuda::check(cudaMemcpy(rows, tables.rows.data(), row_bytes, cudaMemcpyHostToDevice), "rows");
    launch_ = cuda::launch_of(spec_, tables, reinterpret_cast<const cuda::Job*>(tables_->data()),
                              reinterpret_cast<const std::byte* const*>(rows));
    cuda::check(cudaMemset(out_.data(), 0xEE, static_cast<std::size_t>(out_bytes())), "cudaMemset");
    // Kernels run in a stream of their own, which does not wait for these copies by itself.
    cuda::check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  }

  void begin() const {
    if (spec_.canny) {
      cuda::launch_canny(*spec_.canny, spec_.channels, launch_, stream_.get());
    } else {
      cuda::launch_march(variant_, launch_, stream_.get());
    }
  }

  void require_right_bytes() const {
    begin();
    cuda::check(cudaStreamSynchronize(stream_.get()), "running the kernel");
    require_same(out_, out_bytes(), spec_.canny ? noise_.classes(*spec_.canny) : noise_.edges(spec_.filter));
  }

  [[nodiscard]] double seconds() const {
    return device_seconds(stream_, [this] { begin(); });
  }
  [[nodiscard]] static constexpr double pixels() { return static_cast<double>(side * side); }
  [[nodiscard]] double bytes() const {
    return static_cast<double>(side * side * spec_.channels * sample_bytes(spec_.filter.gray_type) + out_bytes());
  }
  [[nodiscard]] int march_rows() const { return launch_.march_rows; }

 private:
  static constexpr std::int64_t side = 16384;
  static constexpr std::int64_t period = 64;
  static_assert(side % period == 0);

  [[nodiscard]] std::int64_t out_bytes() const { return side * side * sample_bytes(spec_.filter.out_type); }

  DeviceFilterSpec spec_;
  GpuNoise noise_;
  DeviceImage image_;
  cuda::DeviceMemory out_;
  cuda::Variant variant_;
  std::unique_ptr<cuda::DeviceMemory> tables_;
  cuda::Launch launch_;
  cuda::Stream stream_;
};

/// `copy` is the device's bandwidth, in bytes a second.
void bench_kernel(Report& report, const std::string& name, const DeviceFilterSpec& spec, double copy) {
  report.measure(name, [&] {
    const KernelRun run(spec);
    run.require_right_bytes();
    const double seconds = run.seconds();
    const double rate = run.bytes() / seconds;
    char remark[96];
    std::snprintf(remark, sizeof remark, "%.0f Gpx/s, %.0f %% of copy, marches of %d rows",
                  KernelRun::pixels() / seconds / 1e9, 100 * rate / copy, run.march_rows());
    report.add(name, rate / 1e9, "GB/s", remark);
  });
}

void bench_kernels(Report& report, double copy) {
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
        bench_kernel(report, "sobel " + norm_name + source + type_name, {.filter = filter, .channels = channels}, copy);
        if (type != SampleType::u8) continue;
        bench_kernel(report, "canny " + norm_name + source + type_name,
                     {.filter = {}, .canny = canny_filter(norm, 100, 200), .channels = channels}, copy);
      }
    }
  }
  EdgeFilter filter{.op = Operator::scharr};
  bench_kernel(report, "scharr L2 RGB u8", {.filter = filter, .channels = 3}, copy);
  filter = {.component = Component::direction};
  filter.factor = finish_factor(filter, 1);
  bench_kernel(report, "sobel direction RGB u8", {.filter = filter, .channels = 3}, copy);
}

/// Bands of an RGB image through pinned memory, as `edges` sends them: all have the same noise.
class BandStream {
 public:
  BandStream() : noise_(width, band_rows + 2, SampleType::u8, 3), device_(make_device_filter(0, spec())) {
    for (std::int64_t slab = 0; slab < slabs; ++slab) {
      for (std::int64_t row = 0; row < band_rows + 2; ++row) {
        std::byte* const to = device_->source().data() + slab * slab_bytes + row * stride + 64;
        noise_.put_row(row, to, stencil_radius, false);
        rows_.push_back(to);
      }
    }
    right_ = noise_.edges({});
    right_.erase(right_.begin(), right_.begin() + width);
    right_.resize(static_cast<std::size_t>(width * band_rows));
  }

  void upload(std::int64_t band) {
    device_->upload(device_->source().subspan(static_cast<std::size_t>(band % slabs * slab_bytes), slab_bytes));
  }
  void launch(std::int64_t band) {
    const auto first = static_cast<std::size_t>(band % slabs * (band_rows + 2));
    const DeviceJob job{std::span(rows_).subspan(first, band_rows + 2), width, 0, width, band_rows};
    device_->launch(static_cast<int>(band % slots), {&job, 1});
  }
  void wait(std::int64_t band) { result_ = device_->wait(static_cast<int>(band % slots)); }

  void require_right_bytes() const {
    if (!std::equal(right_.begin(), right_.end(), result_.begin())) throw std::runtime_error("WRONG BYTES in a band");
  }

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

  GpuNoise noise_;
  std::unique_ptr<DeviceFilter> device_;
  std::vector<const std::byte*> rows_;
  std::vector<std::byte> right_;
  std::span<const std::byte> result_;
};

void bench_bands(Report& report) {
  constexpr std::int64_t bands = 64;
  BandStream stream;
  const double uploads = host_seconds([&] {
    for (std::int64_t band = 0; band < bands; ++band) stream.upload(band);
    stream.launch(0);
    stream.wait(0);
  });
  stream.require_right_bytes();
  // The first round, which warms up, also compares every band.
  const auto run_all = [&](bool with_uploads) {
    return host_seconds([&, compares = true]() mutable {
      for (std::int64_t band = 0; band < bands + 2; ++band) {
        if (band >= 2) stream.wait(band - 2);
        if (band >= 2 && compares) stream.require_right_bytes();
        if (band >= bands) continue;
        if (with_uploads) stream.upload(band);
        stream.launch(band);
      }
      compares = false;
    });
  };
  const double kernels_and_downloads = run_all(false);
  const double all = run_all(true);
  const double pixels = static_cast<double>(bands * BandStream::width * BandStream::band_rows);
  report.add("bands RGB u8: uploads alone", 3 * pixels / uploads / 1e9, "GB/s");
  report.add("bands: kernels and downloads alone", pixels / kernels_and_downloads / 1e9, "GB/s");
  char remark[64];
  std::snprintf(remark, sizeof remark, "%.2f times the slower alone (goal 1.15)",
                all / std::max(uploads, kernels_and_downloads));
  report.add("bands: all overlapped", pixels / all / 1e9, "Gpx/s", remark);
}

/// Images of 300 x 200, RGB: `together` in a launch.
void bench_small_images(Report& report, std::int64_t together) {
  constexpr std::int64_t width = 300;
  constexpr std::int64_t height = 200;
  constexpr std::int64_t stride = 64 + (width + 16) * 3 + 12;
  static_assert(stride % 16 == 0);
  constexpr std::int64_t image_bytes = stride * (height + 2);
  constexpr std::int64_t columns = out_columns(width);
  constexpr std::int64_t images = 4096;
  const GpuNoise noise(width, height, SampleType::u8, 3);
  const std::vector<std::byte> right = noise.edges({});
  const auto device = make_device_filter(0, {.channels = 3,
                                             .source_bytes = images * image_bytes,
                                             .result_bytes = together * columns * height,
                                             .most_jobs = together,
                                             .most_rows = together * (height + 2)});
  std::vector<const std::byte*> rows;
  for (std::int64_t image = 0; image < images; ++image) {
    for (std::int64_t row = 0; row < height + 2; ++row) {
      std::byte* const to = device->source().data() + image * image_bytes + row * stride + 64;
      noise.put_row(row - 1, to, stencil_radius, false);
      rows.push_back(to);
    }
  }
  device->upload(device->source());
  const auto require_right_image = [&](const std::byte* made) {
    for (std::int64_t row = 0; row < height; ++row) {
      if (std::memcmp(made + row * columns, right.data() + row * width, width) != 0) {
        throw std::runtime_error("WRONG BYTES in an image");
      }
    }
  };
  const double seconds = host_seconds([&, compares = true]() mutable {
    for (std::int64_t first = 0; first < images; first += together) {
      std::vector<DeviceJob> jobs;
      for (std::int64_t i = 0; i < together; ++i) {
        const auto at = static_cast<std::size_t>((first + i) * (height + 2));
        jobs.push_back({std::span(rows).subspan(at, height + 2), width, i * columns * height, columns, height});
      }
      device->launch(0, jobs);
      const std::span<const std::byte> made = device->wait(0);
      for (std::int64_t i = 0; compares && i < together; ++i) require_right_image(made.data() + i * columns * height);
    }
    compares = false;
  });
  report.add("images 300 x 200 RGB, " + std::to_string(together) + " a launch", static_cast<double>(images) / seconds,
             "images/s", "kernel and download");
}

int run(const std::string& csv) {
  const Devices devices = find_devices();
  if (devices.found.empty()) {
    std::fprintf(stderr, "gpu_bench: no device: %s\n", devices.why_none.c_str());
    return 77;
  }
  cuda::use_device(0);
  const Device& device = devices.found.front();
  std::printf("%s, capability %s, driver for CUDA %s, built with %s\n", device.name.c_str(), device.capability.c_str(),
              devices.driver.c_str(), device_build().c_str());
  Report report(csv);
  double copy = 0;
  const std::string copying = "copy on the device (read + written)";
  report.measure(copying, [&] {
    copy = copy_bandwidth();
    report.add(copying, copy / 1e9, "GB/s", device.name);
  });
  bench_kernels(report, copy);
  report.measure("bands RGB u8", [&] { bench_bands(report); });
  for (const std::int64_t together : {1, 16, 256, 1024}) {
    report.measure("images 300 x 200 RGB", [&] { bench_small_images(report, together); });
  }
  return report.failed() ? 1 : 0;
}

}  // namespace
}  // namespace haloedge::kernels

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty() && (words.size() != 2 || words[0] != "--csv")) {
    std::fprintf(stderr, "usage: gpu_bench [--csv FILE]\n");
    return 2;
  }
  try {
    return haloedge::kernels::run(words.empty() ? std::string() : words[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gpu_bench: %s\n", error.what());
    return 1;
  }
}
