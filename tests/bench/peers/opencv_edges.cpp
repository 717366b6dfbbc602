// Does the job of `haloedge edges` as a user of OpenCV would write it.
//   opencv_edges INPUT OUTPUT THREADS l1|l2|canny

#include <cstdlib>
#include <string_view>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  setenv("OPENCV_IO_MAX_IMAGE_PIXELS", "9000000000", 1);
  cv::setNumThreads(std::atoi(argv[3]));

  cv::Mat gray;
  cv::cvtColor(cv::imread(argv[1], cv::IMREAD_COLOR), gray, cv::COLOR_BGR2GRAY);
  cv::Mat x;
  cv::Mat y;
  cv::Mat edges;
  if (std::string_view(argv[4]) == "canny") {
    cv::Canny(gray, edges, 100, 200);
  } else if (std::string_view(argv[4]) == "l1") {
    cv::Sobel(gray, x, CV_16S, 1, 0);
    cv::Sobel(gray, y, CV_16S, 0, 1);
    cv::convertScaleAbs(x, x);
    cv::convertScaleAbs(y, y);
    cv::add(x, y, edges);
  } else {
    cv::Sobel(gray, x, CV_32F, 1, 0);
    cv::Sobel(gray, y, CV_32F, 0, 1);
    cv::magnitude(x, y, x);
    x.convertTo(edges, CV_8U);
  }
  const int uncompressed = 1;
  return cv::imwrite(argv[2], edges, {cv::IMWRITE_TIFF_COMPRESSION, uncompressed}) ? 0 : 1;
}
