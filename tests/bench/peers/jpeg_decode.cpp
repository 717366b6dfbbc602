// Decodes every JPEG of a folder to RGB with libjpeg(-turbo)'s defaults, to measure what decoding alone costs.
//   jpeg_decode FOLDER OUTPUT THREADS      OUTPUT: the number of files and of pixels

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <jpeglib.h>

namespace {

std::vector<unsigned char> read(const std::filesystem::path& path) {
  std::vector<unsigned char> bytes(std::filesystem::file_size(path));
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr || std::fread(bytes.data(), 1, bytes.size(), file) != bytes.size()) std::exit(1);
  std::fclose(file);
  return bytes;
}

/// Decodes the next file until there are none left, and returns the number of pixels. Each thread calls it.
std::size_t decode(const std::vector<std::filesystem::path>& paths, std::atomic<std::size_t>& next) {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr error{};
  jpeg.err = jpeg_std_error(&error);  // ends the program at the first error
  jpeg_create_decompress(&jpeg);
  std::vector<unsigned char> pixels;
  std::size_t count = 0;
  for (std::size_t i = next++; i < paths.size(); i = next++) {
    const std::vector<unsigned char> bytes = read(paths[i]);
    jpeg_mem_src(&jpeg, bytes.data(), bytes.size());
    jpeg_read_header(&jpeg, TRUE);
    jpeg.out_color_space = JCS_RGB;
    jpeg_start_decompress(&jpeg);
    const std::size_t row_bytes = std::size_t{3} * jpeg.output_width;
    pixels.resize(row_bytes * jpeg.output_height);
    while (jpeg.output_scanline < jpeg.output_height) {
      JSAMPROW row = pixels.data() + row_bytes * jpeg.output_scanline;
      jpeg_read_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_decompress(&jpeg);
    count += std::size_t{jpeg.output_width} * jpeg.output_height;
  }
  jpeg_destroy_decompress(&jpeg);
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[1])) {
    if (entry.path().extension() == ".jpg") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());

  std::atomic<std::size_t> next = 0;
  std::atomic<std::size_t> pixels = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < std::atoi(argv[3]); ++i) threads.emplace_back([&] { pixels += decode(paths, next); });
  for (std::thread& thread : threads) thread.join();
  std::ofstream(argv[2]) << paths.size() << " files, " << pixels << " pixels\n";
  return 0;
}
