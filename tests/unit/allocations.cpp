#include "allocations.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

std::atomic<std::int64_t> count{0};
std::atomic<std::int64_t> held{0};
std::atomic<std::int64_t> max_held{0};

/// Returns the size of the head before the memory that is given out. The head is large enough for the alignment, and
/// the memory's size lies at its end.
std::size_t head_bytes(std::size_t alignment) {
  return std::max<std::size_t>(alignment, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}

void* take(std::size_t size, std::size_t alignment) {
  const std::size_t head = head_bytes(alignment);
  // aligned_alloc() takes only whole multiples of the alignment.
  auto* const memory = static_cast<char*>(std::aligned_alloc(head, (head + size + head - 1) / head * head));
  if (memory == nullptr) throw std::bad_alloc();
  std::memcpy(memory + head - sizeof size, &size, sizeof size);
  ++count;
  const std::int64_t now = held += static_cast<std::int64_t>(size);
  for (std::int64_t most = max_held; most < now && !max_held.compare_exchange_weak(most, now);) {
  }
  return memory + head;
}

void give_back(void* given, std::size_t alignment) {
  if (given == nullptr) return;
  std::size_t size = 0;
  std::memcpy(&size, static_cast<char*>(given) - sizeof size, sizeof size);
  held -= static_cast<std::int64_t>(size);
  std::free(static_cast<char*>(given) - head_bytes(alignment));
}

}  // namespace

namespace haloedge {

std::int64_t allocations() { return count; }

std::int64_t held_bytes() { return held; }

std::int64_t max_held_bytes() { return max_held; }

void forget_most_held_bytes() { max_held = held.load(); }

}  // namespace haloedge

// By default, all other forms of operator new call these.
void* operator new(std::size_t size) { return take(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return take(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* bytes) noexcept { give_back(bytes, 1); }
void operator delete(void* bytes, std::size_t) noexcept { give_back(bytes, 1); }
void operator delete(void* bytes, std::align_val_t alignment) noexcept {
  give_back(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* bytes, std::size_t, std::align_val_t alignment) noexcept {
  give_back(bytes, static_cast<std::size_t>(alignment));
}
