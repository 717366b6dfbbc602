#include "edges/halo_exchange.hpp"

#include "edges/decomposition.hpp"

namespace haloedge {

Neighbours find_neighbours(const std::vector<RowRange>& shares, int rank, kernels::Border border) {
  const int active = active_ranks(shares);
  if (rank < 0 || rank >= active) return {};
  const bool wraps = border == kernels::Border::wrap;
  Neighbours found;
  if (rank > 0 || wraps) found.above = (rank + active - 1) % active;
  if (rank + 1 < active || wraps) found.below = (rank + 1) % active;
  return found;
}

HaloExchange::HaloExchange(Communicator& communicator, Neighbours neighbours, std::int64_t row_bytes,
                           std::int64_t radius)
    : communicator_(communicator),
      row_bytes_(row_bytes),
      radius_(radius),
      above_{.peer = neighbours.above, .out = Channel::halo_up, .in = Channel::halo_down},
      below_{.peer = neighbours.below, .out = Channel::halo_down, .in = Channel::halo_up} {
  for (Side* side : {&above_, &below_}) {
    if (!side->peer) continue;
    side->received.resize(static_cast<std::size_t>(radius * row_bytes));
    if (*side->peer != communicator.rank()) {
      side->receiving = communicator.begin_receive(*side->peer, side->in, side->received);
    }
  }
}

void HaloExchange::send(Side& side, const Strip& strip, RowRange rows) {
  if (!side.peer || !side.sent.empty() || !strip.holds(rows)) return;
  side.sent.resize(static_cast<std::size_t>(radius_ * row_bytes_));
  for (std::int64_t i = 0; i < radius_; ++i) {
    strip.copy_row(rows.begin + i, side.sent.data() + i * row_bytes_);
  }
  if (*side.peer == communicator_.rank()) {
    // The image wraps around onto the same rank: rows that leave above arrive below.
    (&side == &above_ ? below_ : above_).received = side.sent;
  } else {
    side.sending = communicator_.begin_send(*side.peer, side.out, side.sent);
  }
}

void HaloExchange::send_ready_rows(const Strip& strip) {
  const RowRange share = strip.shape().share;
  send(above_, strip, {share.begin, share.begin + radius_});
  send(below_, strip, {share.end - radius_, share.end});
}

void HaloExchange::finish(Strip& strip) {
  for (Side* side : {&above_, &below_}) {
    if (side->receiving) side->receiving->finish();
    if (side->sending) side->sending->finish();
  }
  if (above_.peer) strip.set_halo_above(above_.received.data());
  if (below_.peer) strip.set_halo_below(below_.received.data());
}

}  // namespace haloedge
