#include "sets/memory_gate.hpp"

#include <algorithm>

namespace haloedge {

void MemoryGate::Lease::shrink_to(std::int64_t bytes) {
  if (gate_ == nullptr || bytes >= bytes_) return;
  gate_->give_back(bytes_ - bytes);
  bytes_ = bytes;
}

MemoryGate::Lease MemoryGate::borrow(std::int64_t bytes) {
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

void MemoryGate::give_back(std::int64_t bytes) {
  const std::lock_guard lock(guard_);
  left_ += bytes;
  changed_.notify_all();
}

}  // namespace haloedge
