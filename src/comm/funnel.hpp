#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "comm/communicator.hpp"
#include "core/threads.hpp"

namespace haloedge {

/// Brings items from all other ranks to rank 0. This is the one way in haloedge by which many ranks send to rank 0. An
/// item is a string of bytes.
///
/// Many items travel in a message, and several messages are under way at a time, so that the latency of a link is not
/// paid for each item. Rank 0 confirms a message when it has taken the items in it. A rank that has sent too many bytes
/// that are not confirmed waits, so that no rank runs ahead of rank 0.
///
/// On rank 0 one thread takes the items. If it fails, all waits of rank 0 throw its exception. If another rank fails,
/// all waits throw PeerFailure.
class Funnel {
 public:
  struct Settings {
    Channel items;                                       ///< the channel of the messages
    Channel taken;                                       ///< the channel of their confirmations
    std::int64_t message_bytes = std::int64_t{1} << 20;  ///< a message is sent once it has this many
    std::int64_t max_under_way = std::int64_t{8} << 20;  ///< bytes, enough for 10 Gbit/s at a round trip of 6 ms
    std::chrono::milliseconds longest_wait{0};  ///< how long an item may wait for its message to fill; 0: no limit
  };

  /// `take` is called on rank 0, by one thread, with each item of the other ranks: those of one rank in the order in
  /// which they were added. The bytes are valid during the call. All ranks must construct it.
  Funnel(Communicator& communicator, const Settings& settings, std::function<void(std::span<const std::byte>)> take);
  Funnel(const Funnel&) = delete;
  Funnel& operator=(const Funnel&) = delete;
  /// Announces a failure if finish() was not called, because other ranks would wait for ever.
  ~Funnel();

  /// Adds the item `head` + `body`. Waits while too many bytes are under way. Throws PeerFailure. For any thread of a
  /// rank other than 0.
  void add(std::span<const std::byte> head, std::span<const std::byte> body = {});

  /// Sends the items that wait for their message to fill. Waits and throws as add().
  void flush();

  /// Waits until rank 0 has taken all items: on rank 0 those of all ranks, else those of this rank. Throws PeerFailure,
  /// and on rank 0 what `take` threw. Called once by all ranks, when no add() is running.
  void finish();

  /// Upper bound of the memory held on a sending rank, and on rank 0, if no item has more than `item_bytes`.
  [[nodiscard]] static std::int64_t memory_bytes(const Settings& settings, std::int64_t item_bytes);

 private:
  struct Message {
    std::vector<std::byte> bytes;
    std::unique_ptr<Communicator::Transfer> transfer;
  };

  /// Takes messages on rank 0, until all other ranks have sent their last one.
  void receive();
  void take_items(std::span<const std::byte> message) const;
  /// Sends open_, then waits until at most `most` bytes are not confirmed. The caller holds the guard.
  void send(std::int64_t most);
  void flush_regularly();

  Communicator& communicator_;
  Settings settings_;
  std::function<void(std::span<const std::byte>)> take_;
  std::mutex guard_;
  std::condition_variable wake_;
  std::vector<std::byte> open_;  ///< the next message
  std::deque<Message> under_way_;
  std::int64_t bytes_under_way_ = 0;
  bool ended_ = false;     ///< no more items will be added
  bool finished_ = false;  ///< all items were taken
  Crew crew_;
};

}  // namespace haloedge
