#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "comm/communicator.hpp"
#include "core/row_range.hpp"
#include "edges/strip.hpp"

namespace haloedge {

/// The ranks whose shares touch this rank's. A rank that has a whole wrapped image is its own neighbour.
struct Neighbours {
  std::optional<int> above;
  std::optional<int> below;
};

/// Finds the neighbours of `rank`. Ranks with an empty share have none. Pure.
[[nodiscard]] Neighbours find_neighbours(const std::vector<RowRange>& shares, int rank, kernels::Border border);

/// Exchanges the first and last `radius` rows of a share with the neighbours, once, while other work goes on.
class HaloExchange {
 public:
  /// Begins to receive. Each rank that has neighbours must make one exchange.
  HaloExchange(Communicator& communicator, Neighbours neighbours, std::int64_t row_bytes, std::int64_t radius);

  /// Bytes that an exchange for a strip of this shape holds: the boundary rows that it sends and receives.
  [[nodiscard]] static std::int64_t memory_bytes(const StripShape& shape) {
    return 4 * shape.radius * shape.row_bytes();
  }

  /// Sends the boundary rows of the share that `strip` holds and that were not sent yet. Does not wait.
  void send_ready_rows(const Strip& strip);

  /// Waits until the neighbours' rows have arrived and the sends have ended, then puts the rows into `strip`. All
  /// boundary rows must have been sent.
  void finish(Strip& strip);

 private:
  using Transfer = std::unique_ptr<Communicator::Transfer>;

  struct Side {
    std::optional<int> peer;
    Channel out;  ///< channel of the rows that this rank sends
    Channel in;
    std::vector<std::byte> sent{};
    std::vector<std::byte> received{};
    Transfer sending{};
    Transfer receiving{};
  };

  void send(Side& side, const Strip& strip, RowRange rows);

  Communicator& communicator_;
  std::int64_t row_bytes_;
  std::int64_t radius_;
  Side above_;
  Side below_;
};

}  // namespace haloedge
