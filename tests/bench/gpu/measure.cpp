#include "measure.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <vector>

namespace haloedge::kernels {

namespace {

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + std::ssize(values) / 2, values.end());
  return values[values.size() / 2];
}

}  // namespace

Report::Report(const std::string& csv) {
  if (csv.empty()) return;
  csv_.open(csv);
  csv_ << "what,value,unit,remark" << std::endl;
  if (!csv_) throw std::runtime_error("cannot write " + csv);
}

void Report::add(const std::string& what, double value, const char* unit, const std::string& remark) {
  std::printf("%-46s %10.4g %-8s %s\n", what.c_str(), value, unit, remark.c_str());
  std::fflush(stdout);
  csv_ << '"' << what << "\"," << value << ',' << unit << ",\"" << remark << '"' << std::endl;
}

void Report::measure(const std::string& what, const std::function<void()>& body) {
  try {
    body();
  } catch (const std::exception& error) {
    failed_ = true;
    add(what, 0, "FAILED", error.what());
  }
}

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
    if (i > 0) seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return median(seconds);
}

}  // namespace haloedge::kernels
