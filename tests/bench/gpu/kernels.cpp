#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/layout.hpp"
#include "measure.hpp"
#include "noise.hpp"

namespace haloedge::kernels {

namespace {

/// An image on the device that is larger than the device's caches; a few rows of noise repeat in it.
class DeviceImage {
 public:
  DeviceImage(const Noise& noise, std::int64_t width, std::int64_t rows, const DeviceFilterSpec& spec)
      : stride_((lead + (width + 16) * spec.channels * sample_bytes(spec.filter.gray_type) + lead - 1) / lead * lead),
        size_(stride_ * (rows + 2 * spec.radius())),
        memory_(size_) {
    const std::int64_t period = noise.rows();
    std::vector<std::byte> some(static_cast<std::size_t>(stride_ * period));
    for (std::int64_t i = 0; i < period; ++i) {
      noise.put_row(i - spec.radius(), some.data() + i * stride_ + lead, spec.radius(), spec.canny.has_value());
    }
    cuda::check(cudaMemcpy(memory_.data(), some.data(), some.size(), cudaMemcpyHostToDevice), "uploading noise");
    for (std::int64_t filled = std::ssize(some); filled < size_; filled *= 2) {
      const auto bytes = static_cast<std::size_t>(std::min(filled, size_ - filled));
      cuda::check(cudaMemcpy(memory_.data() + filled, memory_.data(), bytes, cudaMemcpyDeviceToDevice),
                  "repeating noise");
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

/// Throws std::runtime_error unless `made`, on the device, repeats the rows of `right`, which has no padding.
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

/// A kernel's launch over an image of side * side pixels that is already on the device.
class KernelRun {
 public:
  KernelRun(const DeviceFilterSpec& spec, std::int64_t side)
      : side_(side),
        spec_(spec),
        noise_(side, period, spec_.filter.gray_type, spec_.channels),
        image_(noise_, side, side, spec_),
        out_(out_bytes()),
        threads_(spec_.canny ? 1 : cuda::threads_at_a_time(variant())) {
    spec_.source_bytes = std::ssize(image_.memory());
    spec_.result_bytes = out_bytes();
    spec_.max_rows = std::ssize(image_.rows());
    // The device's memory stands for the host's memory, too.
    const DeviceJob job{image_.rows(), side, 0, side, side};
    cuda::LaunchTables tables;
    cuda::lay_out(spec_, {&job, 1}, image_.memory(), image_.memory().data(), out_.data(), threads_, tables);
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
      cuda::launch_march(variant(), launch_, stream_.get());
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
  [[nodiscard]] double pixels() const { return static_cast<double>(side_ * side_); }
  /// Returns a description for the report of how the work is divided.
  [[nodiscard]] std::string marches() const {
    if (spec_.canny) return {};
    return ", marches of " + std::to_string(launch_.march_rows) + " rows, " + std::to_string(threads_) + " at a time";
  }
  [[nodiscard]] double bytes() const {
    return static_cast<double>(side_ * side_ * spec_.channels * sample_bytes(spec_.filter.gray_type) + out_bytes());
  }

 private:
  static constexpr std::int64_t period = 64;  ///< sides are multiples of it

  [[nodiscard]] std::int64_t out_bytes() const { return side_ * side_ * sample_bytes(spec_.filter.out_type); }

  [[nodiscard]] cuda::Variant variant() const { return cuda::choose_variant(spec_.filter, spec_.channels); }

  std::int64_t side_;
  DeviceFilterSpec spec_;
  Noise noise_;
  DeviceImage image_;
  cuda::DeviceMemory out_;
  std::int64_t threads_;
  std::unique_ptr<cuda::DeviceMemory> tables_;
  cuda::Launch launch_;
  cuda::Stream stream_;
};

/// Measures kernels one after the other.
class KernelBench {
 public:
  KernelBench(Report& report, std::int64_t side, double copy) : report_(report), side_(side), copy_(copy) {}

  void measure(const std::string& name, const DeviceFilterSpec& spec) {
    report_.measure(name, [&] {
      const KernelRun run(spec, side_);
      run.require_right_bytes();
      const double seconds = run.seconds();
      const double rate = run.bytes() / seconds;
      std::string remark = std::to_string(std::llround(run.pixels() / seconds / 1e9)) + " Gpx/s";
      if (copy_ > 0) remark += ", " + std::to_string(std::llround(100 * rate / copy_)) + " % of copy";
      report_.add(name, rate / 1e9, "GB/s", remark + run.marches());
    });
  }

 private:
  Report& report_;
  std::int64_t side_;
  double copy_;
};

}  // namespace

namespace {

std::string source_name(int channels, SampleType type) {
  const std::string source = channels == 3 ? "RGB " : channels == 4 ? "RGBA " : "gray ";
  return source + (type == SampleType::u8 ? "u8" : type == SampleType::u16 ? "u16" : "f32");
}

std::string norm_name(Norm norm) { return norm == Norm::l2 ? "L2 " : "L1 "; }

}  // namespace

void bench_marches(Report& report, const Sizes& sizes, double copy) {
  KernelBench bench(report, sizes.side, copy);
  for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
    for (const int channels : {3, 1, 4}) {
      for (const Norm norm : {Norm::l2, Norm::l1}) {
        EdgeFilter filter{.norm = norm, .gray_type = type, .out_type = type};
        filter.factor = finish_factor(filter, 1);
        bench.measure("sobel " + norm_name(norm) + source_name(channels, type),
                      {.filter = filter, .channels = channels});
      }
    }
  }
  EdgeFilter filter{.op = Operator::scharr};
  bench.measure("scharr L2 RGB u8", {.filter = filter, .channels = 3});
  filter = {.component = Component::direction};
  filter.factor = finish_factor(filter, 1);
  bench.measure("sobel direction RGB u8", {.filter = filter, .channels = 3});
}

void bench_canny(Report& report, const Sizes& sizes, double copy) {
  KernelBench bench(report, sizes.side, copy);
  for (const int channels : {3, 1, 4}) {
    for (const Norm norm : {Norm::l2, Norm::l1}) {
      bench.measure("canny " + norm_name(norm) + source_name(channels, SampleType::u8),
                    {.filter = {.op = Operator::canny}, .canny = canny_filter(norm, 100, 200), .channels = channels});
    }
  }
}

}  // namespace haloedge::kernels
