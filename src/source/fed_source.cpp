#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

#include "core/bounded_queue.hpp"
#include "core/buffer.hpp"
#include "core/threads.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

/// The number of units that wait between the feeder of this rank and its pipeline.
constexpr std::size_t queued_units = 1;

class FedSource final : public Source {
 public:
  FedSource(std::unique_ptr<Source> inner, Communicator& communicator, const std::vector<RowRange>& shares,
            std::int64_t unit_rows, int threads);
  FedSource(const FedSource&) = delete;
  FedSource& operator=(const FedSource&) = delete;
  ~FedSource() override {
    // This rank failed. The announcement ends the waits of its feeder for the ranks that should receive rows.
    if (feeding_ && std::uncaught_exceptions() > 0) communicator_.announce_failure();
    own_units_.close();
    spare_.close();
  }

  [[nodiscard]] const ImageInfo& image() const override { return inner_->image(); }
  [[nodiscard]] std::vector<RowRange> sequences() const override { return inner_->sequences(); }
  [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const override;
  void decode(RowRange unit, std::int64_t task, const PixelConsumer& consume) override;
  [[nodiscard]] std::int64_t working_bytes(int threads) const override {
    const std::int64_t unit_bytes = largest_unit_ * row_bytes();
    if (fed_.empty()) return received_.empty() ? 0 : unit_bytes;
    return inner_->working_bytes(threads) + feeding_bytes(unit_bytes) - (received_.empty() ? unit_bytes : 0);
  }

 private:
  struct Unit {
    RowRange rows;
    Buffer pixels;
  };

  [[nodiscard]] std::int64_t row_bytes() const { return image().row_bytes(); }
  void feed();
  [[nodiscard]] Buffer decode_inner(RowRange rows, Buffer buffer);

  std::unique_ptr<Source> inner_;
  Communicator& communicator_;
  int threads_;
  std::vector<Delivery> fed_;       ///< deliveries of this rank, to itself and to others
  std::vector<Delivery> received_;  ///< deliveries of others to this rank
  std::int64_t largest_unit_ = 0;
  Buffer receive_buffer_;
  BoundedQueue<Unit> own_units_{queued_units};
  BoundedQueue<Buffer> spare_{queued_units + 2};
  bool started_ = false;
  std::atomic<bool> feeding_ = false;
  Crew crew_;  ///< has one thread, the feeder
};

FedSource::FedSource(std::unique_ptr<Source> inner, Communicator& communicator, const std::vector<RowRange>& shares,
                     std::int64_t unit_rows, int threads)
    : inner_(std::move(inner)), communicator_(communicator), threads_(threads), crew_([this](std::exception_ptr error) {
        own_units_.fail(error);
        communicator_.fail_from_thread(std::move(error));
      }) {
  for (const Delivery& delivery : plan_deliveries(inner_->sequences(), shares, unit_rows)) {
    const bool feeds = delivery.feeder == communicator.rank();
    if (!feeds && delivery.owner != communicator.rank()) continue;
    (feeds ? fed_ : received_).push_back(delivery);
    largest_unit_ = std::max(largest_unit_, delivery.rows.size());
  }
}

std::vector<RowRange> FedSource::units(RowRange, std::int64_t) const {
  // The units that this rank feeds to itself come first, so that a feeder never waits for the rows of another feeder.
  // It waits only for ranks that receive its rows, and these ranks wait only for feeders of lower rows: the waits form
  // no cycle.
  std::vector<RowRange> units;
  for (const Delivery& delivery : fed_) {
    if (delivery.owner == communicator_.rank()) units.push_back(delivery.rows);
  }
  for (const Delivery& delivery : received_) units.push_back(delivery.rows);
  return units;
}

Buffer FedSource::decode_inner(RowRange rows, Buffer buffer) {
  if (buffer.size() == 0) buffer = Buffer(largest_unit_ * row_bytes());
  const PixelConsumer store = copy_to(buffer.data(), rows.begin, row_bytes());
  const std::int64_t tasks = inner_->task_count(rows);
  if (tasks == 1) {
    inner_->decode(rows, 0, store);
  } else {
    run_tasks(threads_, tasks, [&](std::int64_t task, int) { inner_->decode(rows, task, store); });
  }
  return buffer;
}

void FedSource::feed() {
  Buffer sent;
  std::unique_ptr<Communicator::Transfer> sending;
  for (const Delivery& delivery : fed_) {
    std::optional<Buffer> buffer = spare_.pop();
    if (!buffer) return;
    Buffer pixels = decode_inner(delivery.rows, std::move(*buffer));
    if (delivery.owner == communicator_.rank()) {
      if (!own_units_.push({delivery.rows, std::move(pixels)})) return;
      continue;
    }
    if (sending) {
      sending->finish();
      if (!spare_.push(std::move(sent))) return;
    }
    sent = std::move(pixels);
    const auto bytes = static_cast<std::size_t>(delivery.rows.size() * row_bytes());
    sending = communicator_.begin_send(delivery.owner, Channel::rows, sent.span().first(bytes));
  }
  if (sending) sending->finish();
}

void FedSource::decode(RowRange unit, std::int64_t, const PixelConsumer& consume) {
  const auto hand_on = [&](const Buffer& pixels) {
    consume(unit.begin, 0, {pixels.data(), row_bytes(), image().width, unit.size(), image().type, image().channels});
  };
  const auto from = std::find_if(received_.begin(), received_.end(), [&](const Delivery& d) { return d.rows == unit; });
  if (from != received_.end()) {
    if (receive_buffer_.size() == 0) receive_buffer_ = Buffer(largest_unit_ * row_bytes());
    const auto bytes = static_cast<std::size_t>(unit.size() * row_bytes());
    communicator_.begin_receive(from->feeder, Channel::rows, receive_buffer_.span().first(bytes))->finish();
    return hand_on(receive_buffer_);
  }
  if (!std::exchange(started_, true)) {
    feeding_ = true;
    for (std::size_t i = 0; i < queued_units + 2; ++i) (void)spare_.push(Buffer());
    crew_.start([this] {
      feed();
      feeding_ = false;
    });
  }
  std::optional<Unit> next = own_units_.pop();
  if (!next || next->rows != unit) throw std::logic_error("rows were asked for in another order than they are fed in");
  hand_on(next->pixels);
  (void)spare_.push(std::move(next->pixels));
}

}  // namespace

std::vector<Delivery> plan_deliveries(const std::vector<RowRange>& sequences, const std::vector<RowRange>& shares,
                                      std::int64_t unit_rows) {
  const auto owner_of = [&](std::int64_t row) {
    return static_cast<int>(
        std::find_if(shares.begin(), shares.end(), [row](RowRange share) { return share.contains(row); }) -
        shares.begin());
  };
  std::vector<Delivery> deliveries;
  for (const RowRange sequence : sequences) {
    const int feeder = owner_of(sequence.begin);
    for (std::int64_t row = sequence.begin; row < sequence.end;) {
      const int owner = owner_of(row);
      const std::int64_t end = std::min({sequence.end, shares[static_cast<std::size_t>(owner)].end, row + unit_rows});
      deliveries.push_back({{row, end}, feeder, owner});
      row = end;
    }
  }
  return deliveries;
}

std::unique_ptr<Source> make_fed_source(std::unique_ptr<Source> inner, Communicator& communicator,
                                        const std::vector<RowRange>& shares, std::int64_t unit_rows, int threads) {
  return std::make_unique<FedSource>(std::move(inner), communicator, shares, unit_rows, threads);
}

std::int64_t feeding_bytes(std::int64_t unit_bytes) {
  constexpr auto fed = static_cast<std::int64_t>(queued_units) + 2;
  constexpr std::int64_t received = 1;
  return (fed + received) * unit_bytes;
}

}  // namespace haloedge
