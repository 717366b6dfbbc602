#pragma once

#include <cstdint>

namespace haloedge {

/// Where a number of the model comes from.
enum class Origin : std::uint8_t { assumed, measured, given };

struct Quantity {
  double value = 0;
  Origin origin = Origin::assumed;
};

/// What a machine can do. Rates are bytes (of what, is said) or pixels a second of one thread that has a core for
/// itself. The values here are assumptions, on the slow side; calibrate() puts measured ones in their place.
struct Machine {
  Quantity decode{1e9};   ///< decoded bytes; assumed_inflate where the input is compressed
  Quantity filter{3e8};   ///< pixels, gray and filter together
  Quantity encode{5e7};   ///< bytes of edge samples; not used for outputs without compression
  Quantity write{1e9};    ///< bytes into the file
  Quantity send{1e9};     ///< bytes of tiles from rank to rank within a node: copied by the sender, and by the receiver
  Quantity kept{0.75};    ///< bytes in a compressed output for each byte of edge samples
  Quantity input{1};      ///< bytes in the input's file for each decoded byte, where there is no file to ask
  Quantity start_up{.1};  ///< seconds that a rank takes of a core to start, and to open input and output

  /// Memory is shared: with k busy threads on a node each takes 1 + contention (k - 1) times as long.
  Quantity contention{0.005};
  Quantity launch{0.5};        ///< seconds that mpirun or srun takes of every job
  Quantity node_start{0.005};  ///< seconds more for each further node
  /// Where there are several nodes: seconds in which MPI looks for networks, and ways over the slowest link, one after
  /// the other, of its start and end and of the job's own agreements.
  Quantity network{0.35};
  Quantity handshakes{57};

  Quantity file_system{5e9};       ///< bytes a second, read and written, all nodes together
  Quantity node_file_system{2e9};  ///< the same, of one node
  Quantity link{1.25e9};           ///< bytes a second into a node: 10 Gb/s
  Quantity latency{5e-5};          ///< seconds of a message between nodes
  int cores = 1;                   ///< of a node
};

/// The assumption for `decode` where the input is compressed.
inline constexpr Quantity assumed_inflate{2e8};

/// One `edges` job.
struct Job {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t tile_rows = 256;  ///< of the output; less where ranks would idle, as share_rows() has it
  std::int64_t tile_columns = 256;
  double input_pixel = 0;    ///< bytes of a pixel in the input's file
  double decoded_pixel = 0;  ///< once decoded
  double gray_pixel = 0;
  double edge_pixel = 0;  ///< of the edge map, before compression
  double kept_pixel = 0;  ///< in the output's file
  bool encodes = false;   ///< the output is compressed: its bytes are written twice, the second time in order
  bool by_rows = false;   ///< a PNG or JPEG: rank 0 encodes it from its top once all tiles are there; always gathered
  int feeders = 0;        ///< ranks that decode for all, where the input can only be decoded from its top; else 0
};

/// How a job is spread.
struct Spread {
  int ranks = 1;
  int ranks_per_node = 1;
  int threads = 1;      ///< of a rank
  bool gather = false;  ///< rank 0 writes; else all do
};

}  // namespace haloedge
