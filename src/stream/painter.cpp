#include "stream/painter.hpp"

#include <cstring>

#include "stream/overlay.hpp"
#include "stream/samples.hpp"

namespace haloedge {

namespace {

void copy(std::byte* to, const std::byte* from, std::int64_t bytes) {
  std::memcpy(to, from, static_cast<std::size_t>(bytes));
}

/// `edges` may be null: black.
void copy_edges(std::byte* to, const std::byte* edges, std::int64_t bytes) {
  if (edges == nullptr) {
    std::memset(to, 0, static_cast<std::size_t>(bytes));
  } else {
    copy(to, edges, bytes);
  }
}

}  // namespace

Painter::Painter(const FrameFormat& frame, Show show, Color color, bool full_range)
    : frame_(frame), out_(frame), show_(show), color_(to_ycbcr(color, frame.bits, full_range)) {
  if (show == Show::side) out_.width *= 2;
}

void Painter::paint(const std::byte* frame, const std::byte* edges, std::byte* out) const {
  switch (show_) {
    case Show::overlay:
      if (edges == nullptr) return copy(out, frame, frame_.frame_bytes());
      return overlay_edges(frame_, color_, frame, edges, out);
    case Show::edges:
      return paint_edges(edges, out);
    case Show::side:
      return paint_side(frame, edges, out);
  }
}

void Painter::paint_edges(const std::byte* edges, std::byte* out) const {
  copy_edges(out, edges, frame_.luma_bytes());
  fill_samples(out + frame_.luma_bytes(), 2 * frame_.chroma_width() * frame_.chroma_height(), frame_.sample_bytes(),
               neutral_chroma(frame_.bits));
}

void Painter::paint_side(const std::byte* frame, const std::byte* edges, std::byte* out) const {
  const std::int64_t sample = frame_.sample_bytes();
  const std::int64_t luma_row = frame_.width * sample;
  for (std::int64_t y = 0; y < frame_.height; ++y, frame += luma_row, out += 2 * luma_row) {
    copy(out, frame, luma_row);
    copy_edges(out + luma_row, edges == nullptr ? nullptr : edges + y * luma_row, luma_row);
  }
  // One plane of chroma lies behind the other. Where the width is odd, the edges may have a column less than the frame.
  const std::int64_t chroma_row = frame_.chroma_width() * sample;
  const std::int64_t columns_beside = out_.chroma_width() - frame_.chroma_width();
  for (std::int64_t y = 0; y < 2 * frame_.chroma_height(); ++y) {
    copy(out, frame, chroma_row);
    fill_samples(out + chroma_row, columns_beside, sample, neutral_chroma(frame_.bits));
    frame += chroma_row;
    out += chroma_row + columns_beside * sample;
  }
}

}  // namespace haloedge
