#include "formats/jpeg_input.hpp"

#include <algorithm>
#include <utility>

#include <jerror.h>

namespace haloedge {

namespace {

constexpr std::int64_t largest_piece = std::int64_t{256} << 10;
/// The fast decoder wants 512 bytes of the piece for each of an MCU's blocks, of which there are ten at most.
constexpr std::int64_t padding = 6 << 10;

}  // namespace

JpegInput::JpegInput(File file)
    : file_(std::move(file)), size_(file_.size()), memory_(std::min(size_, largest_piece) + padding) {
  manager_.input = this;
  manager_.init_source = begin;
  manager_.fill_input_buffer = fill;
  manager_.skip_input_data = skip;
  manager_.resync_to_restart = jpeg_resync_to_restart;
  manager_.term_source = end;
}

void JpegInput::attach(jpeg_decompress_struct& decoder) { decoder.src = &manager_; }

bool JpegInput::passed_end() const {
  const auto* file_end = reinterpret_cast<const JOCTET*>(memory_.data() + piece_);
  return passed_end_ || (next_ == size_ && manager_.next_input_byte > file_end);
}

bool JpegInput::next_piece() {
  passed_end_ = next_ == size_;
  piece_ = std::min(size_ - next_, largest_piece);
  try {
    file_.read_at(next_, memory_.span().first(static_cast<std::size_t>(piece_)));
  } catch (...) {
    error_ = std::current_exception();
    return false;
  }
  next_ += piece_;
  std::int64_t given = piece_;
  if (next_ == size_) {
    for (; given + 2 <= memory_.size(); given += 2) {
      memory_.data()[given] = std::byte{0xFF};
      memory_.data()[given + 1] = std::byte{JPEG_EOI};
    }
  }
  manager_.next_input_byte = reinterpret_cast<const JOCTET*>(memory_.data());
  manager_.bytes_in_buffer = static_cast<std::size_t>(given);
  return true;
}

boolean JpegInput::fill(j_decompress_ptr decoder) {
  JpegInput& input = of(decoder);
  if (!input.next_piece()) ERREXIT(decoder, JERR_FILE_READ);
  return TRUE;
}

void JpegInput::skip(j_decompress_ptr decoder, long count) {
  JpegInput& input = of(decoder);
  const auto here = static_cast<long>(input.manager_.bytes_in_buffer);
  if (count <= here) {
    input.manager_.next_input_byte += count;
    input.manager_.bytes_in_buffer -= static_cast<std::size_t>(count);
    return;
  }
  input.next_ = std::min(input.size_, input.next_ + count - here);
  if (!input.next_piece()) ERREXIT(decoder, JERR_FILE_READ);
}

}  // namespace haloedge
