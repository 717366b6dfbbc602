#include "noise.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>

#include "kernels/backend.hpp"
#include "kernels/bordered_plane.hpp"
#include "kernels/edge_map.hpp"

namespace haloedge::kernels {

Noise::Noise(std::int64_t width, std::int64_t rows, SampleType type, int channels)
    : memory_(static_cast<std::size_t>(width * rows * channels * sample_bytes(type))),
      image_{memory_.data(), width * channels * sample_bytes(type), width, rows, type, channels} {
  std::mt19937 random(1);
  const auto samples = static_cast<std::size_t>(width * rows * channels);
  for (std::size_t i = 0; i < samples; ++i) {
    const float level = static_cast<float>(random() >> 8) * 0x1p-26F * static_cast<float>(full_scale(type));
    const auto whole = static_cast<std::uint32_t>(level);
    const std::uint32_t bits = type == SampleType::f32 ? std::bit_cast<std::uint32_t>(level) : whole;
    const std::size_t bytes = std::min(sizeof bits, static_cast<std::size_t>(sample_bytes(type)));
    std::memcpy(memory_.data() + i * bytes, &bits, bytes);
  }
}

void Noise::put_row(std::int64_t i, std::byte* row, std::int64_t radius, bool for_canny) const {
  const std::int64_t from = border_index(i, image_.rows, Border::wrap);
  std::memcpy(row, image_.data + from * image_.row_bytes, static_cast<std::size_t>(image_.row_bytes));
  fill_row_margins(row, image_.width, radius,
                   {for_canny ? Border::nearest : Border::wrap, image_.type, image_.channels});
}

std::vector<std::byte> Noise::edges(const EdgeFilter& filter) const {
  const std::int64_t out_row_bytes = image_.width * sample_bytes(filter.out_type);
  std::vector<std::byte> out(static_cast<std::size_t>(out_row_bytes * image_.rows));
  edge_map(*make_backend(HostBackend::reference), image_, Gray::bt601, filter, Border::wrap,
           {out.data(), out_row_bytes, image_.width, image_.rows, filter.out_type});
  return out;
}

std::vector<std::byte> Noise::classes(const CannyFilter& filter) const {
  const auto reference = make_backend(HostBackend::reference);
  BorderedPlane gray(image_.width, image_.rows, SampleType::u8, canny_radius);
  reference->gray(image_, Gray::bt601, gray.plane());
  gray.fill_border(Border::nearest);
  std::vector<const std::byte*> rows;
  for (std::int64_t i = -canny_radius; i < image_.rows + canny_radius; ++i) {
    rows.push_back(*gray.rows(0, border_index(i, image_.rows, Border::wrap)));
  }
  std::vector<std::byte> out(static_cast<std::size_t>(image_.width * image_.rows));
  reference->candidates(filter, rows.data(), 0, {.left = true, .right = true},
                        {out.data(), image_.width, image_.width, image_.rows, SampleType::u8});
  return out;
}

}  // namespace haloedge::kernels
