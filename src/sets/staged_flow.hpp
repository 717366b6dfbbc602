#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/bounded_queue.hpp"
#include "core/threads.hpp"
#include "run/trace.hpp"

namespace haloedge {

/// A line of stages that are joined by bounded queues: reader -> queue -> filter -> queue -> ... Each stage has its own
/// threads. The threads of the first stage get items from `next`. Items pass through every stage and may overtake each
/// other. A full queue makes its producers wait, so that the number of items under way is limited and no stage runs
/// ahead.
template <class Item>
class StagedFlow {
 public:
  struct Stage {
    std::string name;
    int threads = 1;
    std::function<void(Item&)> work;  ///< may throw, which ends the flow
  };

  /// Starts the threads. `next` gives nothing when there are no more items; it may be called by several threads. Unless
  /// `trace` is null, it gets a lane for each thread, in the order of the stages, with the work and the waits of the
  /// thread.
  StagedFlow(std::function<std::optional<Item>()> next, std::vector<Stage> stages, std::size_t queue_capacity,
             Trace* trace = nullptr)
      : next_(std::move(next)), stages_(std::move(stages)), trace_(trace) {
    for (const Stage& stage : stages_) {
      at_work_.push_back(std::make_unique<std::atomic<int>>(stage.threads));
      queues_.push_back(std::make_unique<BoundedQueue<Item>>(queue_capacity));
    }
    queues_.pop_back();  // no stage follows the last one
    try {
      for (std::size_t stage = 0; stage < stages_.size(); ++stage) start_threads(stage);
    } catch (...) {
      give_up();  // the crew waits for the threads that were started
      throw;
    }
  }
  StagedFlow(const StagedFlow&) = delete;
  StagedFlow& operator=(const StagedFlow&) = delete;
  /// Drops the items that are under way.
  ~StagedFlow() { give_up(); }

  /// Waits until all threads have ended, or until `time` is over. Returns true if all items have passed. Throws what a
  /// stage has thrown, once all threads have ended.
  [[nodiscard]] bool wait_for(std::chrono::milliseconds time) {
    if (!crew_.wait_for(time)) return false;
    crew_.join();
    return true;
  }

  /// Returns the number of items that wait before each stage but the first.
  [[nodiscard]] std::vector<std::int64_t> queued() const {
    std::vector<std::int64_t> sizes;
    for (const auto& queue : queues_) sizes.push_back(static_cast<std::int64_t>(queue->size()));
    return sizes;
  }

 private:
  void start_threads(std::size_t stage) {
    for (int i = 0; i < stages_[stage].threads; ++i) {
      Trace::Lane* const lane = trace_ == nullptr ? nullptr : &trace_->add_lane(stages_[stage].name);
      crew_.start([this, stage, lane] {
        if (lane != nullptr) trace_->take_lane(*lane);
        run(stage);
      });
    }
  }

  void run(std::size_t stage) {
    while (std::optional<Item> item = take(stage)) {
      {
        const Trace::Scope working(trace_, Phase::stage);
        stages_[stage].work(*item);
      }
      if (!hand_on(stage, std::move(*item))) break;
    }
    if (--*at_work_[stage] == 0 && stage + 1 < stages_.size()) queues_[stage]->close();
  }

  [[nodiscard]] std::optional<Item> take(std::size_t stage) {
    if (given_up_) return std::nullopt;
    if (stage == 0) return next_();
    const Trace::Scope waiting(trace_, Phase::wait_for_work);
    return queues_[stage - 1]->pop();
  }

  [[nodiscard]] bool hand_on(std::size_t stage, Item item) {
    if (stage + 1 == stages_.size()) return true;
    const Trace::Scope waiting(trace_, Phase::wait_for_room);
    return queues_[stage]->push(std::move(item));
  }

  void give_up() {
    given_up_ = true;
    for (const auto& queue : queues_) queue->abandon();
  }

  std::function<std::optional<Item>()> next_;
  std::vector<Stage> stages_;
  Trace* trace_;
  std::vector<std::unique_ptr<BoundedQueue<Item>>> queues_;  ///< queue i feeds stage i + 1
  std::vector<std::unique_ptr<std::atomic<int>>> at_work_;   ///< number of threads of each stage that have not ended
  std::atomic<bool> given_up_ = false;
  Crew crew_{[this](const std::exception_ptr&) { give_up(); }};
};

}  // namespace haloedge
