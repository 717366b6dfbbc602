#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace haloedge {

/// A first-in first-out queue between threads that holds at most `capacity` items: a full queue makes its producers
/// wait until it is half empty (waking them for each item would cost more than small items do), an empty one its
/// consumers.
template <class Item>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// Waits for room. False, and the item is dropped, if the queue was closed or has failed.
  [[nodiscard]] bool push(Item item) {
    std::unique_lock lock(guard_);
    room_.wait(lock, [&] { return closed_ || items_.size() < capacity_; });
    if (closed_) return false;
    items_.push_back(std::move(item));
    arrived_.notify_one();
    return true;
  }

  /// Waits for an item. Nothing once the queue is closed and empty. Throws the error given to fail(), before any item
  /// that is still there.
  [[nodiscard]] std::optional<Item> pop() {
    std::unique_lock lock(guard_);
    arrived_.wait(lock, [&] { return closed_ || !items_.empty(); });
    if (error_) std::rethrow_exception(error_);
    if (items_.empty()) return std::nullopt;
    std::optional<Item> item(std::move(items_.front()));
    items_.pop_front();
    if (items_.size() <= capacity_ / 2) room_.notify_all();
    return item;
  }

  /// Waits for an item, then until the queue is full or closed or `time` is over, and takes all there is. Nothing once
  /// the queue is closed and empty. Throws as pop() does. For a queue with one consumer.
  [[nodiscard]] std::vector<Item> pop_all(std::chrono::milliseconds time) {
    std::unique_lock lock(guard_);
    arrived_.wait(lock, [&] { return closed_ || !items_.empty(); });
    arrived_.wait_for(lock, time, [&] { return closed_ || items_.size() >= capacity_; });
    if (error_) std::rethrow_exception(error_);
    std::vector<Item> all(std::make_move_iterator(items_.begin()), std::make_move_iterator(items_.end()));
    items_.clear();
    room_.notify_all();
    return all;
  }

  /// No more items: producers are turned away, consumers get what is left.
  void close() { end(nullptr); }

  /// Like close(), and nobody gets what is left.
  void abandon() {
    std::deque<Item> dropped;  // after the lock: their end may take its time
    {
      const std::lock_guard lock(guard_);
      dropped.swap(items_);
      closed_ = true;
    }
    room_.notify_all();
    arrived_.notify_all();
  }

  /// Items that wait.
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(guard_);
    return items_.size();
  }

  /// Like close(), and consumers get this error. The first one counts.
  void fail(std::exception_ptr error) { end(std::move(error)); }

 private:
  void end(std::exception_ptr error) {
    const std::lock_guard lock(guard_);
    if (!error_) error_ = std::move(error);
    closed_ = true;
    room_.notify_all();
    arrived_.notify_all();
  }

  std::size_t capacity_;
  mutable std::mutex guard_;
  std::condition_variable room_;
  std::condition_variable arrived_;
  std::deque<Item> items_;
  std::exception_ptr error_;
  bool closed_ = false;
};

}  // namespace haloedge
