// Measures every kernel of every backend on one thread: the bytes a second that the kernel reads and writes, and that
// rate as a share of memcpy's rate for the same traffic, measured in the same run.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "kernels/backend.hpp"
#include "kernels/bordered_plane.hpp"
#include "kernels/cpu/cpu.hpp"
#include "kernels/edge_map.hpp"

namespace haloedge::kernels {
namespace {

/// The size of the image, which is far larger than any cache.
constexpr std::int64_t width = 8192;
constexpr std::int64_t rows = 4096;

/// Returns samples that are smooth and noisy like a photo, so that no branch of a peer is favoured.
std::vector<std::byte> samples(std::int64_t count, SampleType type) {
  std::minstd_rand random(1);
  std::vector<std::byte> bytes(static_cast<std::size_t>(count * sample_bytes(type)));
  for (std::int64_t i = 0; i < count; ++i) {
    const auto word = static_cast<std::uint16_t>(static_cast<std::uint64_t>((i / 97) % 200 * 256) + random() % 14000);
    const auto byte = static_cast<std::uint8_t>(word >> 8);
    const float real = static_cast<float>(word) / 65535.0F;
    std::byte* to = bytes.data() + i * sample_bytes(type);
    if (type == SampleType::u8) std::memcpy(to, &byte, 1);
    if (type == SampleType::u16) std::memcpy(to, &word, 2);
    if (type == SampleType::f32) std::memcpy(to, &real, 4);
  }
  return bytes;
}

using Seconds = std::chrono::duration<double>;

/// Returns the time of a memcpy that moves `traffic` bytes, read and written together: the median of a few.
Seconds memcpy_time(std::int64_t traffic) {
  const auto half = static_cast<std::size_t>(traffic / 2);
  const std::vector<std::byte> from(half, std::byte{1});
  std::vector<std::byte> to(half, std::byte{2});
  std::vector<Seconds> times;
  for (int i = 0; i < 7; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    std::memcpy(to.data(), from.data(), half);
    benchmark::DoNotOptimize(to.data());
    times.emplace_back(std::chrono::steady_clock::now() - begin);
  }
  std::nth_element(times.begin(), times.begin() + 3, times.end());
  return times[3];
}

/// Times `kernel`, which reads and writes `traffic` bytes in each call.
template <class Kernel>
void measure(benchmark::State& state, std::int64_t traffic, Kernel kernel) {
  const auto begin = std::chrono::steady_clock::now();
  for ([[maybe_unused]] const auto iteration : state) kernel();
  const Seconds whole = std::chrono::steady_clock::now() - begin;
  using benchmark::Counter;
  state.SetBytesProcessed(state.iterations() * traffic);
  state.counters["pixels"] = Counter(static_cast<double>(width * rows), Counter::kIsIterationInvariantRate);
  state.counters["of_memcpy"] = memcpy_time(traffic) * static_cast<double>(state.iterations()) / whole;
}

struct Kind {
  SampleType type;
  const char* name;
};
constexpr Kind kinds[] = {{SampleType::u8, "u8"}, {SampleType::u16, "u16"}, {SampleType::f32, "f32"}};

std::int64_t row_bytes(SampleType type) { return width * sample_bytes(type); }

void bench_gray(benchmark::State& state, const Backend& backend, SampleType type, int channels) {
  const auto pixels = samples(width * rows * channels, type);
  std::vector<std::byte> gray(static_cast<std::size_t>(row_bytes(type) * rows));
  measure(state, static_cast<std::int64_t>(pixels.size() + gray.size()), [&] {
    backend.gray({pixels.data(), row_bytes(type) * channels, width, rows, type, channels}, Gray::bt601,
                 {gray.data(), row_bytes(type), width, rows, type});
  });
}

void bench_edge_map(benchmark::State& state, const Backend& backend, const EdgeFilter& filter, int channels) {
  const auto pixels = samples(width * rows * channels, filter.gray_type);
  std::vector<std::byte> edges(static_cast<std::size_t>(row_bytes(filter.out_type) * rows));
  measure(state, static_cast<std::int64_t>(pixels.size() + edges.size()), [&] {
    edge_map(backend, {pixels.data(), row_bytes(filter.gray_type) * channels, width, rows, filter.gray_type, channels},
             Gray::bt601, filter, Border::reflect,
             {edges.data(), row_bytes(filter.out_type), width, rows, filter.out_type});
  });
}

enum class Content : std::uint8_t { photo, random };

/// Returns a gray image with room for a border around it. The content `photo` has shades, a step here and there, and a
/// little noise.
BorderedPlane gray_image(Content content, std::int64_t margin) {
  BorderedPlane image(width, rows, SampleType::u8, margin);
  const Plane plane = image.plane();
  std::minstd_rand random(1);
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      const auto noise = static_cast<std::int64_t>(random() >> 8);
      const std::int64_t shade = std::abs(x % 400 - 200) / 2 + std::abs(y % 300 - 150) / 3;
      const std::int64_t step = (x / 130 + (x + y) / 170) % 2 * 60;
      plane.data[y * plane.row_bytes + x] =
          static_cast<std::byte>(content == Content::photo ? shade + step + noise % 5 : noise % 256);
    }
  }
  image.fill_border(Border::nearest);
  return image;
}

void bench_candidates(benchmark::State& state, const Backend& backend, Norm norm, Content content) {
  const BorderedPlane gray = gray_image(content, canny_radius);
  std::vector<std::byte> classes(static_cast<std::size_t>(width * rows));
  const CannyFilter filter = canny_filter(norm, 100, 200);
  measure(state, 2 * width * rows, [&] {
    backend.candidates(filter, gray.rows(canny_radius), 0, {true, true, true, true},
                       {classes.data(), width, width, rows, SampleType::u8});
  });
}

void bench_blur(benchmark::State& state, const Backend& backend, double sigma) {
  const GaussianWeights weights = fixed_gaussian(sigma);
  const BorderedPlane gray = gray_image(Content::photo, weights.radius());
  std::vector<std::byte> blurred(static_cast<std::size_t>(width * rows));
  measure(state, 2 * width * rows, [&] {
    backend.blur(weights, gray.rows(weights.radius()), 0, {blurred.data(), width, width, rows, SampleType::u8});
  });
}

struct NamedFilter {
  EdgeFilter filter;
  const char* name;
};

std::vector<NamedFilter> filters() {
  return {{{.op = Operator::sobel}, "sobel_l2"},
          {{.op = Operator::sobel, .norm = Norm::l1}, "sobel_l1"},
          {{.op = Operator::scharr}, "scharr_l2"},
          {{.op = Operator::sobel, .component = Component::direction}, "sobel_direction"},
          {{.op = Operator::laplacian}, "laplacian"}};
}

void add_backend(const std::string& name, const Backend& backend, const std::string& instruction_set) {
  const auto add = [&](const std::string& kernel, auto body) {
    const auto run = [=](benchmark::State& state) {
      if (!instruction_set.empty()) cpu::use_instruction_set(instruction_set);
      body(state);
    };
    benchmark::RegisterBenchmark((kernel + "/" + name).c_str(), run)->Unit(benchmark::kMillisecond);
  };
  for (const Content content : {Content::photo, Content::random}) {
    const std::string content_name = content == Content::photo ? "photo" : "random";
    add("canny_l1/" + content_name,
        [=, &backend](benchmark::State& s) { bench_candidates(s, backend, Norm::l1, content); });
    add("canny_l2/" + content_name,
        [=, &backend](benchmark::State& s) { bench_candidates(s, backend, Norm::l2, content); });
  }
  add("blur/1.4", [&backend](benchmark::State& s) { bench_blur(s, backend, 1.4); });
  for (const auto& [type, type_name] : kinds) {
    const SampleType t = type;
    add(std::string("gray/rgb_") + type_name, [=, &backend](benchmark::State& s) { bench_gray(s, backend, t, 3); });
    for (const auto& [filter, filter_name] : filters()) {
      EdgeFilter f = filter;
      f.gray_type = f.out_type = type;
      f.factor = finish_factor(f, 1);
      for (const int channels : {1, 3}) {
        add(std::string(filter_name) + (channels == 1 ? "/gray_" : "/rgb_") + type_name,
            [=, &backend](benchmark::State& s) { bench_edge_map(s, backend, f, channels); });
      }
    }
  }
}

}  // namespace
}  // namespace haloedge::kernels

int main(int argc, char** argv) {
  using namespace haloedge::kernels;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  const auto reference = make_backend(HostBackend::reference);
  const auto vectorised = make_backend(HostBackend::cpu);
  add_backend("reference", *reference, "");
  for (const std::string& set : cpu::instruction_sets()) add_backend("cpu_" + set, *vectorised, set);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
