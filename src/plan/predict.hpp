#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "edges/options.hpp"
#include "kernels/kernels.hpp"

namespace haloedge {

/// The origin of a number of the model: an assumption, a measured run, or the command line.
enum class Origin : std::uint8_t { assumed, measured, given };

struct Quantity {
  double value = 0;
  Origin origin = Origin::assumed;
};

/// The speed of a machine. Rates are bytes or pixels a second for one thread that has a core for itself. The values
/// here are cautious assumptions, which calibrate() replaces by measured ones.
struct Machine {
  Quantity decode{1e9};   ///< decoded bytes; assumed_inflate if the input is compressed
  Quantity filter{3e8};   ///< pixels, gray and filter together
  Quantity encode{5e7};   ///< bytes of edge samples; unused if the output is not compressed
  Quantity write{1e9};    ///< bytes into the file
  Quantity send{1e9};     ///< bytes of tiles between ranks of a node; both the sender and the receiver copy them
  Quantity kept{0.75};    ///< bytes in a compressed output for each byte of edge samples
  Quantity input{1};      ///< bytes in the input file for each decoded byte, if there is no file yet
  Quantity start_up{.1};  ///< seconds of a core that a rank needs to start, and to open input and output

  /// Threads share the memory: with k busy threads on a node, each takes 1 + contention (k - 1) times as long.
  Quantity contention{0.005};
  Quantity launch{0.5};        ///< seconds that mpirun or srun needs to start a job
  Quantity node_start{0.005};  ///< seconds more for each further node
  /// For several nodes: the seconds in which MPI looks for networks, and the number of messages, one after the other
  /// over the slowest link, with which MPI starts and ends and the ranks of the job agree.
  Quantity network{0.35};
  Quantity handshakes{57};

  Quantity file_system{5e9};       ///< bytes a second, read and written, for all nodes together
  Quantity node_file_system{2e9};  ///< bytes a second, read and written, for one node
  Quantity link{1.25e9};           ///< bytes a second into a node: 10 Gb/s
  Quantity latency{5e-5};          ///< seconds for a message between nodes
  int cores = 1;                   ///< cores of a node
};

/// The assumption for `decode` if the input is compressed.
inline constexpr Quantity assumed_inflate{2e8};

/// One `edges` job.
struct Job {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t tile_rows = usual_tile;  ///< rows of an output tile; share_rows() makes it smaller if ranks would idle
  std::int64_t tile_columns = usual_tile;
  std::int64_t radius = kernels::stencil_radius;  ///< rows that a rank needs of each neighbour
  double input_pixel = 0;                         ///< bytes of a pixel in the input file
  double decoded_pixel = 0;                       ///< bytes of a decoded pixel
  double gray_pixel = 0;
  double edge_pixel = 0;  ///< bytes of a pixel of the edge map before compression
  double kept_pixel = 0;  ///< bytes of a pixel in the output file
  bool encodes = false;   ///< the output is compressed, and its bytes are written twice: as tiles finish, then in order
  bool by_rows = false;   ///< the output is a PNG or JPEG, which rank 0 encodes from the top when it has all tiles
  int feeders = 0;        ///< ranks that decode for all if the input can only be decoded from the top; else 0
};

/// The ranks and threads of a job.
struct Spread {
  int ranks = 1;
  int ranks_per_node = 1;
  int threads = 1;      ///< threads of a rank
  bool gather = false;  ///< true: rank 0 writes for all ranks
};

/// Predicted seconds. In run_pass() the threads of a rank decode, filter, encode and pass on different tiles
/// at the same time, so the times of these phases add up. The file system and rank 0's receiving thread work in
/// parallel:
///
///     total = start_up + max(threads(), storage, receive, feed) + halo_exposed + finish
///
/// On a node with c cores and r ranks of t threads, k = min(c, r t) threads are busy, slow = 1 + contention (k - 1),
/// and a rank has e = min(t, c / r) cores. With p pixels in the largest share:
///
/// - decode = p decoded_pixel / decode * slow / e. filter, encode and write are alike, with p, the bytes of the edge
///   map and the bytes of the file.
/// - send (gather): like write, with the bytes of tiles and the rate send. Many tiles travel in one message and
///   messages overlap (Funnel), so latency does not count.
/// - receive (gather): one thread of rank 0 receives b bytes from the other ranks, b' of them from other nodes, and
///   writes them: b / send + b / write * slow + b' / link.
/// - threads() = decode + filter + encode + write + send, but at least what the cores of node 0 need for all of its
///   ranks and for the writing of rank 0's receiving thread.
/// - storage = the larger of (bytes read and written) / file_system, and of the same for one node / node_file_system.
///   This is a lower bound (the asymptotic bound of queueing theory), which many reading threads nearly reach.
/// - feed = the time in which one thread decodes its part and sends the rows, if few ranks decode for all; decode is
///   then 0.
/// - halo = latency + row / link between nodes, row / send within a node, 0 for one rank.
/// - halo_exposed = max(0, halo - interior): the exchange overlaps with the work on the tile rows between the first and
///   the last one of a share, which need no halo. interior = max(threads(), storage) (tile rows - 2) / tile rows.
/// - finish: one thread of each rank, or of rank 0, reads compressed tiles back and writes them in order. A PNG or JPEG
///   is encoded by rank 0.
/// - start_up = launch + node_start (nodes - 1) + start_up max(1, r / c); for several nodes also network + handshakes
///   latency.
///
/// Unequal loads and waiting at the end of a step are not modelled: both make a run slower than predicted.
struct Prediction {
  double start_up = 0;
  double decode = 0;
  double filter = 0;
  double encode = 0;
  double write = 0;
  double send = 0;
  double crowding = 0;  ///< additional time of rank 0's node for its receiving thread
  double receive = 0;
  double feed = 0;
  double storage = 0;
  double halo = 0;
  double halo_exposed = 0;
  double finish = 0;

  [[nodiscard]] double threads() const { return decode + filter + encode + write + send + crowding; }
  [[nodiscard]] double total() const;
  /// The phase that contributes most to total().
  [[nodiscard]] std::string_view dominating() const;
};

/// Predicts the seconds of each phase of `job`. Ranks without rows cost only their start.
[[nodiscard]] Prediction predict(const Job& job, const Machine& machine, const Spread& spread);

/// The parallel efficiency of `spread` relative to one rank with the same number of threads: T(1) / (ranks T(ranks)).
[[nodiscard]] double efficiency(const Job& job, const Machine& machine, const Spread& spread);

/// The smallest number of ranks whose efficiency is below `limit`; 0 if there is none up to `most`. `spread.ranks` is
/// ignored. The search assumes that the efficiency falls steadily from the last power of two whose efficiency is at
/// least `limit` to the next one.
[[nodiscard]] int ranks_under(const Job& job, const Machine& machine, Spread spread, double limit, int most);

}  // namespace haloedge
