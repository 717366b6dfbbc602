#include "comm/funnel.hpp"

#include <cstring>
#include <utility>

namespace haloedge {

namespace {

/// The number of an item's bytes, which stands before each item of a message.
using ItemBytes = std::int64_t;

}  // namespace

Funnel::Funnel(Communicator& communicator, const Settings& settings,
               std::function<void(std::span<const std::byte>)> take)
    : communicator_(communicator),
      settings_(settings),
      take_(std::move(take)),
      crew_([&communicator](std::exception_ptr error) { communicator.fail_from_thread(std::move(error)); }) {
  if (communicator.size() == 1) return;
  if (communicator.rank() == 0) {
    crew_.start([this] { receive(); });
  } else if (settings.longest_wait.count() > 0) {
    crew_.start([this] { flush_regularly(); });
  }
}

Funnel::~Funnel() {
  if (!finished_ && communicator_.size() > 1) communicator_.announce_failure();
  const std::lock_guard lock(guard_);
  ended_ = true;
  wake_.notify_all();
}

void Funnel::add(std::span<const std::byte> head, std::span<const std::byte> body) {
  const auto item_bytes = static_cast<ItemBytes>(head.size() + body.size());
  const std::lock_guard lock(guard_);
  for (const auto part : {std::as_bytes(std::span(&item_bytes, 1)), head, body}) {
    open_.insert(open_.end(), part.begin(), part.end());
  }
  if (std::ssize(open_) >= settings_.message_bytes) send(settings_.max_under_way);
}

void Funnel::flush() {
  const std::lock_guard lock(guard_);
  send(settings_.max_under_way);
}

void Funnel::send(std::int64_t most) {
  if (!open_.empty()) {
    Message& message = under_way_.emplace_back(Message{std::exchange(open_, {}), nullptr});
    bytes_under_way_ += std::ssize(message.bytes);
    message.transfer = communicator_.begin_send(0, settings_.items, message.bytes);
  }
  while (bytes_under_way_ > most) {
    under_way_.front().transfer->finish();
    communicator_.begin_receive(0, settings_.taken, {})->finish();
    bytes_under_way_ -= std::ssize(under_way_.front().bytes);
    under_way_.pop_front();
  }
}

void Funnel::flush_regularly() {
  std::unique_lock lock(guard_);
  while (!ended_) {
    wake_.wait_for(lock, settings_.longest_wait);
    send(settings_.max_under_way);
  }
}

void Funnel::finish() {
  {
    const std::lock_guard lock(guard_);
    ended_ = true;
    wake_.notify_all();
  }
  crew_.join();
  if (communicator_.rank() != 0) {
    const std::lock_guard lock(guard_);
    send(0);
    communicator_.begin_send(0, settings_.items, {})->finish();  // the last message is an empty one
  }
  finished_ = true;
}

void Funnel::receive() {
  for (int ended = 0; ended < communicator_.size() - 1;) {
    const Communicator::Message message = communicator_.receive_any(settings_.items);
    if (message.bytes.empty()) {
      ++ended;
      continue;
    }
    take_items(message.bytes);
    communicator_.begin_send(message.source, settings_.taken, {})->finish();
  }
}

void Funnel::take_items(std::span<const std::byte> message) const {
  while (!message.empty()) {
    ItemBytes item_bytes = 0;
    std::memcpy(&item_bytes, message.data(), sizeof item_bytes);
    message = message.subspan(sizeof item_bytes);
    take_(message.first(static_cast<std::size_t>(item_bytes)));
    message = message.subspan(static_cast<std::size_t>(item_bytes));
  }
}

std::int64_t Funnel::memory_bytes(const Settings& settings, std::int64_t item_bytes) {
  const std::int64_t message = settings.message_bytes + item_bytes + static_cast<std::int64_t>(sizeof(ItemBytes));
  // A growing vector holds twice its content, and its old memory for a moment.
  return settings.max_under_way + 2 * message + 3 * message;
}

}  // namespace haloedge
