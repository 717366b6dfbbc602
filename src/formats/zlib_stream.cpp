#include "formats/zlib_stream.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>
#include <isa-l.h>

#include "core/error.hpp"

namespace haloedge {

struct ZlibStream::State {
  isal_zstream stream;
  std::array<std::uint8_t, ISAL_DEF_LVL3_DEFAULT> level_buffer;
  std::array<std::uint8_t, std::size_t{64} << 10> output;
};

ZlibStream::ZlibStream() : state_(std::make_unique<State>()) {
  isal_zstream& stream = state_->stream;
  isal_deflate_init(&stream);
  // isal_deflate_init() does not set the input.
  stream.next_in = nullptr;
  stream.avail_in = 0;
  // Level 0 has no Huffman codes of its own. Level 1 is 12 % faster than 3, but not deterministic in ISA-L 2.30: on a
  // busy machine, one of some 20,000 images was compressed with a match that was not used another time.
  stream.level = 3;
  stream.level_buf = state_->level_buffer.data();
  stream.level_buf_size = static_cast<std::uint32_t>(state_->level_buffer.size());
  stream.gzip_flag = IGZIP_ZLIB;
  stream.flush = NO_FLUSH;
}

ZlibStream::~ZlibStream() = default;

void ZlibStream::add(std::span<const std::byte> bytes, std::vector<std::byte>& out) {
  isal_zstream& stream = state_->stream;
  constexpr std::size_t largest_piece = std::size_t{1} << 30;  // ISA-L counts bytes with 32 bits
  while (!bytes.empty()) {
    const auto piece = bytes.first(std::min(bytes.size(), largest_piece));
    bytes = bytes.subspan(piece.size());
    // ISA-L does not change its input, but takes a pointer to non-const bytes.
    stream.next_in = const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(piece.data()));
    stream.avail_in = static_cast<std::uint32_t>(piece.size());
    deflate(out);
  }
}

void ZlibStream::finish(std::vector<std::byte>& out) {
  state_->stream.end_of_stream = 1;
  deflate(out);
}

void ZlibStream::deflate(std::vector<std::byte>& out) {
  isal_zstream& stream = state_->stream;
  do {
    stream.next_out = state_->output.data();
    stream.avail_out = static_cast<std::uint32_t>(state_->output.size());
    const int result = isal_deflate(&stream);
    if (result != COMP_OK) throw Error(fmt::format("ISA-L cannot compress: error {}", result));
    const auto made = std::as_bytes(std::span(state_->output)).first(state_->output.size() - stream.avail_out);
    out.insert(out.end(), made.begin(), made.end());
  } while (stream.avail_out == 0 || stream.avail_in > 0);
}

std::string isal_version() {
  return fmt::format("{}.{}.{}", ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION, ISAL_PATCH_VERSION);
}

}  // namespace haloedge
