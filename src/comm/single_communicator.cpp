#include <atomic>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "comm/communicator.hpp"

namespace haloedge {

namespace {

/// One rank: collectives return their arguments, and there are no messages.
class SingleCommunicator final : public Communicator {
 public:
  [[nodiscard]] int rank() const override { return 0; }
  [[nodiscard]] int size() const override { return 1; }
  [[nodiscard]] int node_rank() const override { return 0; }
  [[nodiscard]] int node_size() const override { return 1; }
  [[nodiscard]] std::string library() const override { return "none"; }

  std::unique_ptr<Transfer> begin_send(int, Channel, std::span<const std::byte>) override { throw nobody_there(); }
  std::unique_ptr<Transfer> begin_receive(int, Channel, std::span<std::byte>) override { throw nobody_there(); }
  Message receive_any(Channel) override { throw nobody_there(); }

  void barrier() override {}
  std::int64_t sum(std::int64_t value) override { return value; }
  std::vector<std::int64_t> sum_each(const std::vector<std::int64_t>& values) override { return values; }
  std::int64_t max(std::int64_t value) override { return value; }
  std::int64_t exclusive_sum(std::int64_t) override { return 0; }
  std::string broadcast(std::string value) override { return value; }
  std::vector<std::string> gather(const std::string& value) override { return {value}; }
  std::string scatter(const std::vector<std::string>& values) override { return values.at(0); }
  std::vector<std::string> share_on_node(const std::string& value) override { return {value}; }

  void check_peers() override {
    if (thread_failed_) std::rethrow_exception(thread_error_);
  }
  bool send_progress(const Counts& counts) override {
    counts_ = counts;
    return true;
  }
  Counts progress() override { return counts_; }
  void announce_stop() override { stop_ = true; }
  bool stop_announced() override { return stop_; }
  void announce_failure() override {}
  void fail_from_thread(std::exception_ptr error) override {
    const std::lock_guard lock(guard_);
    if (thread_failed_) return;
    thread_error_ = std::move(error);
    thread_failed_ = true;
  }
  Failure agree_on_failure(const std::optional<Failure>& mine) override { return mine.value_or(Failure{}); }

 private:
  static std::logic_error nobody_there() { return std::logic_error("a message to or from a rank that does not exist"); }

  Counts counts_{};
  std::atomic<bool> stop_ = false;
  std::mutex guard_;
  std::exception_ptr thread_error_;  ///< constant once thread_failed_ is true
  std::atomic<bool> thread_failed_ = false;
};

}  // namespace

std::unique_ptr<Communicator> make_single_communicator() { return std::make_unique<SingleCommunicator>(); }

}  // namespace haloedge
