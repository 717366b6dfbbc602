#include "sets/score_writer.hpp"

#include <chrono>
#include <utility>

#include "core/error.hpp"
#include "core/fields.hpp"

namespace haloedge {

namespace {

/// At most so many rows are written together, or those that arrive within this time.
constexpr std::size_t most_rows = 256;
constexpr std::chrono::milliseconds longest_wait{500};

/// A message holds a few hundred rows.
constexpr Funnel::Settings funnel_settings{.items = Channel::score,
                                           .taken = Channel::score_taken,
                                           .message_bytes = std::int64_t{32} << 10,
                                           .most_under_way = std::int64_t{64} << 10,
                                           .longest_wait = longest_wait};

}  // namespace

ScoreWriter::ScoreWriter(Communicator& communicator, Write write)
    : communicator_(communicator), write_(std::move(write)), queue_(most_rows), crew_([this](std::exception_ptr error) {
        communicator_.fail_from_thread(std::move(error));  // first: add() throws this once the queue is abandoned
        queue_.abandon();
      }) {
  if (communicator_.rank() == 0) crew_.start([this] { write_all(); });
  funnel_.emplace(communicator, funnel_settings, [this](std::span<const std::byte> bytes) {
    FieldReader fields({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    add(next_row(fields, score_columns()));
  });
}

ScoreWriter::~ScoreWriter() {
  funnel_.reset();
  queue_.close();
}

void ScoreWriter::add(ScoredImage row) {
  if (communicator_.rank() == 0) {
    if (!queue_.push(std::move(row))) communicator_.check_peers();
    return;
  }
  FieldWriter fields;
  add_row(fields, score_columns(), row);
  funnel_->add(std::as_bytes(std::span(fields.text())));
}

void ScoreWriter::finish() {
  funnel_->finish();
  queue_.close();
  crew_.join();
}

void ScoreWriter::write_all() {
  try {
    for (auto rows = queue_.pop_all(longest_wait); !rows.empty(); rows = queue_.pop_all(longest_wait)) write_(rows);
  } catch (const PeerFailure&) {
    throw;
  } catch (const std::exception& error) {
    throw RunError(error.what());  // no later row could be written
  }
}

}  // namespace haloedge
