// Compares the vectorised kernels with the reference, bit for bit.
#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/backend.hpp"
#include "kernels/cpu/cpu.hpp"
#include "support/samples.hpp"

namespace haloedge::kernels {
namespace {

/// Payloads of NaNs in gray floats are undefined, so all NaNs are equal. Rows have three samples of padding.
bool same_samples(const std::vector<std::byte>& a, const std::vector<std::byte>& b, SampleType type, std::int64_t width,
                  std::int64_t rows) {
  if (type != SampleType::f32) return a == b;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t x = 0; x < width; ++x) {
      const std::int64_t at = (row * (width + 3) + x) * 4;
      float fa = 0;
      float fb = 0;
      std::memcpy(&fa, a.data() + at, 4);
      std::memcpy(&fb, b.data() + at, 4);
      if (std::bit_cast<std::uint32_t>(fa) != std::bit_cast<std::uint32_t>(fb) && !(std::isnan(fa) && std::isnan(fb)))
        return false;
    }
  }
  return true;
}

class BackendsAgree : public testing::TestWithParam<int> {
 protected:
  const std::vector<std::string> instruction_sets_ = cpu::instruction_sets();
  std::unique_ptr<Backend> reference_ = make_backend(HostBackend::reference);

  /// Compares both backends' results of a filter. The rows and columns of the margin are random, too.
  void expect_same_edges(const EdgeFilter& filter, std::int64_t width, std::int64_t rows, std::int64_t column) {
    const std::int64_t in_bytes = sample_bytes(filter.gray_type);
    const std::int64_t stride = (width + column + 1) * in_bytes;
    const auto gray = random_samples((width + column + 1) * (rows + 2), filter.gray_type, 99);
    std::vector<const std::byte*> gray_rows;
    for (std::int64_t row = 0; row < rows + 2; ++row) gray_rows.push_back(gray.data() + row * stride);
    const std::int64_t out_stride = (width + 5) * sample_bytes(filter.out_type);
    const auto run = [&](auto edges) {
      std::vector<std::byte> out(static_cast<std::size_t>(out_stride * rows), std::byte{0xA5});
      edges(filter, gray_rows.data(), column, Plane{out.data(), out_stride, width, rows, filter.out_type});
      return out;
    };
    const auto right = run([&](auto&&... arguments) { reference_->edges(arguments...); });
    for (const std::string& instruction_set : instruction_sets_) {
      cpu::use_instruction_set(instruction_set);
      ASSERT_TRUE(run(cpu::edges) == right)
          << instruction_set << " operator " << int(filter.op) << " component " << int(filter.component) << " norm "
          << int(filter.norm) << " in " << int(filter.gray_type) << " out " << int(filter.out_type) << " width "
          << width << " rows " << rows;
    }
  }
};

TEST_P(BackendsAgree, Edges) {
  const std::int64_t width = GetParam();
  for (EdgeFilter filter : all_filters()) {
    for (const double scale : {1.0, 0.37, -0.6}) {
      filter.factor = finish_factor(filter, scale);
      filter.clip.reset();
      expect_same_edges(filter, width, 3, 1 + width % 3);
      filter.clip = Clip{-0.25F, 0.5F};
      if (filter.out_type == SampleType::f32) expect_same_edges(filter, width, 1, 1);
    }
  }
}

TEST_P(BackendsAgree, Gray) {
  const std::int64_t width = GetParam();
  constexpr std::int64_t rows = 2;
  for (const Gray gray : {Gray::bt601, Gray::bt709, Gray::mean, Gray::red, Gray::green, Gray::blue}) {
    for (const SampleType type : all_image_types) {
      for (const int channels : {1, 2, 3, 4}) {
        const std::int64_t bytes = sample_bytes(type);
        const auto pixels = random_samples(width * rows * channels, type, 7);
        const auto run = [&](auto kernel) {
          std::vector<std::byte> out(static_cast<std::size_t>((width + 3) * bytes * rows), std::byte{0x5A});
          kernel(ConstPixels{pixels.data(), width * channels * bytes, width, rows, type, channels}, gray,
                 Plane{out.data(), (width + 3) * bytes, width, rows, type});
          return out;
        };
        const auto right = run([&](auto&&... arguments) { reference_->gray(arguments...); });
        for (const std::string& instruction_set : instruction_sets_) {
          cpu::use_instruction_set(instruction_set);
          ASSERT_TRUE(same_samples(run(cpu::gray), right, type, width, rows))
              << instruction_set << " gray " << int(gray) << " type " << int(type) << " channels " << channels;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Widths, BackendsAgree,
                         testing::Values(1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 70, 127, 128, 129,
                                         511, 512, 513, 1023),
                         [](const auto& parameter) { return "width_" + std::to_string(parameter.param); });

}  // namespace
}  // namespace haloedge::kernels
