#pragma once

#include <functional>
#include <string_view>

#include "plan/machine.hpp"

namespace haloedge {

/// Predicted seconds. In run_edge_pipeline() a rank's threads decode, filter, encode and hand on different tiles at the
/// same time, so that these add up on the threads; the file system and rank 0's receiving thread work beside them:
///
///     total = start_up + max(threads(), storage, receive, feed) + halo_exposed + finish
///
/// Of a node with c cores, r ranks of t threads: k = min(c, r t) threads are busy, slow = 1 + contention (k - 1), and a
/// rank has e = min(t, c / r) cores. With p pixels in the largest share:
///
/// - decode = p decoded_pixel / decode * slow / e; filter, encode and write alike, from p, the edge map's bytes and the
///   file's.
/// - send (gather): like write, from the bytes of tiles and send. Tiles travel many in a message and messages overlap
///   (TileOutbox), so that latency is not paid for each.
/// - receive (gather): rank 0's one thread takes the other ranks' bytes b, and writes them; b' come from other nodes:
///   b / send + b / write * slow + b' / link.
/// - threads() = decode + filter + encode + write + send, and no less than node 0's cores need for all of its ranks and
///   for the receiver's writing.
/// - storage = the larger of (bytes read and written) / file_system, and of a node's part / node_file_system: a lower
///   bound (the asymptotic bound of queueing theory), which many threads that read by turns come near.
/// - feed = one thread's decoding where few ranks decode for all, and the rows' way over its link; decode is 0 then.
/// - halo = latency + row / link between nodes, row / send within one; 0 for one rank.
/// - halo_exposed = max(0, halo - interior): it is under way while the tile rows between a share's first and last are
///   worked on, which need no halo. interior = max(threads(), storage) (tile rows - 2) / tile rows.
/// - finish: compressed tiles are read back and written in order, by one thread of each rank, or of rank 0; a PNG or
///   JPEG is encoded, by rank 0.
/// - start_up = launch + node_start (nodes - 1) + start_up max(1, r / c), and with several nodes network + handshakes
///   latency more.
///
/// Neither unequal loads nor waiting at the end of a step are in it: both make a run slower than predicted.
struct Prediction {
  double start_up = 0;
  double decode = 0;
  double filter = 0;
  double encode = 0;
  double write = 0;
  double send = 0;
  double crowding = 0;  ///< what rank 0's node takes longer than these, because of the receiver
  double receive = 0;
  double feed = 0;
  double storage = 0;
  double halo = 0;
  double halo_exposed = 0;
  double finish = 0;

  [[nodiscard]] double threads() const { return decode + filter + encode + write + send + crowding; }
  [[nodiscard]] double total() const;
  /// The phase that takes the largest part of total().
  [[nodiscard]] std::string_view dominating() const;
};

/// Seconds for `job`. Pure. Ranks without rows cost nothing but their start.
[[nodiscard]] Prediction predict(const Job& job, const Machine& machine, const Spread& spread);

/// Parallel efficiency of `spread` against one rank with as many threads: T(1) / (ranks T(ranks)).
[[nodiscard]] double efficiency(const Job& job, const Machine& machine, const Spread& spread);

/// The fewest ranks whose efficiency is under `limit`, between two powers of two of which the smaller is the last not
/// under it; 0 if it is not under it up to `most` ranks. `spread.ranks` is not looked at.
[[nodiscard]] int ranks_under(const Job& job, const Machine& machine, Spread spread, double limit, int most);

}  // namespace haloedge
