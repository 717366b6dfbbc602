#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "comm/communicator.hpp"
#include "run/trace.hpp"
#include "sink/output.hpp"

namespace haloedge {

/// A tile's place in the output's grid of tiles, counted in tiles.
struct TilePosition {
  std::int64_t row = 0;
  std::int64_t column = 0;
};

/// Takes finished tiles and writes the output. Made, advanced and finished by all ranks together.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  /// Takes a finished tile of this rank's share: tile_rows * tile_columns samples without gaps, also at the image's
  /// right and lower edge, where samples outside the image are zero. Called from many threads at once, once per tile,
  /// in any order.
  virtual void put(TilePosition tile, std::span<const std::byte> pixels) = 0;

  /// Called by every rank's main thread the same number of times, when no put() is running. Collective.
  virtual void end_round() = 0;

  /// Completes the output under its partial name. Collective, last call.
  virtual void finish() = 0;
};

/// The values of --write. `automatic` is parallel where that is possible, and else gather.
enum class WriteMode : std::uint8_t { automatic, gather, parallel };

/// Returns true if all ranks can write into one file of this format. `fed` means that ranks get rows from the decoders
/// of other ranks: then no rank may wait for the others between its tiles, as HDF5's collective writes do. Pure.
[[nodiscard]] bool can_write_together(OutputFormat format, bool fed);

/// Throws UsageError for a mode that this output cannot have, and for a compression that libtiff was built without.
/// Pure.
void check_write_mode(const Output& output, Compression compression, bool fed, WriteMode mode);

/// Decides whether all ranks write into one file, or rank 0 alone writes. For `automatic`, all write if
/// can_write_together() returns true and all ranks see `folder`, which rank 0 has made beside the output. Collective.
/// Throws Error if `mode` is parallel and a rank does not see the folder.
[[nodiscard]] bool writes_together(const Output& output, bool fed, WriteMode mode, const std::filesystem::path& folder,
                                   Communicator& communicator);

/// Makes the sink for an output. The file grows under its partial name, which the caller changes into its own after
/// Sink::finish(). Collective. Throws Error before any work is done.
[[nodiscard]] std::unique_ptr<Sink> open_sink(const OutputSpec& spec, Communicator& communicator, Trace& trace);

/// Finds the rows of tiles that earlier runs of `spec`, a TIFF, have finished. A row is finished if each of its tiles
/// is at the place that a journal names, and its checksum is right. If ranks write together, each checks a part of the
/// rows, else rank 0 checks all. Holds no more than a part of `memory` bytes. Collective.
[[nodiscard]] FinishedRows find_finished_rows(const OutputSpec& spec, int threads, std::int64_t memory,
                                              Communicator& communicator);

/// Bytes that a sink holds on a rank.
struct SinkMemory {
  std::int64_t fixed = 0;
  std::int64_t a_tile_row = 0;  ///< additional bytes for each row of tiles that a step finishes
};

/// Upper bound of what the sink of `spec` holds on a rank, if no compressed tile is larger than its samples. Pure.
[[nodiscard]] SinkMemory sink_memory(const OutputSpec& spec, int rank);

}  // namespace haloedge
