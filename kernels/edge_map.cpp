#include "kernels/edge_map.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace haloedge::kernels {

namespace {

constexpr std::int64_t radius = stencil_radius;
constexpr std::int64_t min_rows = 4;

/// The bytes of the gray rows of a block. They stay in a second-level cache, with the rows above and below the block.
constexpr std::int64_t block_bytes = std::int64_t{256} << 10;

std::int64_t stride_of(std::int64_t width, SampleType type) { return (width + 2 * radius) * sample_bytes(type); }

std::int64_t rows_of_block(std::int64_t stride, std::int64_t rows) {
  return std::min(std::max(block_bytes / stride, min_rows), rows);
}

}  // namespace

EdgeMapper::EdgeMapper(const Backend& backend, std::int64_t width, std::int64_t rows, Gray weights,
                       const EdgeFilter& filter, Border border)
    : backend_(backend),
      weights_(weights),
      filter_(filter),
      fill_{border, filter.gray_type, 1, filter.gray_zero},
      sample_(sample_bytes(filter.gray_type)),
      stride_(stride_of(width, filter.gray_type)),
      block_rows_(rows_of_block(stride_, rows)),
      memory_(static_cast<std::size_t>((block_rows_ + 2 * radius) * stride_)) {
  pointers_.reserve(static_cast<std::size_t>(block_rows_ + 2 * radius));
  for (std::int64_t i = 0; i < block_rows_ + 2 * radius; ++i) pointers_.push_back(row(i));
}

void EdgeMapper::map(const ConstPixels& source, const Plane& out) {
  for (std::int64_t first = 0; first < out.rows; first += block_rows_) {
    Plane part = out;
    part.data += first * out.row_bytes;
    part.rows = std::min(block_rows_, out.rows - first);
    load(source, first, part.rows);
    backend_.edges(filter_, pointers_.data(), 0, part);
  }
}

std::int64_t EdgeMapper::memory_bytes(std::int64_t width, std::int64_t rows, SampleType type) {
  const std::int64_t stride = stride_of(width, type);
  constexpr auto pointer = static_cast<std::int64_t>(sizeof(const std::byte*));
  return (rows_of_block(stride, rows) + 2 * radius) * (stride + pointer);
}

/// Makes the gray rows of the block that begins at row `first`, which is 0 or the end of the block before.
void EdgeMapper::load(const ConstPixels& source, std::int64_t first, std::int64_t rows) {
  constexpr std::int64_t shared = 2 * radius;
  if (first == 0) {
    make(source, -1, 0);
    make(source, 0, 1);
  } else {
    std::memcpy(memory_.data(), memory_.data() + block_rows_ * stride_, static_cast<std::size_t>(shared * stride_));
  }
  const std::int64_t inside = std::min(first + rows, source.rows - 1) - first;
  if (inside > 0) make_inside(source, first + 1, inside, shared);
  if (first + rows == source.rows) make(source, source.rows, rows + 1);
}

/// Makes image row `at`, which may lie outside the image, in row i of the block.
void EdgeMapper::make(const ConstPixels& source, std::int64_t at, std::int64_t i) {
  const std::int64_t inside = border_index(at, source.rows, fill_.border);
  if (inside < 0) {
    fill_constant(row(i) - radius * sample_, source.width + 2 * radius, fill_);
  } else {
    make_inside(source, inside, 1, i);
  }
}

void EdgeMapper::make_inside(const ConstPixels& source, std::int64_t at, std::int64_t count, std::int64_t i) {
  ConstPixels pixels = source;
  pixels.data += at * source.row_bytes;
  pixels.rows = count;
  backend_.gray(pixels, weights_, {row(i), stride_, source.width, count, source.type});
  for (std::int64_t k = i; k < i + count; ++k) fill_row_margins(row(k), source.width, radius, fill_);
}

/// Column 0 of row i of the block.
std::byte* EdgeMapper::row(std::int64_t i) { return memory_.data() + i * stride_ + radius * sample_; }

void edge_map(const Backend& backend, const ConstPixels& source, Gray weights, const EdgeFilter& filter, Border border,
              const Plane& out) {
  EdgeMapper(backend, source.width, source.rows, weights, filter, border).map(source, out);
}

CannyGray::CannyGray(const Backend& backend, std::int64_t width, std::int64_t rows, Gray weights, GaussianWeights blur)
    : backend_(backend), weights_(weights), blur_(std::move(blur)), gray_(width, rows, SampleType::u8, canny_radius) {
  if (blur_.radius() > 0) sharp_.emplace(width, rows, SampleType::u8, blur_.radius());
}

const BorderedPlane& CannyGray::make(const ConstPixels& source) {
  if (sharp_) {
    backend_.gray(source, weights_, sharp_->plane());
    sharp_->fill_border(Border::mirror);
    backend_.blur(blur_, sharp_->rows(blur_.radius()), 0, gray_.plane());
  } else {
    backend_.gray(source, weights_, gray_.plane());
  }
  gray_.fill_border(Border::nearest);
  return gray_;
}

BorderedPlane canny_gray(const Backend& backend, const ConstPixels& source, Gray weights, const GaussianWeights& blur) {
  CannyGray gray(backend, source.width, source.rows, weights, blur);
  (void)gray.make(source);
  return std::move(gray).release();
}

void canny_map(const Backend& backend, const BorderedPlane& gray, const CannyFilter& filter,
               ImageHysteresis& hysteresis, const Plane& out, const NodataMask* mask) {
  backend.candidates(filter, gray.rows(canny_radius), 0, {true, true, true, true}, out);
  if (mask != nullptr) mask->put(0, out);
  hysteresis.apply({out.data, out.row_bytes, out.width, out.rows, out.type, 1}, out);
}

void canny_map(const Backend& backend, const BorderedPlane& gray, const CannyFilter& filter, const Plane& out,
               const NodataMask* mask) {
  ImageHysteresis hysteresis(out.width, out.rows);
  canny_map(backend, gray, filter, hysteresis, out, mask);
}

}  // namespace haloedge::kernels
