#include "sink/tile_outbox.hpp"

#include <cstring>
#include <utility>

namespace haloedge {

namespace {

/// A message is sent when it has as much; it has a tile more at the most.
constexpr std::int64_t message_bytes = std::int64_t{1} << 20;
/// Enough for 10 Gbit/s at 6 ms, there and back.
constexpr std::int64_t most_under_way = std::int64_t{8} << 20;

struct TileHead {
  TilePosition position;
  std::int64_t bytes = 0;
};

}  // namespace

void TileOutbox::add(TilePosition tile, std::span<const std::byte> encoded) {
  const TileHead head{tile, static_cast<std::int64_t>(encoded.size())};
  const auto head_bytes = std::as_bytes(std::span(&head, 1));
  const std::lock_guard lock(guard_);
  open_.insert(open_.end(), head_bytes.begin(), head_bytes.end());
  open_.insert(open_.end(), encoded.begin(), encoded.end());
  if (std::ssize(open_) < message_bytes) return;
  send();
  while (bytes_under_way_ > most_under_way) {
    under_way_.front().transfer->finish();
    bytes_under_way_ -= std::ssize(under_way_.front().bytes);
    under_way_.pop_front();
  }
}

void TileOutbox::send() {
  if (open_.empty()) return;
  Message& message = under_way_.emplace_back(Message{std::exchange(open_, {}), nullptr});
  bytes_under_way_ += std::ssize(message.bytes);
  message.transfer = communicator_.begin_send(0, Channel::tile, message.bytes);
}

void TileOutbox::flush() {
  const std::lock_guard lock(guard_);
  send();
}

void TileOutbox::finish() {
  const std::lock_guard lock(guard_);
  send();
  for (const Message& message : under_way_) message.transfer->finish();
  communicator_.begin_send(0, Channel::tile, {})->finish();
}

std::int64_t TileOutbox::memory_bytes(std::int64_t tile_bytes) {
  const std::int64_t one = message_bytes + tile_bytes + static_cast<std::int64_t>(sizeof(TileHead));
  // A vector that grows holds twice what is in it, and its old self for a moment.
  return most_under_way + 2 * one + 3 * one;
}

bool unpack_tiles(std::span<const std::byte> message,
                  const std::function<void(TilePosition, std::span<const std::byte>)>& take) {
  if (message.empty()) return false;
  while (!message.empty()) {
    TileHead head;
    std::memcpy(&head, message.data(), sizeof head);
    message = message.subspan(sizeof head);
    const auto bytes = static_cast<std::size_t>(head.bytes);
    take(head.position, message.first(bytes));
    message = message.subspan(bytes);
  }
  return true;
}

}  // namespace haloedge
