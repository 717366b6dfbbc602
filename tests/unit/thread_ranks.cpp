#include "thread_ranks.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace haloedge {

namespace {

constexpr std::size_t late_each = 61;

}  // namespace

/// Waits until all bytes are received. Like MPI with large messages, it keeps no copy on the way, so the memory must
/// not change until then. Now and then finish() returns late.
class ThreadRanks::Send final : public Communicator::Transfer {
 public:
  Send(ThreadRanks& ranks, const Route& route, std::span<const std::byte> bytes)
      : ranks_(ranks), route_(route), bytes_(bytes) {
    const std::lock_guard lock(ranks_.guard_);
    ranks_.under_way_[route_].push_back(this);
    is_late_ = ranks_.events_.size() % late_each == 0;
    ranks_.events_.push_back({Event::Kind::begun, route_.sender, route_.receiver, route_.channel});
    ranks_.changed_.notify_all();
  }
  Send(const Send&) = delete;
  Send& operator=(const Send&) = delete;
  ~Send() override {
    const std::lock_guard lock(ranks_.guard_);
    ranks_.under_way_[route_].remove(this);
  }

  void finish() override {
    ranks_.wait(route_.sender, [&] { return received_.has_value(); });
    if (is_late_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (!std::equal(bytes_.begin(), bytes_.end(), received_->begin())) {
      throw std::logic_error("a message was changed before it was sent");
    }
  }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

  /// The caller holds the guard.
  void copy_to(std::span<std::byte> bytes) {
    if (bytes.size() != bytes_.size()) throw std::logic_error("a message of another size than the receiver thinks");
    std::copy(bytes_.begin(), bytes_.end(), bytes.begin());
    received_.emplace(bytes_.begin(), bytes_.end());
  }

 private:
  ThreadRanks& ranks_;
  Route route_;
  std::span<const std::byte> bytes_;
  bool is_late_ = false;
  std::optional<std::vector<std::byte>> received_;
};

/// Receives nothing before finish() is called.
class ThreadRanks::Receive final : public Communicator::Transfer {
 public:
  Receive(ThreadRanks& ranks, const Route& route, std::span<std::byte> bytes)
      : ranks_(ranks), route_(route), bytes_(bytes) {}

  void finish() override {
    ranks_.wait(route_.receiver, [&] {
      std::list<Send*>& sends = ranks_.under_way_[route_];
      if (sends.empty()) return false;
      sends.front()->copy_to(bytes_);
      sends.pop_front();
      ranks_.events_.push_back({Event::Kind::received, route_.sender, route_.receiver, route_.channel});
      ranks_.changed_.notify_all();
      return true;
    });
  }

 private:
  ThreadRanks& ranks_;
  Route route_;
  std::span<std::byte> bytes_;
};

class ThreadRanks::Rank final : public Communicator {
 public:
  Rank(ThreadRanks& ranks, int rank) : ranks_(ranks), rank_(rank) {}

  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return static_cast<int>(ranks_.states_.size()); }
  [[nodiscard]] std::string library() const override { return "threads"; }

  std::unique_ptr<Transfer> begin_send(int peer, Channel channel, std::span<const std::byte> bytes) override {
    return std::make_unique<Send>(ranks_, Route{rank_, peer, channel}, bytes);
  }
  std::unique_ptr<Transfer> begin_receive(int peer, Channel channel, std::span<std::byte> bytes) override {
    return std::make_unique<Receive>(ranks_, Route{peer, rank_, channel}, bytes);
  }

  Message receive_any(Channel channel) override {
    Message message;
    ranks_.wait(rank_, [&] {
      for (auto& [route, sends] : ranks_.under_way_) {
        if (route.receiver != rank_ || route.channel != channel || sends.empty()) continue;
        message.source = route.sender;
        message.bytes.resize(sends.front()->size());
        sends.front()->copy_to(message.bytes);
        sends.pop_front();
        ranks_.events_.push_back({Event::Kind::received, route.sender, rank_, channel});
        ranks_.changed_.notify_all();
        return true;
      }
      return false;
    });
    return message;
  }

  void check_peers() override {
    const std::lock_guard lock(ranks_.guard_);
    ranks_.check(rank_);
  }
  void announce_failure() override {
    const std::lock_guard lock(ranks_.guard_);
    for (State& state : ranks_.states_) state.failed = true;
    ranks_.changed_.notify_all();
  }
  void fail_from_thread(std::exception_ptr error) override {
    const std::lock_guard lock(ranks_.guard_);
    State& state = ranks_.states_.at(static_cast<std::size_t>(rank_));
    if (!state.thread_error) state.thread_error = std::move(error);
    state.failed = true;
    ranks_.changed_.notify_all();
  }

  [[nodiscard]] int node_rank() const override { throw not_needed(); }
  [[nodiscard]] int node_size() const override { throw not_needed(); }
  void barrier() override { throw not_needed(); }
  std::int64_t sum(std::int64_t) override { throw not_needed(); }
  std::vector<std::int64_t> sum_each(const std::vector<std::int64_t>&) override { throw not_needed(); }
  std::int64_t max(std::int64_t) override { throw not_needed(); }
  std::int64_t exclusive_sum(std::int64_t) override { throw not_needed(); }
  std::string broadcast(std::string) override { throw not_needed(); }
  std::vector<std::string> gather(const std::string&) override { throw not_needed(); }
  std::string scatter(const std::vector<std::string>&) override { throw not_needed(); }
  std::vector<std::string> share_on_node(const std::string&) override { throw not_needed(); }
  bool send_progress(const Counts&) override { throw not_needed(); }
  Counts progress() override { throw not_needed(); }
  void announce_stop() override { throw not_needed(); }
  bool stop_announced() override { throw not_needed(); }
  Failure agree_on_failure(const std::optional<Failure>&) override { throw not_needed(); }

 private:
  static std::logic_error not_needed() { return std::logic_error("threads as ranks cannot do this"); }

  ThreadRanks& ranks_;
  int rank_;
};

ThreadRanks::ThreadRanks(int size) : states_(static_cast<std::size_t>(size)) {
  for (int rank = 0; rank < size; ++rank) communicators_.push_back(std::make_unique<Rank>(*this, rank));
}

std::vector<ThreadRanks::Event> ThreadRanks::events() const {
  const std::lock_guard lock(guard_);
  return events_;
}

void ThreadRanks::check(int rank) const {
  const State& state = states_.at(static_cast<std::size_t>(rank));
  if (state.thread_error) std::rethrow_exception(state.thread_error);
  if (state.failed) throw PeerFailure();
}

template <class Ready>
void ThreadRanks::wait(int rank, Ready ready) {
  std::unique_lock lock(guard_);
  while (!ready()) {
    check(rank);
    changed_.wait(lock);
  }
}

}  // namespace haloedge
