// The vectorised kernels stay within the memory that they are given: each row lies beside an inaccessible page.
#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernels/cpu/cpu.hpp"

namespace haloedge::kernels {
namespace {

enum class Side { begin, end };

/// Memory of `bytes` bytes that begins right after, or ends right before, an inaccessible page.
class GuardedRow {
 public:
  GuardedRow(std::int64_t bytes, Side side) : page_(::sysconf(_SC_PAGESIZE)) {
    inner_ = (bytes + page_ - 1) / page_ * page_;
    whole_ = static_cast<std::byte*>(::mmap(nullptr, size(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    std::byte* first = whole_ + page_;
    EXPECT_EQ(::mprotect(first, static_cast<std::size_t>(inner_), PROT_READ | PROT_WRITE), 0);
    data_ = side == Side::begin ? first : first + inner_ - bytes;
    // Gradients are steep everywhere, since kernels may read less where there are no edges.
    for (std::int64_t i = 0; i < bytes; ++i) data_[i] = static_cast<std::byte>(i * 91);
  }
  GuardedRow(const GuardedRow&) = delete;
  GuardedRow& operator=(const GuardedRow&) = delete;
  ~GuardedRow() { ::munmap(whole_, size()); }

  [[nodiscard]] std::byte* data() const { return data_; }

 private:
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(inner_ + 2 * page_); }

  std::int64_t page_;
  std::int64_t inner_ = 0;
  std::byte* whole_ = nullptr;
  std::byte* data_ = nullptr;
};

/// Several guarded rows of gray.
class GuardedRows {
 public:
  GuardedRows(std::int64_t bytes, std::int64_t rows, Side side) {
    for (std::int64_t y = 0; y < rows; ++y) pointers_.push_back(rows_.emplace_back(bytes, side).data());
  }
  [[nodiscard]] const std::byte* const* data() const { return pointers_.data(); }

 private:
  std::deque<GuardedRow> rows_;
  std::vector<const std::byte*> pointers_;
};

class Bounds : public testing::TestWithParam<Side> {
 protected:
  static constexpr SampleType types[] = {SampleType::u8, SampleType::u16, SampleType::f32};
};

TEST_P(Bounds, Gray) {
  for (const std::string& set : cpu::instruction_sets()) {
    cpu::use_instruction_set(set);
    for (const SampleType type : types) {
      for (const int channels : {1, 2, 3, 4}) {
        for (std::int64_t width = 1; width < 200; ++width) {
          const std::int64_t bytes = width * sample_bytes(type);
          const GuardedRow pixels(bytes * channels, GetParam());
          const GuardedRow gray(bytes, GetParam());
          cpu::gray({pixels.data(), bytes * channels, width, 1, type, channels}, Gray::bt601,
                    {gray.data(), bytes, width, 1, type});
        }
      }
    }
  }
}

TEST_P(Bounds, Edges) {
  for (const std::string& set : cpu::instruction_sets()) {
    cpu::use_instruction_set(set);
    for (const SampleType in : types) {
      for (const SampleType out : types) {
        for (std::int64_t width = 1; width < 200; ++width) {
          const std::int64_t gray_bytes = (width + 2) * sample_bytes(in);
          const GuardedRow above(gray_bytes, GetParam());
          const GuardedRow middle(gray_bytes, GetParam());
          const GuardedRow below(gray_bytes, GetParam());
          const GuardedRow edges(width * sample_bytes(out), GetParam());
          const std::byte* rows[3] = {above.data(), middle.data(), below.data()};
          for (const Operator op : {Operator::sobel, Operator::laplacian}) {
            const EdgeFilter filter{.op = op, .gray_type = in, .out_type = out, .factor = 1};
            cpu::edges(filter, rows, 1, {edges.data(), width * sample_bytes(out), width, 1, out});
          }
        }
      }
    }
  }
}

TEST_P(Bounds, Candidates) {
  // Rectangles of more than 2046 columns are filtered in parts.
  for (const std::int64_t begin : {1, 2040}) {
    for (std::int64_t width = begin; width < begin + 200; ++width) {
      const GuardedRows gray(width + 2 * canny_radius, 1 + 2 * canny_radius, GetParam());
      const GuardedRow classes(width, GetParam());
      for (const std::string& set : cpu::instruction_sets()) {
        cpu::use_instruction_set(set);
        for (const Norm norm : {Norm::l1, Norm::l2}) {
          cpu::candidates(canny_filter(norm, 0, 0), gray.data(), canny_radius, {},
                          {classes.data(), width, width, 1, SampleType::u8});
          const auto is_found = [](std::byte sample) { return sample != std::byte{}; };
          EXPECT_TRUE(width < 4 || std::any_of(classes.data(), classes.data() + width, is_found)) << set;
        }
      }
    }
  }
}

TEST_P(Bounds, Blur) {
  for (const double sigma : {0.5, 1.4, 7.0}) {
    const GaussianWeights weights = fixed_gaussian(sigma);
    const std::int64_t margin = weights.radius();
    for (const std::int64_t begin : {1, 2040}) {
      for (std::int64_t width = begin; width < begin + 100; ++width) {
        const GuardedRows gray(width + 2 * margin, 1 + 2 * margin, GetParam());
        const GuardedRow blurred(width, GetParam());
        for (const std::string& set : cpu::instruction_sets()) {
          cpu::use_instruction_set(set);
          cpu::blur(weights, gray.data(), margin, {blurred.data(), width, width, 1, SampleType::u8});
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Guards, Bounds, testing::Values(Side::begin, Side::end),
                         [](const auto& parameter) { return parameter.param == Side::begin ? "before" : "behind"; });

}  // namespace
}  // namespace haloedge::kernels
