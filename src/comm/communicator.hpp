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

/// Thrown out of every wait of a rank when another rank has announced that it failed.
class PeerFailure : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "another rank failed"; }
};

/// The kinds of messages. Messages of different kinds do not mix.
enum class Channel : int {
  halo_up = 1,
  halo_down,
  rows,
  tile,
  tile_taken,
  hysteresis,
  score,
  score_taken,
  frame_word,
  frame,
  gather,
  scatter,
  test
};

/// The ranks of the job. The only interface to MPI above src/comm/.
///
/// Failure: a rank whose local work fails calls announce_failure() and takes no further part. Every wait of the other
/// ranks, collective or not, then throws PeerFailure, so that all ranks get to agree_on_failure() within milliseconds.
/// Waits sleep between tests, so that waiting ranks leave the cores to working ones.
///
/// Several threads may call point-to-point functions at once. Only the main thread calls collectives, in the same order
/// on all ranks. Messages may have any size: they are sent in pieces of at most 1 GiB.
class Communicator {
 public:
  /// A transfer under way. Its memory must live until the transfer is finished or destroyed. A transfer that is
  /// destroyed before it is finished is cancelled.
  class Transfer {
   public:
    Transfer() = default;
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    virtual ~Transfer() = default;
    /// Waits until the memory may be reused (send) or contains the message (receive).
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
  /// This rank's number among the ranks of its node, and the number of these ranks.
  [[nodiscard]] virtual int node_rank() const = 0;
  [[nodiscard]] virtual int node_size() const = 0;
  /// "Open MPI 4.1.4", or "none" if MPI was not started.
  [[nodiscard]] virtual std::string library() const = 0;

  [[nodiscard]] virtual std::unique_ptr<Transfer> begin_send(int peer, Channel channel,
                                                             std::span<const std::byte> bytes) = 0;
  /// The message from `peer` must have exactly bytes.size() bytes.
  [[nodiscard]] virtual std::unique_ptr<Transfer> begin_receive(int peer, Channel channel,
                                                                std::span<std::byte> bytes) = 0;
  /// Waits for the next message from any rank, of any size up to 1 GiB.
  [[nodiscard]] virtual Message receive_any(Channel channel) = 0;

  // Collectives: every rank calls them, in the same order.
  virtual void barrier() = 0;
  [[nodiscard]] virtual std::int64_t sum(std::int64_t value) = 0;
  /// Sums vectors element by element. All ranks give the same number of values, at most 2^20.
  [[nodiscard]] virtual std::vector<std::int64_t> sum_each(const std::vector<std::int64_t>& values) = 0;
  [[nodiscard]] virtual std::int64_t max(std::int64_t value) = 0;
  /// The sum of the values of all lower ranks; 0 on rank 0.
  [[nodiscard]] virtual std::int64_t exclusive_sum(std::int64_t value) = 0;
  /// Returns rank 0's string on every rank.
  [[nodiscard]] virtual std::string broadcast(std::string value) = 0;
  /// Returns every rank's string, in rank order, on rank 0; empty on other ranks.
  [[nodiscard]] virtual std::vector<std::string> gather(const std::string& value) = 0;
  /// Returns on each rank the string that rank 0 gives for it, which is values[rank()]. The values of other ranks are
  /// ignored.
  [[nodiscard]] virtual std::string scatter(const std::vector<std::string>& values) = 0;
  /// Returns on each rank the strings of all ranks of its node, in order of node_rank(). Collective over the node.
  [[nodiscard]] virtual std::vector<std::string> share_on_node(const std::string& value) = 0;

  /// Throws PeerFailure if another rank has failed, or the error of a thread of this rank that has failed. Cheap, for
  /// any thread. To be called now and then during long local work.
  virtual void check_peers() = 0;

  /// The progress of a rank, in units of the job.
  using Counts = std::array<std::int64_t, 8>;
  /// Sends this rank's counts to rank 0, where progress() is the sum of the newest counts of all ranks. Not collective,
  /// does not wait. Returns false, and sends nothing, if the last counts are still on their way.
  virtual bool send_progress(const Counts& counts) = 0;
  [[nodiscard]] virtual Counts progress() = 0;

  /// Asks all ranks to stop in good order. Only the first call counts. Not collective, for any thread.
  virtual void announce_stop() = 0;
  /// Returns true if any rank has asked for a stop. Cheap, for one thread.
  [[nodiscard]] virtual bool stop_announced() = 0;

  /// Ends every wait of the other ranks and of this rank's own threads, now and later. Only the first call counts. Not
  /// collective.
  virtual void announce_failure() = 0;

  /// Makes every wait of this rank, and check_peers(), throw `error` from now on. For background threads that fail.
  virtual void fail_from_thread(std::exception_ptr error) = 0;

  /// The failure of a rank, with the message for users.
  struct Failure {
    int exit_code = 1;
    std::string message;
  };
  /// Returns, on all ranks, the failure of the lowest rank that has one. Collective, after announce_failure() or
  /// PeerFailure.
  [[nodiscard]] virtual Failure agree_on_failure(const std::optional<Failure>& mine) = 0;
};

/// The communicator of a job without a launcher, which has one rank and does not start MPI.
[[nodiscard]] std::unique_ptr<Communicator> make_single_communicator();

}  // namespace haloedge
