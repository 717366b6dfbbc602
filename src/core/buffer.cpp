#include "core/buffer.hpp"

#include <new>

#include <sys/mman.h>

namespace haloedge {

namespace {

constexpr std::align_val_t cache_line{64};
constexpr std::align_val_t huge_page{std::size_t{2} << 20};

}  // namespace

Buffer::Buffer(std::int64_t bytes) : size_(bytes) {
  const auto length = static_cast<std::size_t>(bytes);
  const bool large = length >= 2 * static_cast<std::size_t>(huge_page);
  memory_ = {static_cast<std::byte*>(::operator new(length, large ? huge_page : cache_line)),
             Free{large ? huge_page : cache_line}};
  if (large) {
    // This is only advice: without huge pages the memory has small ones.
    (void)::madvise(memory_.get(), length & ~(static_cast<std::size_t>(huge_page) - 1), MADV_HUGEPAGE);
  }
}

void Buffer::Free::operator()(std::byte* memory) const { ::operator delete(memory, alignment); }

}  // namespace haloedge
