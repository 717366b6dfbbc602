#include "comm/mpi_communicator.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <mpi.h>

#include "comm/launcher.hpp"
#include "comm/mpi_notices.hpp"
#include "comm/mpi_transfer.hpp"
#include "core/error.hpp"

namespace haloedge {

namespace {

constexpr int gather_tag = 100;  // above every Channel
constexpr int scatter_tag = 101;

/// A duplicate, so that messages of different purposes do not mix. Its errors are returned as codes.
MPI_Comm duplicate(MPI_Comm from) {
  MPI_Comm copy = MPI_COMM_NULL;
  check_mpi(MPI_Comm_dup(from, &copy), "MPI_Comm_dup");
  check_mpi(MPI_Comm_set_errhandler(copy, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  return copy;
}

class MpiCommunicator final : public Communicator {
 public:
  MpiCommunicator();
  MpiCommunicator(const MpiCommunicator&) = delete;
  MpiCommunicator& operator=(const MpiCommunicator&) = delete;
  ~MpiCommunicator() override;

  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return size_; }
  [[nodiscard]] int node_rank() const override { return node_rank_; }
  [[nodiscard]] int node_size() const override { return node_size_; }
  [[nodiscard]] std::string library() const override { return mpi_library_version(); }

  std::unique_ptr<Transfer> begin_send(int peer, Channel channel, std::span<const std::byte> bytes) override {
    return send(peer, static_cast<int>(channel), bytes);
  }
  std::unique_ptr<Transfer> begin_receive(int peer, Channel channel, std::span<std::byte> bytes) override {
    return receive(peer, static_cast<int>(channel), bytes);
  }
  Message receive_any(Channel channel) override;

  void barrier() override;
  std::int64_t sum(std::int64_t value) override { return reduce(value, MPI_SUM); }
  std::vector<std::int64_t> sum_each(const std::vector<std::int64_t>& values) override;
  std::int64_t max(std::int64_t value) override { return reduce(value, MPI_MAX); }
  std::int64_t sum_before(std::int64_t value) override;
  std::string broadcast(std::string value) override { return broadcast_from(0, value, work_, EndsOn::failure); }
  std::vector<std::string> gather(const std::string& value) override;
  std::string scatter(const std::vector<std::string>& values) override;
  std::vector<std::string> share_on_node(const std::string& value) override;

  void check_peers() override;
  bool tell_progress(const Counts& counts) override { return notices_->tell_progress(counts); }
  Counts progress() override { return notices_->progress(); }
  void announce_stop() override;
  bool stop_announced() override;
  void announce_failure() override;
  void fail_from_thread(std::exception_ptr error) override;
  Failure agree_on_failure(const std::optional<Failure>& mine) override;

  [[nodiscard]] MPI_Comm work() const { return work_; }

 private:
  /// Whether a wait ends when a rank has failed.
  enum class EndsOn : bool { failure, completion };

  std::unique_ptr<Transfer> send(int peer, int tag, std::span<const std::byte> bytes);
  std::unique_ptr<Transfer> receive(int peer, int tag, std::span<std::byte> bytes);
  std::int64_t reduce(std::int64_t value, MPI_Op operation);
  std::string broadcast_from(int root, const std::string& value, MPI_Comm comm, EndsOn ends_on);
  /// Waits for a collective. The operands are on the heap, and are kept for good if the wait is given up: the
  /// collective may still write to them.
  template <class Operands>
  void wait(MPI_Request request, std::shared_ptr<Operands> operands, EndsOn ends_on = EndsOn::failure);

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

MpiCommunicator::MpiCommunicator() {
  int provided = MPI_THREAD_SINGLE;
  check_mpi(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_MULTIPLE, &provided), "MPI_Init_thread");
  if (provided < MPI_THREAD_MULTIPLE) {
    throw Error("this MPI library cannot serve several threads (MPI_THREAD_MULTIPLE), which haloedge needs");
  }
  work_ = duplicate(MPI_COMM_WORLD);
  notices_.emplace(duplicate(MPI_COMM_WORLD));
  failure_ = duplicate(MPI_COMM_WORLD);
  check_mpi(MPI_Comm_split_type(work_, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node_), "MPI_Comm_split_type");
  check_mpi(MPI_Comm_set_errhandler(node_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  MPI_Comm_rank(work_, &rank_);
  MPI_Comm_size(work_, &size_);
  MPI_Comm_rank(node_, &node_rank_);
  MPI_Comm_size(node_, &node_size_);
}

MpiCommunicator::~MpiCommunicator() {
  // The communicators are not freed: after a failure they may have operations that never end.
  MPI_Finalize();
}

std::unique_ptr<Communicator::Transfer> MpiCommunicator::send(int peer, int tag, std::span<const std::byte> bytes) {
  auto transfer = std::make_unique<MpiTransfer>(MpiTransfer::Kind::send, [this] { check_peers(); });
  do {
    const auto piece = bytes.first(std::min(bytes.size(), static_cast<std::size_t>(largest_piece)));
    check_mpi(MPI_Isend(piece.data(), static_cast<int>(piece.size()), MPI_BYTE, peer, tag, work_, transfer->add()),
              "MPI_Isend");
    bytes = bytes.subspan(piece.size());
  } while (!bytes.empty());
  return transfer;
}

std::unique_ptr<Communicator::Transfer> MpiCommunicator::receive(int peer, int tag, std::span<std::byte> bytes) {
  auto transfer = std::make_unique<MpiTransfer>(MpiTransfer::Kind::receive, [this] { check_peers(); });
  do {
    const auto piece = bytes.first(std::min(bytes.size(), static_cast<std::size_t>(largest_piece)));
    check_mpi(MPI_Irecv(piece.data(), static_cast<int>(piece.size()), MPI_BYTE, peer, tag, work_, transfer->add()),
              "MPI_Irecv");
    bytes = bytes.subspan(piece.size());
  } while (!bytes.empty());
  return transfer;
}

Communicator::Message MpiCommunicator::receive_any(Channel channel) {
  MPI_Message handle = MPI_MESSAGE_NULL;
  MPI_Status status{};
  const auto arrived = [&] {
    int there = 0;
    check_mpi(MPI_Improbe(MPI_ANY_SOURCE, static_cast<int>(channel), work_, &there, &handle, &status), "MPI_Improbe");
    return there != 0;
  };
  wait_politely(arrived, [this] { check_peers(); });
  int bytes = 0;
  check_mpi(MPI_Get_count(&status, MPI_BYTE, &bytes), "MPI_Get_count");
  Message message{status.MPI_SOURCE, std::vector<std::byte>(static_cast<std::size_t>(bytes))};
  // The whole message is under way, so this wait is short and needs no check for failures.
  check_mpi(MPI_Mrecv(message.bytes.data(), bytes, MPI_BYTE, &handle, MPI_STATUS_IGNORE), "MPI_Mrecv");
  return message;
}

template <class Operands>
void MpiCommunicator::wait(MPI_Request request, std::shared_ptr<Operands> operands, EndsOn ends_on) {
  const auto done = [&] {
    int flag = 0;
    check_mpi(MPI_Test(&request, &flag, MPI_STATUS_IGNORE), "MPI_Test");
    return flag != 0;
  };
  try {
    wait_politely(done, [&] {
      if (ends_on == EndsOn::failure) check_peers();
    });
  } catch (...) {
    abandoned_.push_back(std::move(operands));
    throw;
  }
}

void MpiCommunicator::barrier() {
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Ibarrier(work_, &request), "MPI_Ibarrier");
  wait(request, std::shared_ptr<void>());
}

/// The operands of a collective.
template <class T>
struct InOut {
  T in{};
  T out{};
};

std::int64_t MpiCommunicator::reduce(std::int64_t value, MPI_Op operation) {
  const auto data = std::make_shared<InOut<std::int64_t>>(InOut<std::int64_t>{value, 0});
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Iallreduce(&data->in, &data->out, 1, MPI_INT64_T, operation, work_, &request), "MPI_Iallreduce");
  wait(request, data);
  return data->out;
}

std::vector<std::int64_t> MpiCommunicator::sum_each(const std::vector<std::int64_t>& values) {
  using Numbers = std::vector<std::int64_t>;
  const auto data = std::make_shared<InOut<Numbers>>(InOut<Numbers>{values, Numbers(values.size())});
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Iallreduce(data->in.data(), data->out.data(), static_cast<int>(values.size()), MPI_INT64_T, MPI_SUM,
                           work_, &request),
            "MPI_Iallreduce");
  wait(request, data);
  return data->out;
}

std::int64_t MpiCommunicator::sum_before(std::int64_t value) {
  const auto data = std::make_shared<InOut<std::int64_t>>(InOut<std::int64_t>{value, 0});
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Iexscan(&data->in, &data->out, 1, MPI_INT64_T, MPI_SUM, work_, &request), "MPI_Iexscan");
  wait(request, data);
  return rank_ == 0 ? 0 : data->out;
}

std::string MpiCommunicator::broadcast_from(int root, const std::string& value, MPI_Comm comm, EndsOn ends_on) {
  const auto length = std::make_shared<std::int64_t>(static_cast<std::int64_t>(value.size()));
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Ibcast(length.get(), 1, MPI_INT64_T, root, comm, &request), "MPI_Ibcast");
  wait(request, length, ends_on);
  const auto text = std::make_shared<std::string>(value);
  text->resize(static_cast<std::size_t>(*length));
  for (std::int64_t begin = 0; begin < *length; begin += largest_piece) {
    const auto count = static_cast<int>(std::min<std::int64_t>(largest_piece, *length - begin));
    check_mpi(MPI_Ibcast(text->data() + begin, count, MPI_BYTE, root, comm, &request), "MPI_Ibcast");
    wait(request, text, ends_on);
  }
  return *text;
}

std::vector<std::string> MpiCommunicator::gather(const std::string& value) {
  const auto lengths = std::make_shared<InOut<std::vector<std::int64_t>>>();
  lengths->in.push_back(static_cast<std::int64_t>(value.size()));
  if (rank_ == 0) lengths->out.resize(static_cast<std::size_t>(size_));
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Igather(lengths->in.data(), 1, MPI_INT64_T, lengths->out.data(), 1, MPI_INT64_T, 0, work_, &request),
            "MPI_Igather");
  wait(request, lengths);
  if (rank_ != 0) {
    send(0, gather_tag, std::as_bytes(std::span(value)))->finish();
    return {};
  }
  std::vector<std::string> all{value};
  for (int peer = 1; peer < size_; ++peer) {
    std::string& text =
        all.emplace_back(static_cast<std::size_t>(lengths->out.at(static_cast<std::size_t>(peer))), '\0');
    receive(peer, gather_tag, std::as_writable_bytes(std::span(text)))->finish();
  }
  return all;
}

std::string MpiCommunicator::scatter(const std::vector<std::string>& values) {
  const auto lengths = std::make_shared<InOut<std::vector<std::int64_t>>>();
  if (rank_ == 0) {
    for (const std::string& value : values) lengths->in.push_back(static_cast<std::int64_t>(value.size()));
    lengths->in.resize(static_cast<std::size_t>(size_));
  }
  lengths->out.resize(1);
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Iscatter(lengths->in.data(), 1, MPI_INT64_T, lengths->out.data(), 1, MPI_INT64_T, 0, work_, &request),
            "MPI_Iscatter");
  wait(request, lengths);
  if (rank_ != 0) {
    std::string mine(static_cast<std::size_t>(lengths->out.front()), '\0');
    receive(0, scatter_tag, std::as_writable_bytes(std::span(mine)))->finish();
    return mine;
  }
  for (int peer = 1; peer < size_; ++peer) {
    send(peer, scatter_tag, std::as_bytes(std::span(values.at(static_cast<std::size_t>(peer)))))->finish();
  }
  return values.front();
}

std::vector<std::string> MpiCommunicator::share_on_node(const std::string& value) {
  const auto lengths = std::make_shared<InOut<std::vector<int>>>();
  lengths->in.push_back(static_cast<int>(value.size()));
  lengths->out.resize(static_cast<std::size_t>(node_size_));
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Iallgather(lengths->in.data(), 1, MPI_INT, lengths->out.data(), 1, MPI_INT, node_, &request),
            "MPI_Iallgather");
  wait(request, lengths);

  struct Texts {
    std::string mine, together;
    std::vector<int> offsets;
  };
  const auto texts = std::make_shared<Texts>();
  texts->mine = value;
  texts->offsets.resize(lengths->out.size());
  std::exclusive_scan(lengths->out.begin(), lengths->out.end(), texts->offsets.begin(), 0);
  texts->together.resize(static_cast<std::size_t>(texts->offsets.back()) +
                         static_cast<std::size_t>(lengths->out.back()));
  check_mpi(MPI_Iallgatherv(texts->mine.data(), lengths->in.front(), MPI_CHAR, texts->together.data(),
                            lengths->out.data(), texts->offsets.data(), MPI_CHAR, node_, &request),
            "MPI_Iallgatherv");
  wait(request, texts);

  std::vector<std::string> all;
  for (std::size_t i = 0; i < lengths->out.size(); ++i) {
    all.push_back(
        texts->together.substr(static_cast<std::size_t>(texts->offsets[i]), static_cast<std::size_t>(lengths->out[i])));
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

void MpiCommunicator::fail_from_thread(std::exception_ptr error) {
  const std::lock_guard lock(control_guard_);
  if (!thread_error_) thread_error_ = std::move(error);
  failed_ = true;
}

void MpiCommunicator::announce_stop() {
  if (!stop_.exchange(true)) notices_->tell_others(MpiNotices::Notice::stop);
}

bool MpiCommunicator::stop_announced() {
  if (!stop_ && notices_->take(MpiNotices::Notice::stop)) stop_ = true;
  return stop_;
}

void MpiCommunicator::announce_failure() {
  failed_ = true;  // ends the waits of this rank's other threads
  if (!announced_.exchange(true)) notices_->tell_others(MpiNotices::Notice::failure);
}

Communicator::Failure MpiCommunicator::agree_on_failure(const std::optional<Failure>& mine) {
  const auto rank = std::make_shared<InOut<int>>(InOut<int>{mine ? rank_ : size_ - 1, 0});
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Iallreduce(&rank->in, &rank->out, 1, MPI_INT, MPI_MIN, failure_, &request), "MPI_Iallreduce");
  wait(request, rank, EndsOn::completion);
  const std::string unknown = "the job failed, and no rank says why";
  const std::string code =
      broadcast_from(rank->out, std::to_string(mine ? mine->exit_code : 1), failure_, EndsOn::completion);
  const std::string text = broadcast_from(rank->out, mine ? mine->message : unknown, failure_, EndsOn::completion);
  return {rank->out, std::stoi(code), text};
}

}  // namespace

std::unique_ptr<Communicator> make_mpi_communicator() { return std::make_unique<MpiCommunicator>(); }

MPI_Comm native_communicator(const Communicator& communicator) {
  const auto* mpi = dynamic_cast<const MpiCommunicator*>(&communicator);
  return mpi != nullptr ? mpi->work() : MPI_COMM_NULL;
}

}  // namespace haloedge
