#pragma once

// The table and the timers that the parts of gpu_bench share.

#include <cstdint>
#include <fstream>
#include <functional>
#include <string>

#include "kernels/cuda/runtime.hpp"

namespace haloedge::kernels {

/// The sizes of the benchmark's inputs.
struct Sizes {
  std::int64_t side = 16384;  ///< of the images that kernels run over, and the width of bands
  std::int64_t copied_bytes = std::int64_t{1} << 30;
  std::int64_t bands = 64;
  std::int64_t images = 4096;
};
constexpr Sizes sizes_to_try{.side = 256, .copied_bytes = 1 << 20, .bands = 5, .images = 16};

/// The table of results. Each row is printed as soon as it is known, and copied to a CSV file.
class Report {
 public:
  /// No copy is written if `csv` is empty. Only rows whose names contain `only` are measured. Throws std::runtime_error
  /// if the file cannot be written.
  Report(const std::string& csv, std::string only);

  void add(const std::string& what, double value, const char* unit, const std::string& remark = {});

  /// Runs `body`, which measures rows whose names begin with `what`. If it fails, a row says why, and the other rows
  /// are still measured.
  void measure(const std::string& what, const std::function<void()>& body);

  [[nodiscard]] bool failed() const { return failed_; }

 private:
  std::ofstream csv_;
  std::string only_;
  bool failed_ = false;
};

/// Returns the seconds that the device takes for `work`, which begins something in a stream: the median of several
/// times, after some time to warm up. Each time is the mean of runs that follow each other without a gap, so that the
/// host's launch is not counted.
[[nodiscard]] double device_seconds(const cuda::Stream& stream, const std::function<void()>& work);

/// Returns the seconds that `work` takes on the host's clock: the median of several times, after one run to warm up.
[[nodiscard]] double host_seconds(const std::function<void()>& work);

/// Compares the bytes of each marching kernel, then measures it as a share of `copy`, the device's bandwidth in bytes a
/// second, which is 0 if it is not known.
void bench_marches(Report& report, const Sizes& sizes, double copy);

/// Does the same for Canny's kernels.
void bench_canny(Report& report, const Sizes& sizes, double copy);

/// Measures bands of an RGB image through pinned memory, as `edges` sends them: uploads, kernels with downloads, and
/// all of it overlapped.
void bench_bands(Report& report, const Sizes& sizes);

/// Returns the name of the row of bench_small_images().
[[nodiscard]] std::string small_images_name(std::int64_t together);
/// Measures many RGB images of 300 x 200, `together` in a launch.
void bench_small_images(Report& report, const Sizes& sizes, std::int64_t together);

}  // namespace haloedge::kernels
