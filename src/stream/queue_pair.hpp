#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace haloedge {

/// Two queues between threads, over a fixed number of slots: full ones go from producers to consumers, and free ones
/// back. So nothing is allocated on the way, and producers can run no further ahead than there are slots. What is taken
/// belongs to the thread that took it, until it is given.
template <class Slot>
class QueuePair {
 public:
  /// All slots are free.
  explicit QueuePair(std::vector<Slot> slots) : slots_(std::move(slots)), full_(slots_.size()) {
    free_.reserve(slots_.size());
    for (Slot& slot : slots_) free_.push_back(&slot);
  }
  QueuePair(const QueuePair&) = delete;
  QueuePair& operator=(const QueuePair&) = delete;
  ~QueuePair() = default;

  // For producers.

  /// Waits for a free slot; null once the pair was abandoned.
  [[nodiscard]] Slot* take_free() {
    std::unique_lock lock(guard_);
    freed_.wait(lock, [&] { return abandoned_ || !free_.empty(); });
    return abandoned_ ? nullptr : pop_free();
  }

  /// Does not wait: if no slot is free, what has been full for longest is lost. Null if the others have all slots, or
  /// the pair was abandoned.
  [[nodiscard]] Slot* take_free_or_oldest() {
    const std::lock_guard lock(guard_);
    if (abandoned_) return nullptr;
    if (!free_.empty()) return pop_free();
    return count_ > 0 ? pop_full() : nullptr;
  }

  void give_full(Slot* slot) {
    {
      const std::lock_guard lock(guard_);
      full_[(first_ + count_) % full_.size()] = slot;
      ++count_;
    }
    filled_.notify_one();
  }

  /// No more full slots will come: consumers get those that are left.
  void close() {
    const std::lock_guard lock(guard_);
    closed_ = true;
    filled_.notify_all();
  }

  // For consumers.

  /// Waits for the oldest full slot; null once there are none left and the pair was closed, or it was abandoned.
  [[nodiscard]] Slot* take_full() {
    std::unique_lock lock(guard_);
    return wait_for_full(lock) ? pop_full() : nullptr;
  }

  /// Waits for the newest one, and frees all others that are full; null as take_full().
  [[nodiscard]] Slot* take_newest() {
    std::unique_lock lock(guard_);
    if (!wait_for_full(lock)) return nullptr;
    while (count_ > 1) {
      free_.push_back(pop_full());
      freed_.notify_one();
    }
    return pop_full();
  }

  /// Does not wait: null if no slot is full.
  [[nodiscard]] Slot* try_take_full() {
    const std::lock_guard lock(guard_);
    return abandoned_ || count_ == 0 ? nullptr : pop_full();
  }

  void give_free(Slot* slot) {
    {
      const std::lock_guard lock(guard_);
      free_.push_back(slot);
    }
    freed_.notify_one();
  }

  // For all.

  /// Ends all waits; nobody gets anything any more.
  void abandon() {
    const std::lock_guard lock(guard_);
    abandoned_ = true;
    filled_.notify_all();
    freed_.notify_all();
  }

 private:
  [[nodiscard]] bool wait_for_full(std::unique_lock<std::mutex>& lock) {
    filled_.wait(lock, [&] { return abandoned_ || closed_ || count_ > 0; });
    return !abandoned_ && count_ > 0;
  }

  [[nodiscard]] Slot* pop_free() {
    Slot* const slot = free_.back();
    free_.pop_back();
    return slot;
  }

  [[nodiscard]] Slot* pop_full() {
    Slot* const slot = full_[first_];
    first_ = (first_ + 1) % full_.size();
    --count_;
    return slot;
  }

  std::vector<Slot> slots_;
  std::mutex guard_;
  std::condition_variable freed_;
  std::condition_variable filled_;
  std::vector<Slot*> free_;
  std::vector<Slot*> full_;  ///< a ring: count_ of them from first_ on
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  bool closed_ = false;
  bool abandoned_ = false;
};

}  // namespace haloedge
