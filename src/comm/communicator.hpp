#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace haloedge {

/// Thrown on ranks that did not fail themselves, out of any wait, when another rank has announced that it failed.
class PeerFailure : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "another rank failed"; }
};

/// What a message is about; messages of different kinds do not mix.
enum class Channel : int {
  halo_up = 1,
  halo_down,
  rows,
  tile,
  hysteresis,
  score,
  score_taken,
  frame_word,
  frame,
  test
};

/// The ranks of the job. The only interface to MPI above src/comm/.
///
/// Failure: a rank whose local work fails calls announce_failure() and stops taking part; every wait of the other
/// ranks, collective or not, then ends with PeerFailure, so that all meet in agree_on_failure() within milliseconds and
/// nobody hangs. Waits sleep between looks, so that waiting ranks do not burn the cores of working ones.
///
/// Point-to-point calls may come from several threads at once; collectives are for the main thread, in the same order
/// on all ranks. Messages may have any size: they travel in pieces of at most 1 GiB.
class Communicator {
 public:
  /// A transfer under way. The memory it was begun with must stay until it is finished or dropped. Dropping one that is
  /// not finished cancels it.
  class Transfer {
   public:
    Transfer() = default;
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    virtual ~Transfer() = default;
    /// Waits until the memory may be used again (send) or holds the message (receive).
    virtual void finish() = 0;
  };

  struct Message {
    int source = 0;
    std::vector<std::byte> bytes;
  };

  Communicator() = default;
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;
  virtual ~Communicator() = default;

  [[nodiscard]] virtual int rank() const = 0;
  [[nodiscard]] virtual int size() const = 0;
  /// This rank's number among those on its node, and how many those are.
  [[nodiscard]] virtual int node_rank() const = 0;
  [[nodiscard]] virtual int node_size() const = 0;
  /// "Open MPI 4.1.4", or "none" where MPI was not started.
  [[nodiscard]] virtual std::string library() const = 0;

  [[nodiscard]] virtual std::unique_ptr<Transfer> begin_send(int peer, Channel channel,
                                                             std::span<const std::byte> bytes) = 0;
  /// The message from `peer` has exactly bytes.size() bytes.
  [[nodiscard]] virtual std::unique_ptr<Transfer> begin_receive(int peer, Channel channel,
                                                                std::span<std::byte> bytes) = 0;
  /// A message of any size up to 1 GiB, sent with one begin_send, from whoever comes first. Waits.
  [[nodiscard]] virtual Message receive_any(Channel channel) = 0;

  // Collectives: every rank calls them, in the same order.
  virtual void barrier() = 0;
  [[nodiscard]] virtual std::int64_t sum(std::int64_t value) = 0;
  /// Element by element; all ranks give equally many, up to 2^20.
  [[nodiscard]] virtual std::vector<std::int64_t> sum_each(const std::vector<std::int64_t>& values) = 0;
  [[nodiscard]] virtual std::int64_t max(std::int64_t value) = 0;
  /// The sum over all lower ranks; 0 on rank 0.
  [[nodiscard]] virtual std::int64_t sum_before(std::int64_t value) = 0;
  /// Rank 0's string, on every rank.
  [[nodiscard]] virtual std::string broadcast(std::string value) = 0;
  /// Every rank's string, in rank order, on rank 0; empty elsewhere.
  [[nodiscard]] virtual std::vector<std::string> gather(const std::string& value) = 0;
  /// The rank's own of rank 0's strings, one a rank; what other ranks give does not count.
  [[nodiscard]] virtual std::string scatter(const std::vector<std::string>& values) = 0;
  /// The strings of the ranks on this node, on each of them, in order of node_rank().
  [[nodiscard]] virtual std::vector<std::string> share_on_node(const std::string& value) = 0;

  /// Throws PeerFailure if another rank has failed, or what a thread of this one has failed with. Cheap; called now and
  /// then during long local work. Any thread.
  virtual void check_peers() = 0;

  /// How far a rank is, in whatever the job counts.
  using Counts = std::array<std::int64_t, 8>;
  /// Tells rank 0 this rank's counts; on rank 0, progress() is the sum of the newest ones of all ranks. Not collective,
  /// does not wait: false if the last ones are still on their way and these were not sent.
  virtual bool tell_progress(const Counts& counts) = 0;
  [[nodiscard]] virtual Counts progress() = 0;

  /// Asks all ranks to come to an end in good order; only the first call counts. Not collective; any thread.
  virtual void announce_stop() = 0;
  /// True once any rank has asked for it. Cheap; for one thread.
  [[nodiscard]] virtual bool stop_announced() = 0;

  /// Ends every wait of the other ranks, and from now on every wait of this rank's own threads. Not collective; only
  /// the first call counts.
  virtual void announce_failure() = 0;

  /// For a thread in the background that failed: from now on every wait of this rank, and check_peers(), throws
  /// `error`.
  virtual void fail_from_thread(std::exception_ptr error) = 0;

  /// Collective over all ranks, after announce_failure() or PeerFailure: the message of the lowest rank that has one,
  /// with that rank's number; the same on all ranks.
  struct Failure {
    int rank = 0;
    int exit_code = 1;
    std::string message;
  };
  [[nodiscard]] virtual Failure agree_on_failure(const std::optional<Failure>& mine) = 0;
};

/// The one rank of a job without a launcher. MPI is not touched.
[[nodiscard]] std::unique_ptr<Communicator> make_single_communicator();

}  // namespace haloedge
