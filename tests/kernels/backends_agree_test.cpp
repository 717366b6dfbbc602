// The fast kernels against the reference, bit for bit.
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/backend.hpp"
#include "kernels/openmp/rows.hpp"

namespace haloedge::kernels {
namespace {

constexpr SampleType all_types[] = {SampleType::u8, SampleType::u16, SampleType::f32};

template <class Sample>
void put(std::vector<std::byte>& bytes, Sample sample) {
  const auto* from = reinterpret_cast<const std::byte*>(&sample);
  bytes.insert(bytes.end(), from, from + sizeof sample);
}

/// Random samples, with many at the ends of the range; floats also with what is hard to get right.
std::vector<std::byte> random_samples(std::int64_t count, SampleType type, unsigned seed) {
  std::mt19937 random(seed);
  const float hard[] = {0.0F,
                        -0.0F,
                        1.0F,
                        std::numeric_limits<float>::infinity(),
                        -std::numeric_limits<float>::infinity(),
                        std::numeric_limits<float>::quiet_NaN(),
                        std::numeric_limits<float>::denorm_min(),
                        1e-41F,
                        3e38F};
  std::vector<std::byte> bytes;
  for (std::int64_t i = 0; i < count; ++i) {
    const unsigned kind = random() % 8;
    const auto number = static_cast<std::uint16_t>(kind == 0 ? 0U : kind == 1 ? 0xFFFFU : random());
    if (type == SampleType::u8) {
      put(bytes, static_cast<std::uint8_t>(number));
    } else if (type == SampleType::u16) {
      put(bytes, number);
    } else {
      put(bytes, kind == 2 ? hard[random() % std::size(hard)] : static_cast<float>(random()) * 0x1p-32F * 2.0F - 0.5F);
    }
  }
  return bytes;
}

/// NaN payloads of gray floats are not promised: one NaN is as good as another. Rows have three samples of padding.
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
  const std::vector<std::string> instruction_sets_ = openmp::instruction_sets();
  std::unique_ptr<Backend> reference_ = make_backend(BackendChoice::reference);

  /// Both backends' results for a filter; rows and columns of margin are random too.
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
      openmp::use_instruction_set(instruction_set);
      ASSERT_TRUE(run(openmp::edges) == right)
          << instruction_set << " operator " << int(filter.op) << " component " << int(filter.component) << " norm "
          << int(filter.norm) << " in " << int(filter.gray_type) << " out " << int(filter.out_type) << " width "
          << width << " rows " << rows;
    }
  }
};

std::vector<EdgeFilter> all_filters() {
  std::vector<EdgeFilter> filters;
  for (const Operator op : {Operator::sobel, Operator::scharr, Operator::prewitt, Operator::laplacian}) {
    for (const Component component : {Component::magnitude, Component::x, Component::y, Component::direction}) {
      if (op == Operator::laplacian && component != Component::magnitude) continue;
      for (const Norm norm : {Norm::l2, Norm::l1}) {
        for (const SampleType in : all_types) {
          for (const SampleType out : all_types) {
            filters.push_back({.op = op,
                               .component = component,
                               .norm = norm,
                               .gray_type = in,
                               .out_type = out,
                               .factor = 1,
                               .clip = {}});
          }
        }
      }
    }
  }
  return filters;
}

TEST_P(BackendsAgree, OnEveryFilter) {
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

TEST_P(BackendsAgree, OnEveryGray) {
  const std::int64_t width = GetParam();
  constexpr std::int64_t rows = 2;
  for (const Gray gray : {Gray::bt601, Gray::bt709, Gray::mean, Gray::red, Gray::green, Gray::blue}) {
    for (const SampleType type : all_types) {
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
          openmp::use_instruction_set(instruction_set);
          ASSERT_TRUE(same_samples(run(openmp::gray), right, type, width, rows))
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

TEST(MakeBackend, RefusesWhatIsNotThere) {
  try {
    (void)make_backend(BackendChoice::cuda);
    FAIL() << "gave a CUDA backend";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("cpu"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace haloedge::kernels
