#include "kernels/edge_map.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace haloedge::kernels {

namespace {

constexpr std::int64_t radius = stencil_radius;
constexpr std::int64_t fewest_rows = 4;

/// The gray rows of one block, and those beside it, are meant to stay in a second-level cache.
constexpr std::int64_t block_bytes = std::int64_t{256} << 10;

/// Gray rows of an image from one above a block of rows to one below it, with the border around them.
class GrayBlock {
 public:
  GrayBlock(const Backend& backend, const ConstPixels& source, Gray weights, Border border)
      : backend_(backend),
        source_(source),
        weights_(weights),
        border_(border),
        sample_(sample_bytes(source.type)),
        stride_((source.width + 2 * radius) * sample_),
        rows_(std::min(std::max(block_bytes / stride_, fewest_rows), source.rows)),
        memory_(static_cast<std::size_t>((rows_ + 2 * radius) * stride_)) {
    for (std::int64_t i = 0; i < rows_ + 2 * radius; ++i) pointers_.push_back(row(i));
  }

  /// Rows of a block, but for the last one.
  [[nodiscard]] std::int64_t rows() const { return rows_; }

  /// Moves on to the block that begins at row `first`, which is 0 or where the last one ended.
  void load(std::int64_t first, std::int64_t rows) {
    constexpr std::int64_t shared = 2 * radius;
    if (first == 0) {
      make(-1, 0);
      make(0, 1);
    } else {
      std::memcpy(memory_.data(), memory_.data() + rows_ * stride_, static_cast<std::size_t>(shared * stride_));
    }
    const std::int64_t inside = std::min(first + rows, source_.rows - 1) - first;
    if (inside > 0) make_inside(first + 1, inside, shared);
    if (first + rows == source_.rows) make(source_.rows, rows + 1);
  }

  [[nodiscard]] const std::byte* const* pointers() const { return pointers_.data(); }

 private:
  /// Column 0 of the i-th row held.
  [[nodiscard]] std::byte* row(std::int64_t i) { return memory_.data() + i * stride_ + radius * sample_; }

  /// Puts what stands at image row `at`, which may be outside, in place i.
  void make(std::int64_t at, std::int64_t i) {
    const std::int64_t inside = border_index(at, source_.rows, border_);
    if (inside < 0) {
      std::memset(row(i) - radius * sample_, 0, static_cast<std::size_t>(stride_));
    } else {
      make_inside(inside, 1, i);
    }
  }

  void make_inside(std::int64_t at, std::int64_t count, std::int64_t i) {
    ConstPixels pixels = source_;
    pixels.data += at * source_.row_bytes;
    pixels.rows = count;
    backend_.gray(pixels, weights_, {row(i), stride_, source_.width, count, source_.type});
    for (std::int64_t k = i; k < i + count; ++k) {
      fill_row_margins(row(k), source_.width, radius, sample_, border_);
    }
  }

  const Backend& backend_;
  const ConstPixels& source_;
  Gray weights_;
  Border border_;
  std::int64_t sample_;
  std::int64_t stride_;
  std::int64_t rows_;
  std::vector<std::byte> memory_;
  std::vector<const std::byte*> pointers_;
};

}  // namespace

void edge_map(const Backend& backend, const ConstPixels& source, Gray weights, const EdgeFilter& filter, Border border,
              const Plane& out) {
  GrayBlock block(backend, source, weights, border);
  for (std::int64_t first = 0; first < out.rows; first += block.rows()) {
    Plane part = out;
    part.data += first * out.row_bytes;
    part.rows = std::min(block.rows(), out.rows - first);
    block.load(first, part.rows);
    backend.edges(filter, block.pointers(), 0, part);
  }
}

}  // namespace haloedge::kernels
