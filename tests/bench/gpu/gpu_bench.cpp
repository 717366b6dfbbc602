// Measures one GPU: its copy bandwidth, each kernel as a share of it, bands through pinned memory with uploads, kernels
// and downloads overlapped, and sets of small images, in one launch or in one launch each. Before it reports a rate, it
// compares the bytes that were made with the reference's. Rates are medians; each row is printed as soon as it is
// known.
//   gpu_bench [--csv FILE] [--only TEXT] [--try]
//     --csv FILE   also writes the rows to FILE
//     --only TEXT  measures only rows whose names contain TEXT
//     --try        uses few pixels, to check that everything runs: the rates mean nothing then

#include <algorithm>
#include <cstdio>
#include <exception>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/device_filter.hpp"
#include "measure.hpp"

namespace haloedge::kernels {
namespace {

/// Returns the bytes a second that the device reads and writes while it copies.
double copy_bandwidth(std::int64_t bytes) {
  const cuda::DeviceMemory from(bytes);
  const cuda::DeviceMemory to(bytes);
  std::vector<std::uint32_t> noise(std::size_t{1} << 18);
  std::generate(noise.begin(), noise.end(), std::mt19937());
  const std::int64_t noise_bytes = std::ssize(noise) * std::int64_t{sizeof noise[0]};
  for (std::int64_t at = 0; at < bytes; at += noise_bytes) {
    cuda::check(cudaMemcpy(from.data() + at, noise.data(), static_cast<std::size_t>(std::min(noise_bytes, bytes - at)),
                           cudaMemcpyHostToDevice),
                "noise");
  }
  cuda::check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  const cuda::Stream stream;
  const double seconds = device_seconds(stream, [&] {
    cuda::check(cudaMemcpyAsync(to.data(), from.data(), static_cast<std::size_t>(bytes), cudaMemcpyDeviceToDevice,
                                stream.get()),
                "copy");
  });
  return 2.0 * static_cast<double>(bytes) / seconds;
}

int run(const std::string& csv, const std::string& only, const Sizes& sizes) {
  const Devices devices = find_devices();
  if (devices.found.empty()) {
    std::fprintf(stderr, "gpu_bench: no device: %s\n", devices.why_none.c_str());
    return 77;
  }
  cuda::use_device(0);
  const Device& device = devices.found.front();
  std::printf("%s, capability %s, driver for CUDA %s, built with %s\n", device.name.c_str(), device.capability.c_str(),
              devices.driver.c_str(), device_build().c_str());
  Report report(csv, only);
  double copy = 0;
  const std::string copying = "copy on the device (read + written)";
  report.measure(copying, [&] {
    copy = copy_bandwidth(sizes.copied_bytes);
    report.add(copying, copy / 1e9, "GB/s", device.name);
  });
  bench_marches(report, sizes, copy);
  report.measure("bands RGB u8", [&] { bench_bands(report, sizes); });
  for (const std::int64_t together : {1, 16, 256, 1024}) {
    if (together > sizes.images) continue;
    report.measure(small_images_name(together), [&] { bench_small_images(report, sizes, together); });
  }
  bench_canny(report, sizes, copy);
  return report.failed() ? 1 : 0;
}

}  // namespace
}  // namespace haloedge::kernels

int main(int argc, char** argv) {
  std::string csv;
  std::string only;
  haloedge::kernels::Sizes sizes;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--try") {
      sizes = haloedge::kernels::sizes_to_try;
    } else if (word == "--csv" && i + 1 < argc) {
      csv = argv[++i];
    } else if (word == "--only" && i + 1 < argc) {
      only = argv[++i];
    } else {
      std::fprintf(stderr, "usage: gpu_bench [--csv FILE] [--only TEXT] [--try]\n");
      return 2;
    }
  }
  try {
    return haloedge::kernels::run(csv, only, sizes);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gpu_bench: %s\n", error.what());
    return 1;
  }
}
