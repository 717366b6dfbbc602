#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

// Queues between the threads of a stream, over a fixed number of slots that are allocated once and reused. A slot
// belongs to the thread that took it, until that thread gives it back.

namespace haloedge {

/// Makes `count` slots, each from the same arguments.
template <class Slot, class... Args>
[[nodiscard]] std::vector<Slot> make_slots(std::int64_t count, const Args&... args) {
  std::vector<Slot> slots;
  slots.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) slots.emplace_back(args...);
  return slots;
}

/// Two queues over the same slots: full slots go from producers to consumers, free slots go back. Producers can run no
/// further ahead than there are slots.
template <class Slot>
class QueuePair {
 public:
  /// At first, all slots are free.
  explicit QueuePair(std::vector<Slot> slots) : slots_(std::move(slots)), full_(slots_.size()) {
    free_.reserve(slots_.size());
    for (Slot& slot : slots_) free_.push_back(&slot);
  }
  QueuePair(const QueuePair&) = delete;
  QueuePair& operator=(const QueuePair&) = delete;
  ~QueuePair() = default;

  // Producers call these functions.

  /// Waits for a free slot. Returns null once the pair was abandoned.
  [[nodiscard]] Slot* take_free() {
    std::unique_lock lock(guard_);
    freed_.wait(lock, [&] { return abandoned_ || !free_.empty(); });
    return abandoned_ ? nullptr : pop_free();
  }

  /// Takes a free slot, or else the slot that has been full for longest, whose content is lost. Does not wait:
  /// returns null if other threads have all slots, or the pair was abandoned.
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

  /// Announces that there will be no more full slots. Consumers still get those that are left.
  void close() {
    const std::lock_guard lock(guard_);
    closed_ = true;
    filled_.notify_all();
  }

  // Consumers call these functions.

  /// Waits for the oldest full slot. Returns null if none is left and the pair was closed, or the pair was abandoned.
  [[nodiscard]] Slot* take_full() {
    std::unique_lock lock(guard_);
    return wait_for_full(lock) ? pop_full() : nullptr;
  }

  /// Waits for the newest full slot, and frees all other full slots. Returns null if take_full() would.
  [[nodiscard]] Slot* take_newest() {
    std::unique_lock lock(guard_);
    if (!wait_for_full(lock)) return nullptr;
    while (count_ > 1) {
      free_.push_back(pop_full());
      freed_.notify_one();
    }
    return pop_full();
  }

  /// Takes the oldest full slot. Does not wait: returns null if no slot is full, or the pair was abandoned.
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

  // Any thread may call this function.

  /// Ends all waits. From now on nobody gets a slot.
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

/// A ring of slots that one thread fills, any number of threads work on, and one thread takes in the order in which
/// they were filled.
template <class Slot>
class OrderedRing {
 public:
  explicit OrderedRing(std::vector<Slot> slots) : slots_(std::move(slots)), worked_on_(slots_.size()) {}
  OrderedRing(const OrderedRing&) = delete;
  OrderedRing& operator=(const OrderedRing&) = delete;
  ~OrderedRing() = default;

  /// Waits for an empty slot. Returns null once the ring was abandoned.
  [[nodiscard]] Slot* begin_fill() {
    return wait(
        room_, [&] { return filled_ - taken_ < count(); }, [&] { return &at(filled_); });
  }
  void end_fill() {
    const std::lock_guard lock(guard_);
    worked_on_[place(filled_)] = 0;
    ++filled_;
    filled_more_.notify_one();
  }
  /// Announces that no more slots will be filled. The other threads still get those that are left.
  void close() {
    const std::lock_guard lock(guard_);
    closed_ = true;
    filled_more_.notify_all();
    worked_more_.notify_all();
  }

  /// Waits for the next filled slot. Returns null if there will be none, or the ring was abandoned.
  [[nodiscard]] Slot* begin_work() {
    return wait(
        filled_more_, [&] { return begun_ < filled_ || closed_; },
        [&]() -> Slot* { return begun_ < filled_ ? &at(begun_++) : nullptr; });
  }
  void end_work(const Slot* slot) {
    const std::lock_guard lock(guard_);
    worked_on_[static_cast<std::size_t>(slot - slots_.data())] = 1;
    worked_more_.notify_one();
  }

  /// Waits until the work on the oldest slot is done. Returns null if there will be none, or the ring was abandoned.
  [[nodiscard]] Slot* begin_take() {
    return wait(
        worked_more_, [&] { return taken_ < filled_ ? worked_on_[place(taken_)] != 0 : closed_; },
        [&]() -> Slot* { return taken_ < filled_ ? &at(taken_) : nullptr; });
  }
  void end_take() {
    const std::lock_guard lock(guard_);
    ++taken_;
    room_.notify_one();
  }

  /// Ends all waits. From now on nobody gets a slot.
  void abandon() {
    const std::lock_guard lock(guard_);
    abandoned_ = true;
    room_.notify_all();
    filled_more_.notify_all();
    worked_more_.notify_all();
  }

 private:
  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(slots_.size()); }
  [[nodiscard]] std::size_t place(std::int64_t number) const { return static_cast<std::size_t>(number % count()); }
  [[nodiscard]] Slot& at(std::int64_t number) { return slots_[place(number)]; }

  template <class Ready, class Get>
  [[nodiscard]] Slot* wait(std::condition_variable& change, Ready ready, Get get) {
    std::unique_lock lock(guard_);
    change.wait(lock, [&] { return abandoned_ || ready(); });
    return abandoned_ ? nullptr : get();
  }

  std::vector<Slot> slots_;
  std::mutex guard_;
  std::condition_variable room_;
  std::condition_variable filled_more_;
  std::condition_variable worked_more_;
  // The numbers of slots that have been filled, that work has begun on, and that have been taken, since the beginning.
  std::int64_t filled_ = 0;
  std::int64_t begun_ = 0;
  std::int64_t taken_ = 0;
  std::vector<char> worked_on_;  ///< for each slot, 1 if the work on it is done
  bool closed_ = false;
  bool abandoned_ = false;
};

}  // namespace haloedge
