#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <vector>

#include "comm/communicator.hpp"

namespace haloedge {

/// Ranks in one process, each used by its own threads. They can send messages from one rank to another, and fail. All
/// other functions of their communicators throw std::logic_error.
class ThreadRanks {
 public:
  /// The beginning or the receipt of a message between two ranks.
  struct Event {
    enum class Kind : bool { begun, received };
    Kind kind;
    int sender;
    int receiver;
    Channel channel;
  };

  explicit ThreadRanks(int size);
  ThreadRanks(const ThreadRanks&) = delete;
  ThreadRanks& operator=(const ThreadRanks&) = delete;
  ~ThreadRanks() = default;

  [[nodiscard]] Communicator& at(int rank) { return *communicators_.at(static_cast<std::size_t>(rank)); }
  /// Returns all events, in order.
  [[nodiscard]] std::vector<Event> events() const;

 private:
  class Rank;
  class Send;
  class Receive;

  struct Route {
    int sender;
    int receiver;
    Channel channel;
    bool operator<(const Route& other) const {
      return std::tie(sender, receiver, channel) < std::tie(other.sender, other.receiver, other.channel);
    }
  };
  struct State {
    bool failed = false;  ///< this rank has failed, or another one
    std::exception_ptr thread_error;
  };

  /// Throws if the rank must not wait any longer. The caller holds the guard.
  void check(int rank) const;
  template <class Ready>
  void wait(int rank, Ready ready);

  mutable std::mutex guard_;
  std::condition_variable changed_;
  std::map<Route, std::list<Send*>> under_way_;
  std::vector<State> states_;  ///< by rank
  std::vector<Event> events_;
  std::vector<std::unique_ptr<Communicator>> communicators_;
};

}  // namespace haloedge
