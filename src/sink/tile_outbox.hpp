#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "comm/communicator.hpp"
#include "sink/sink.hpp"

namespace haloedge {

/// Sends encoded tiles to rank 0, many in a message and several messages under way at a time, so that a link's latency
/// is not paid for each tile. What is under way is bounded: who adds more waits until rank 0 has taken some.
class TileOutbox {
 public:
  explicit TileOutbox(Communicator& communicator) : communicator_(communicator) {}

  /// Any thread. Throws PeerFailure out of its wait.
  void add(TilePosition tile, std::span<const std::byte> encoded);
  /// Begins to send what was added; does not wait.
  void flush();
  /// Waits until rank 0 has taken all, and tells it that there is no more.
  void finish();

  /// Upper bound of what it holds, where no encoded tile has more than `tile_bytes`.
  [[nodiscard]] static std::int64_t memory_bytes(std::int64_t tile_bytes);

 private:
  struct Message {
    std::vector<std::byte> bytes;
    std::unique_ptr<Communicator::Transfer> transfer;
  };

  void send();

  Communicator& communicator_;
  std::mutex guard_;
  std::vector<std::byte> open_;  ///< the next message
  std::deque<Message> under_way_;
  std::int64_t bytes_under_way_ = 0;
};

/// Calls `take` with each tile of a message of an outbox; false if it is the sender's last, which has none.
[[nodiscard]] bool unpack_tiles(std::span<const std::byte> message,
                                const std::function<void(TilePosition, std::span<const std::byte>)>& take);

}  // namespace haloedge
