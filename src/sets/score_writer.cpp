#include "sets/score_writer.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "core/fields.hpp"

namespace haloedge {

namespace {

/// Rows that go together: as many as wait, up to these, or those of this time.
constexpr std::size_t most_rows = 256;
constexpr std::chrono::milliseconds longest_wait{500};

}  // namespace

ScoreWriter::ScoreWriter(Communicator& communicator, Write write)
    : communicator_(communicator), write_(std::move(write)), queue_(most_rows) {
  try {
    if (communicator_.rank() == 0 && communicator_.size() > 1) receiver_ = std::jthread([this] { receive(); });
    deliverer_ = std::jthread([this] { deliver(); });
  } catch (...) {  // no more threads to be had: the one there is must not wait for messages
    communicator_.announce_failure();
    queue_.abandon();
    throw;
  }
}

ScoreWriter::~ScoreWriter() {
  if (!finished_) communicator_.announce_failure();  // which ends the waits of the threads here
  queue_.close();
}

void ScoreWriter::add(ScoredImage row) {
  if (!queue_.push(std::move(row))) rethrow();
}

void ScoreWriter::finish() {
  if (receiver_.joinable()) receiver_.join();
  queue_.close();
  deliverer_.join();
  rethrow();
  finished_ = true;
}

void ScoreWriter::deliver() {
  const bool writes = communicator_.rank() == 0;
  try {
    for (auto rows = queue_.pop_all(longest_wait); !rows.empty(); rows = queue_.pop_all(longest_wait)) {
      writes ? write_(rows) : send(rows);
    }
    if (!writes) communicator_.begin_send(0, Channel::score, {})->finish();
  } catch (const PeerFailure&) {
    fail(std::current_exception());
  } catch (const std::exception& error) {
    fail(std::make_exception_ptr(RunError(error.what())));
  }
}

void ScoreWriter::send(std::span<const ScoredImage> rows) {
  FieldWriter fields;
  for (const ScoredImage& row : rows) add_row(fields, score_columns(), row);
  const std::string text = fields.take();
  communicator_.begin_send(0, Channel::score, std::as_bytes(std::span(text)))->finish();
  // A send may end before anybody has looked at it: only the answer tells that rank 0 keeps up.
  communicator_.begin_receive(0, Channel::score_taken, {})->finish();
}

void ScoreWriter::receive() {
  try {
    for (int at_work = communicator_.size() - 1; at_work > 0;) {
      const Communicator::Message message = communicator_.receive_any(Channel::score);
      if (message.bytes.empty()) {
        --at_work;
        continue;
      }
      FieldReader fields({reinterpret_cast<const char*>(message.bytes.data()), message.bytes.size()});
      while (!fields.at_end()) add(next_row(fields, score_columns()));
      communicator_.begin_send(message.source, Channel::score_taken, {})->finish();
    }
  } catch (const PeerFailure&) {
    const std::lock_guard lock(guard_);  // what has come is still written
    if (!error_) error_ = std::current_exception();
  } catch (...) {
    fail(std::current_exception());
  }
}

void ScoreWriter::fail(std::exception_ptr error) {
  {
    const std::lock_guard lock(guard_);
    if (!error_) error_ = error;
  }
  queue_.abandon();  // nobody would empty it
  communicator_.fail_from_thread(std::move(error));
}

void ScoreWriter::rethrow() {
  const std::lock_guard lock(guard_);
  if (error_) std::rethrow_exception(error_);
}

}  // namespace haloedge
