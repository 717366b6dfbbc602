#include "measure.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <utility>
#include <vector>

namespace haloedge::kernels {

namespace {

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + std::ssize(values) / 2, values.end());
  return values[values.size() / 2];
}

/// An event whose time is kept.
class TimedEvent {
 public:
  TimedEvent() { cuda::check(cudaEventCreate(&event_), "cudaEventCreate"); }
  TimedEvent(const TimedEvent&) = delete;
  TimedEvent& operator=(const TimedEvent&) = delete;
  ~TimedEvent() { cudaEventDestroy(event_); }

  void record(const cuda::Stream& stream) const {
    cuda::check(cudaEventRecord(event_, stream.get()), "cudaEventRecord");
  }
  /// Waits for this event.
  [[nodiscard]] double seconds_since(const TimedEvent& before) const {
    float milliseconds = 0;
    cuda::check(cudaEventSynchronize(event_), "cudaEventSynchronize");
    cuda::check(cudaEventElapsedTime(&milliseconds, before.event_, event_), "cudaEventElapsedTime");
    return milliseconds / 1e3;
  }

 private:
  cudaEvent_t event_ = nullptr;
};

}  // namespace

Report::Report(const std::string& csv, std::string only) : only_(std::move(only)) {
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
  if (what.find(only_) == std::string::npos) return;
  try {
    body();
  } catch (const std::exception& error) {
    failed_ = true;
    add(what, 0, "FAILED", error.what());
  }
}

double device_seconds(const cuda::Stream& stream, const std::function<void()>& work) {
  constexpr int samples = 11;
  constexpr int repeats = 8;
  constexpr std::chrono::milliseconds warm_up{50};
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < warm_up) {
    work();
    cuda::check(cudaStreamSynchronize(stream.get()), "warming up");
  }
  const TimedEvent begin;
  const TimedEvent end;
  std::vector<double> seconds;
  for (int sample = 0; sample < samples; ++sample) {
    work();  // keeps the device busy while what is timed is launched
    begin.record(stream);
    for (int i = 0; i < repeats; ++i) work();
    end.record(stream);
    seconds.push_back(end.seconds_since(begin) / repeats);
  }
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
