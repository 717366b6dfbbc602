// Measures the kernels of kernels_bench as a user of OpenCV would chain them, on one thread and an image of the same
// size.

#include <benchmark/benchmark.h>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace {

/// The image has the size of kernels_bench's image.
constexpr int width = 8192;
constexpr int rows = 4096;

cv::Mat random_image(int type) {
  cv::Mat image(rows, width, type);
  cv::randu(image, 0, 256);
  return image;
}

/// The intermediate images stay allocated from one call to the next.
struct SobelL2 {
  cv::Mat gray, x, y, size, edges;

  void operator()(const cv::Mat& image) {
    cv::cvtColor(image, gray, cv::COLOR_RGB2GRAY);
    cv::Sobel(gray, x, CV_32F, 1, 0);
    cv::Sobel(gray, y, CV_32F, 0, 1);
    cv::magnitude(x, y, size);
    size.convertTo(edges, CV_8U);
  }
};

struct SobelL1 {
  cv::Mat gray, x, y, x_size, y_size, edges;

  void operator()(const cv::Mat& image) {
    cv::cvtColor(image, gray, cv::COLOR_RGB2GRAY);
    cv::Sobel(gray, x, CV_16S, 1, 0);
    cv::Sobel(gray, y, CV_16S, 0, 1);
    cv::convertScaleAbs(x, x_size);
    cv::convertScaleAbs(y, y_size);
    cv::add(x_size, y_size, edges);
  }
};

template <class Kernel>
void bench(benchmark::State& state) {
  const cv::Mat image = random_image(CV_8UC3);
  Kernel kernel;
  kernel(image);  // touches fresh memory, which is not to be measured
  for ([[maybe_unused]] const auto iteration : state) kernel(image);
  state.counters["pixels"] =
      benchmark::Counter(static_cast<double>(width) * rows, benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace

BENCHMARK(bench<SobelL2>)->Name("sobel_l2/rgb_u8/opencv")->Unit(benchmark::kMillisecond);
BENCHMARK(bench<SobelL1>)->Name("sobel_l1/rgb_u8/opencv")->Unit(benchmark::kMillisecond);

int main(int argc, char** argv) {
  cv::setNumThreads(1);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
