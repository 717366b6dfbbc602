#include "support/whole_image.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "kernels/backend.hpp"

namespace haloedge {

namespace {

using namespace kernels;

/// The 3 x 3 neighbourhood of (row, column), as three short rows.
struct Patch {
  std::byte samples[3][3 * sizeof(double)];
};

Patch patch_at(const std::vector<std::byte>& gray, const ConstPixels& image, Border border, std::uint16_t zero,
               std::int64_t row, std::int64_t column) {
  Patch patch{};
  const std::int64_t bytes = sample_bytes(image.type);
  for (std::int64_t y = 0; y < 3; ++y) {
    for (std::int64_t x = 0; x < 3; ++x) {
      const std::int64_t from_row = border_index(row + y - 1, image.rows, border);
      const std::int64_t from_column = border_index(column + x - 1, image.width, border);
      if (from_row < 0 || from_column < 0) {
        std::memcpy(patch.samples[y] + x * bytes, &zero, static_cast<std::size_t>(std::min<std::int64_t>(bytes, 2)));
        continue;
      }
      std::memcpy(patch.samples[y] + x * bytes, gray.data() + (from_row * image.width + from_column) * bytes,
                  static_cast<std::size_t>(bytes));
    }
  }
  return patch;
}

}  // namespace

std::vector<std::byte> whole_image_edges(const ConstPixels& source, Gray gray, Border border,
                                         const EdgeFilter& filter) {
  const auto reference = make_backend(HostBackend::reference);
  const std::int64_t bytes = sample_bytes(source.type);
  std::vector<std::byte> gray_image(static_cast<std::size_t>(source.width * source.rows * bytes));
  reference->gray(source, gray, {gray_image.data(), source.width * bytes, source.width, source.rows, source.type});

  const std::int64_t out_bytes = sample_bytes(filter.out_type);
  std::vector<std::byte> out(static_cast<std::size_t>(source.width * source.rows * out_bytes));
  for (std::int64_t row = 0; row < source.rows; ++row) {
    for (std::int64_t column = 0; column < source.width; ++column) {
      const Patch patch = patch_at(gray_image, source, border, filter.gray_zero, row, column);
      const std::byte* rows[3] = {patch.samples[0], patch.samples[1], patch.samples[2]};
      std::byte* to = out.data() + (row * source.width + column) * out_bytes;
      reference->edges(filter, rows, 1, {to, out_bytes, 1, 1, filter.out_type});
    }
  }
  return out;
}

}  // namespace haloedge
