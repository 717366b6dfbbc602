#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

#include "run/trace.hpp"

namespace haloedge {

/// Lends a limited amount of memory to threads. A thread that asks for more than is left waits. Threads are served in
/// the order in which they ask, so that small requests never delay a large one for ever.
class MemoryGate {
 public:
  /// Memory that was lent. The destructor gives it back.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), bytes_(other.bytes_) {}
    Lease& operator=(Lease&& other) noexcept {
      std::swap(gate_, other.gate_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { shrink_to(0); }

    [[nodiscard]] std::int64_t bytes() const { return gate_ == nullptr ? 0 : bytes_; }
    /// Gives back all but `bytes`.
    void shrink_to(std::int64_t bytes) {
      if (gate_ == nullptr || bytes >= bytes_) return;
      gate_->give_back(bytes_ - bytes);
      bytes_ = bytes;
    }

   private:
    friend class MemoryGate;
    Lease(MemoryGate& gate, std::int64_t bytes) : gate_(&gate), bytes_(bytes) {}
    MemoryGate* gate_ = nullptr;
    std::int64_t bytes_ = 0;
  };

  /// Records the waits for memory in `trace`, unless it is null.
  explicit MemoryGate(std::int64_t limit, Trace* trace = nullptr) : limit_(limit), trace_(trace), left_(limit) {}

  [[nodiscard]] std::int64_t limit() const { return limit_; }

  /// Waits until this much memory is left, or all of it if `bytes` is more than that, and lends it.
  [[nodiscard]] Lease borrow(std::int64_t bytes) {
    const Trace::Scope waiting(trace_, Phase::wait_for_memory);
    bytes = std::clamp<std::int64_t>(bytes, 0, limit_);
    std::unique_lock lock(guard_);
    const std::uint64_t ticket = next_ticket_++;
    changed_.wait(lock, [&] { return served_ == ticket && left_ >= bytes; });
    ++served_;
    left_ -= bytes;
    changed_.notify_all();  // there may be enough left for the next thread
    return {*this, bytes};
  }

 private:
  void give_back(std::int64_t bytes) {
    const std::lock_guard lock(guard_);
    left_ += bytes;
    changed_.notify_all();
  }

  std::int64_t limit_;
  Trace* trace_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::int64_t left_;
  std::uint64_t next_ticket_ = 0;
  std::uint64_t served_ = 0;
};

}  // namespace haloedge
