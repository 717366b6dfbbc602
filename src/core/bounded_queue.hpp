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

/// A first-in first-out queue between threads that holds at most `capacity` items. A producer that finds the queue full
/// waits until it is half empty, because waking producers for every item would cost more than small items do. Consumers
/// wait while the queue is empty.
template <class Item>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// Waits for room. Returns false, and drops the item, if the queue was closed or has failed.
  [[nodiscard]] bool push(Item item) {
    std::unique_lock lock(guard_);
    room_.wait(lock, [&] { return closed_ || items_.size() < capacity_; });
    if (closed_) return false;
    items_.push_back(std::move(item));
    arrived_.notify_one();
    return true;
  }

  /// Waits for an item. Returns nothing when the queue is closed and empty. Throws the error given to fail(), even if
  /// there are items left.
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

  /// Waits for an item, then for further ones until the queue is full or closed, or until `time` has passed. Takes and
  /// returns all items; none if the queue is closed and empty. Throws like pop(). For a queue with one consumer.
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

  /// Refuses further items. Consumers get those that are left.
  void close() { end(nullptr); }

  /// Refuses further items, and drops those that are left.
  void abandon() {
    std::deque<Item> dropped;  // destroyed after the lock is released, because that may take long
    {
      const std::lock_guard lock(guard_);
      dropped.swap(items_);
      closed_ = true;
    }
    room_.notify_all();
    arrived_.notify_all();
  }

  /// The number of items in the queue.
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(guard_);
    return items_.size();
  }

  /// Refuses further items, and makes consumers throw this error. Only the first error counts.
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
