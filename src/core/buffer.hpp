#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>

namespace haloedge {

/// Owning, uninitialised memory, aligned to 64 bytes, in huge pages if the system has them. New pages are slow, so
/// buffers should be allocated once and reused. Move-only; empty after it was moved from. Throws std::bad_alloc.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::int64_t bytes);

  [[nodiscard]] std::byte* data() const { return memory_.get(); }
  [[nodiscard]] std::int64_t size() const { return memory_ == nullptr ? 0 : size_; }
  [[nodiscard]] std::span<std::byte> span() const { return {data(), static_cast<std::size_t>(size())}; }

 private:
  struct Free {
    std::align_val_t alignment;
    void operator()(std::byte* memory) const;
  };
  std::int64_t size_ = 0;  ///< valid while there is memory
  std::unique_ptr<std::byte[], Free> memory_;
};

}  // namespace haloedge
