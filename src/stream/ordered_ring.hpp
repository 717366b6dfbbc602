#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace haloedge {

/// A ring of slots that one thread fills, any number of threads work on, and one thread takes in the order in which
/// they were filled. Each may go on as far as the others let it: nothing is allocated on the way. A slot belongs to the
/// thread that got it, until it says that it is done.
template <class Slot>
class OrderedRing {
 public:
  explicit OrderedRing(std::vector<Slot> slots) : slots_(std::move(slots)), worked_on_(slots_.size()) {}
  OrderedRing(const OrderedRing&) = delete;
  OrderedRing& operator=(const OrderedRing&) = delete;
  ~OrderedRing() = default;

  /// Waits for a slot to fill; null once the ring was abandoned.
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
  /// Nothing more will be filled: the others get what is left.
  void close() {
    const std::lock_guard lock(guard_);
    closed_ = true;
    filled_more_.notify_all();
    worked_more_.notify_all();
  }

  /// Waits for the next filled slot; null if there will be none, or the ring was abandoned.
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

  /// Waits for the oldest slot to be worked on; null if there will be none, or the ring was abandoned.
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

  /// Ends all waits; nobody gets anything any more.
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
  // Slots, counted from the beginning, that have been filled, begun to work on, and taken.
  std::int64_t filled_ = 0;
  std::int64_t begun_ = 0;
  std::int64_t taken_ = 0;
  std::vector<char> worked_on_;  ///< by place
  bool closed_ = false;
  bool abandoned_ = false;
};

}  // namespace haloedge
