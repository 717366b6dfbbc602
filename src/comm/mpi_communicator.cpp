#include "comm/mpi_communicator.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "comm/launcher.hpp"
#include "comm/mpi_messages.hpp"
#include "core/error.hpp"

namespace haloedge {

namespace {

/// Returns a duplicate of `from`, so that messages of different purposes do not mix. MPI returns errors in it as codes.
MPI_Comm duplicate(MPI_Comm from) {
  MPI_Comm copy = MPI_COMM_NULL;
  check_mpi(MPI_Comm_dup(from, &copy), "MPI_Comm_dup");
  check_mpi(MPI_Comm_set_errhandler(copy, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  return copy;
}

using Numbers = std::vector<std::int64_t>;

/// The operands of a collective.
template <class T>
struct InOut {
  T in{};
  T out{};
};

class MpiCommunicator final : public Communicator {
 public:
  MpiCommunicator() {
    int provided = MPI_THREAD_SINGLE;
    check_mpi(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_MULTIPLE, &provided), "MPI_Init_thread");
    if (provided < MPI_THREAD_MULTIPLE) {
      throw Error(
          "this MPI library does not support calls from several threads (MPI_THREAD_MULTIPLE), which haloedge needs");
    }
    work_ = duplicate(MPI_COMM_WORLD);
    notices_.emplace(duplicate(MPI_COMM_WORLD));
    failure_ = duplicate(MPI_COMM_WORLD);
    check_mpi(MPI_Comm_split_type(work_, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node_), "MPI_Comm_split_type");
    check_mpi(MPI_Comm_set_errhandler(node_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
    check_mpi(MPI_Comm_rank(work_, &rank_), "MPI_Comm_rank");
    check_mpi(MPI_Comm_size(work_, &size_), "MPI_Comm_size");
    check_mpi(MPI_Comm_rank(node_, &node_rank_), "MPI_Comm_rank");
    check_mpi(MPI_Comm_size(node_, &node_size_), "MPI_Comm_size");
  }
  MpiCommunicator(const MpiCommunicator&) = delete;
  MpiCommunicator& operator=(const MpiCommunicator&) = delete;
  /// Does not free the communicators: after a failure they may have operations that never end.
  ~MpiCommunicator() override { MPI_Finalize(); }

  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return size_; }
  [[nodiscard]] int node_rank() const override { return node_rank_; }
  [[nodiscard]] int node_size() const override { return node_size_; }
  [[nodiscard]] std::string library() const override { return mpi_library_version(); }
  [[nodiscard]] MPI_Comm work() const { return work_; }

  std::unique_ptr<Transfer> begin_send(int peer, Channel channel, std::span<const std::byte> bytes) override {
    return transfer(MpiTransfer::Kind::send, bytes, [&](const std::byte* data, int count, MPI_Request* request) {
      check_mpi(MPI_Isend(data, count, MPI_BYTE, peer, static_cast<int>(channel), work_, request), "MPI_Isend");
    });
  }
  std::unique_ptr<Transfer> begin_receive(int peer, Channel channel, std::span<std::byte> bytes) override {
    return transfer(MpiTransfer::Kind::receive, bytes, [&](std::byte* data, int count, MPI_Request* request) {
      check_mpi(MPI_Irecv(data, count, MPI_BYTE, peer, static_cast<int>(channel), work_, request), "MPI_Irecv");
    });
  }
  Message receive_any(Channel channel) override;

  void barrier() override {
    complete("MPI_Ibarrier", 0, [this](int&, MPI_Request* request) { return MPI_Ibarrier(work_, request); });
  }
  std::int64_t sum(std::int64_t value) override { return reduce({value}, MPI_SUM, work_).front(); }
  std::vector<std::int64_t> sum_each(const std::vector<std::int64_t>& values) override {
    return reduce(values, MPI_SUM, work_);
  }
  std::int64_t max(std::int64_t value) override { return reduce({value}, MPI_MAX, work_).front(); }
  std::int64_t exclusive_sum(std::int64_t value) override;
  std::string broadcast(std::string value) override { return broadcast_from(0, std::move(value), work_); }
  std::vector<std::string> gather(const std::string& value) override;
  std::string scatter(const std::vector<std::string>& values) override;
  std::vector<std::string> share_on_node(const std::string& value) override;

  void check_peers() override;
  bool send_progress(const Counts& counts) override { return notices_->send_progress(counts); }
  Counts progress() override { return notices_->progress(); }
  void announce_stop() override {
    if (!stop_.exchange(true)) notices_->tell_others(MpiNotices::Notice::stop);
  }
  bool stop_announced() override {
    if (!stop_ && notices_->take(MpiNotices::Notice::stop)) stop_ = true;
    return stop_;
  }
  void announce_failure() override {
    failed_ = true;  // ends the waits of this rank's other threads
    if (!announced_.exchange(true)) notices_->tell_others(MpiNotices::Notice::failure);
  }
  void fail_from_thread(std::exception_ptr error) override {
    const std::lock_guard lock(control_guard_);
    if (!thread_error_) thread_error_ = std::move(error);
    failed_ = true;
  }
  Failure agree_on_failure(const std::optional<Failure>& mine) override;

 private:
  /// The events that end the wait for a collective: its completion or the failure of a rank, or only its completion.
  enum class EndsOn : bool { failure, completion };

  /// Begins the transfer of each piece of `bytes` by begin(data, count, &request).
  template <class Byte, class Begin>
  std::unique_ptr<Transfer> transfer(MpiTransfer::Kind kind, std::span<Byte> bytes, Begin begin) {
    auto message = std::make_unique<MpiTransfer>(kind, [this] { check_peers(); });
    do {
      const auto piece = bytes.first(std::min(bytes.size(), largest_piece));
      begin(piece.data(), static_cast<int>(piece.size()), message->add());
      bytes = bytes.subspan(piece.size());
    } while (!bytes.empty());
    return message;
  }

  Numbers reduce(const Numbers& values, MPI_Op operation, MPI_Comm comm, EndsOn ends_on = EndsOn::failure);
  std::string broadcast_from(int root, std::string text, MPI_Comm comm, EndsOn ends_on = EndsOn::failure);

  /// Starts the collective `call` by start(operands, &request), waits until it is complete, and returns its operands.
  /// They are on the heap, and are kept for good if the wait is given up: the collective may still write to them.
  template <class Operands, class Start>
  Operands complete(const char* call, Operands operands, Start start, EndsOn ends_on = EndsOn::failure) {
    const auto data = std::make_shared<Operands>(std::move(operands));
    MPI_Request request = MPI_REQUEST_NULL;
    check_mpi(start(*data, &request), call);
    const auto done = [&] {
      int flag = 0;
      check_mpi(MPI_Test(&request, &flag, MPI_STATUS_IGNORE), "MPI_Test");
      return flag != 0;
    };
    try {
      wait_with_backoff(done, [&] {
        if (ends_on == EndsOn::failure) check_peers();
      });
    } catch (...) {
      abandoned_.push_back(data);
      throw;
    }
    return std::move(*data);
  }

  MPI_Comm work_ = MPI_COMM_NULL;     ///< transfers and collectives of the job
  MPI_Comm failure_ = MPI_COMM_NULL;  ///< agreement after a failure, when work_ may be in any state
  MPI_Comm node_ = MPI_COMM_NULL;     ///< the ranks of this node
  int rank_ = 0;
  int size_ = 1;
  int node_rank_ = 0;
  int node_size_ = 1;

  std::atomic<bool> failed_ = false;  ///< another rank or a thread of this one has failed: waits end
  std::atomic<bool> announced_ = false;
  std::exception_ptr thread_error_;
  std::vector<std::shared_ptr<void>> abandoned_;
  std::mutex control_guard_;
  std::atomic<bool> stop_ = false;
  std::optional<MpiNotices> notices_;
};

Communicator::Message MpiCommunicator::receive_any(Channel channel) {
  MPI_Message handle = MPI_MESSAGE_NULL;
  MPI_Status status{};
  const auto arrived = [&] {
    int there = 0;
    check_mpi(MPI_Improbe(MPI_ANY_SOURCE, static_cast<int>(channel), work_, &there, &handle, &status), "MPI_Improbe");
    return there != 0;
  };
  wait_with_backoff(arrived, [this] { check_peers(); });
  int bytes = 0;
  check_mpi(MPI_Get_count(&status, MPI_BYTE, &bytes), "MPI_Get_count");
  Message message{status.MPI_SOURCE, std::vector<std::byte>(static_cast<std::size_t>(bytes))};
  // The whole message is under way, so this wait is short and needs no check for failures.
  check_mpi(MPI_Mrecv(message.bytes.data(), bytes, MPI_BYTE, &handle, MPI_STATUS_IGNORE), "MPI_Mrecv");
  return message;
}

Numbers MpiCommunicator::reduce(const Numbers& values, MPI_Op operation, MPI_Comm comm, EndsOn ends_on) {
  const auto start = [&](InOut<Numbers>& data, MPI_Request* request) {
    return MPI_Iallreduce(data.in.data(), data.out.data(), static_cast<int>(values.size()), MPI_INT64_T, operation,
                          comm, request);
  };
  return complete("MPI_Iallreduce", InOut<Numbers>{values, Numbers(values.size())}, start, ends_on).out;
}

std::int64_t MpiCommunicator::exclusive_sum(std::int64_t value) {
  const auto start = [this](InOut<std::int64_t>& data, MPI_Request* request) {
    return MPI_Iexscan(&data.in, &data.out, 1, MPI_INT64_T, MPI_SUM, work_, request);
  };
  const std::int64_t before = complete("MPI_Iexscan", InOut<std::int64_t>{value, 0}, start).out;
  return rank_ == 0 ? 0 : before;
}

std::string MpiCommunicator::broadcast_from(int root, std::string text, MPI_Comm comm, EndsOn ends_on) {
  const auto start = [&](std::int64_t& length, MPI_Request* request) {
    return MPI_Ibcast(&length, 1, MPI_INT64_T, root, comm, request);
  };
  text.resize(static_cast<std::size_t>(complete("MPI_Ibcast", std::int64_t{std::ssize(text)}, start, ends_on)));
  for (std::size_t begin = 0; begin < text.size(); begin += largest_piece) {
    const auto start_piece = [&](std::string& whole, MPI_Request* request) {
      const auto count = static_cast<int>(std::min(largest_piece, whole.size() - begin));
      return MPI_Ibcast(whole.data() + begin, count, MPI_BYTE, root, comm, request);
    };
    text = complete("MPI_Ibcast", std::move(text), start_piece, ends_on);
  }
  return text;
}

std::vector<std::string> MpiCommunicator::gather(const std::string& value) {
  const auto start = [this](InOut<Numbers>& lengths, MPI_Request* request) {
    return MPI_Igather(lengths.in.data(), 1, MPI_INT64_T, lengths.out.data(), 1, MPI_INT64_T, 0, work_, request);
  };
  const Numbers no_lengths(rank_ == 0 ? static_cast<std::size_t>(size_) : 0);
  const Numbers lengths = complete("MPI_Igather", InOut<Numbers>{{std::ssize(value)}, no_lengths}, start).out;
  if (rank_ != 0) {
    begin_send(0, Channel::gather, std::as_bytes(std::span(value)))->finish();
    return {};
  }
  std::vector<std::string> all{value};
  for (int peer = 1; peer < size_; ++peer) {
    std::string& text = all.emplace_back(static_cast<std::size_t>(lengths.at(static_cast<std::size_t>(peer))), '\0');
    begin_receive(peer, Channel::gather, std::as_writable_bytes(std::span(text)))->finish();
  }
  return all;
}

std::string MpiCommunicator::scatter(const std::vector<std::string>& values) {
  InOut<Numbers> lengths{Numbers(rank_ == 0 ? static_cast<std::size_t>(size_) : 0), Numbers(1)};
  for (std::size_t i = 0; i < lengths.in.size(); ++i) lengths.in[i] = std::ssize(values.at(i));
  const auto start = [this](InOut<Numbers>& data, MPI_Request* request) {
    return MPI_Iscatter(data.in.data(), 1, MPI_INT64_T, data.out.data(), 1, MPI_INT64_T, 0, work_, request);
  };
  lengths = complete("MPI_Iscatter", std::move(lengths), start);
  if (rank_ != 0) {
    std::string mine(static_cast<std::size_t>(lengths.out.front()), '\0');
    begin_receive(0, Channel::scatter, std::as_writable_bytes(std::span(mine)))->finish();
    return mine;
  }
  for (int peer = 1; peer < size_; ++peer) {
    begin_send(peer, Channel::scatter, std::as_bytes(std::span(values.at(static_cast<std::size_t>(peer)))))->finish();
  }
  return values.front();
}

std::vector<std::string> MpiCommunicator::share_on_node(const std::string& value) {
  const auto start = [this](InOut<Numbers>& data, MPI_Request* request) {
    return MPI_Iallgather(data.in.data(), 1, MPI_INT64_T, data.out.data(), 1, MPI_INT64_T, node_, request);
  };
  const InOut<Numbers> no_lengths{{std::ssize(value)}, Numbers(static_cast<std::size_t>(node_size_))};
  const Numbers whole_lengths = complete("MPI_Iallgather", no_lengths, start).out;
  const std::int64_t total = std::accumulate(whole_lengths.begin(), whole_lengths.end(), std::int64_t{0});
  if (total > std::numeric_limits<int>::max()) {
    throw Error(
        fmt::format("the ranks of this node share {} bytes, which is more than one MPI call can transfer", total));
  }
  using Lengths = std::vector<int>;
  const Lengths lengths(whole_lengths.begin(), whole_lengths.end());
  Lengths offsets(lengths.size() + 1);
  std::inclusive_scan(lengths.begin(), lengths.end(), offsets.begin() + 1);

  struct Texts {
    InOut<std::string> text;
    Lengths lengths, offsets;
  };
  const auto start_texts = [this](Texts& texts, MPI_Request* request) {
    return MPI_Iallgatherv(texts.text.in.data(), static_cast<int>(texts.text.in.size()), MPI_CHAR,
                           texts.text.out.data(), texts.lengths.data(), texts.offsets.data(), MPI_CHAR, node_, request);
  };
  const std::string together(static_cast<std::size_t>(offsets.back()), '\0');
  const Texts texts = complete("MPI_Iallgatherv", Texts{{value, together}, lengths, offsets}, start_texts);
  std::vector<std::string> all;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    all.push_back(texts.text.out.substr(static_cast<std::size_t>(offsets[i]), static_cast<std::size_t>(lengths[i])));
  }
  return all;
}

void MpiCommunicator::check_peers() {
  if (!failed_) {
    const std::unique_lock lock(control_guard_, std::try_to_lock);
    if (!lock.owns_lock()) return;
    if (!notices_->take(MpiNotices::Notice::failure)) return;
    failed_ = true;
  }
  const std::lock_guard lock(control_guard_);
  if (thread_error_) std::rethrow_exception(thread_error_);
  throw PeerFailure();
}

Communicator::Failure MpiCommunicator::agree_on_failure(const std::optional<Failure>& mine) {
  const Numbers lowest = reduce({mine ? rank_ : size_ - 1}, MPI_MIN, failure_, EndsOn::completion);
  const Failure said = mine.value_or(Failure{.message = "the job failed, and no rank gave the reason"});
  const auto root = static_cast<int>(lowest.front());
  const std::string code = broadcast_from(root, std::to_string(said.exit_code), failure_, EndsOn::completion);
  const std::string text = broadcast_from(root, said.message, failure_, EndsOn::completion);
  return {std::stoi(code), text};
}

}  // namespace

std::unique_ptr<Communicator> make_mpi_communicator() { return std::make_unique<MpiCommunicator>(); }

MPI_Comm native_communicator(const Communicator& communicator) {
  const auto* mpi = dynamic_cast<const MpiCommunicator*>(&communicator);
  return mpi != nullptr ? mpi->work() : MPI_COMM_NULL;
}

}  // namespace haloedge
