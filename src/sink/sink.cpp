#include "sink/sink.hpp"

#include <cstring>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <tiffio.h>

#include "comm/funnel.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "formats/tiff_layout.hpp"
#include "run/run_folder.hpp"
#include "sink/tile_store.hpp"

namespace haloedge {

namespace {

constexpr Funnel::Settings funnel_settings{.items = Channel::tile, .taken = Channel::tile_taken};

std::unique_ptr<TileStore> make_store(const OutputSpec& spec, Communicator& communicator, Trace& trace) {
  const OutputFormat format = spec.output.format;
  if (format == OutputFormat::tiff) return make_tiff_store(spec, communicator, trace);
  if (format == OutputFormat::hdf5) return make_hdf5_store(spec, communicator, trace);
  return make_row_store(spec, trace);
}

SinkMemory store_memory(const OutputSpec& spec, int rank) {
  const OutputFormat format = spec.output.format;
  if (format == OutputFormat::tiff) return tiff_store_memory(spec, rank);
  return format == OutputFormat::hdf5 ? hdf5_store_memory(spec) : row_store_memory(spec);
}

/// A sink in which every rank encodes its own tiles. If all ranks write together, each puts its tiles into a store of
/// its own, which writes into one file that all ranks see; else rank 0 alone has a store, and the others send it their
/// tiles.
class TileSink final : public Sink {
 public:
  TileSink(const OutputSpec& spec, Communicator& communicator, Trace& trace)
      : image_(spec.image),
        encodes_(spec.output.format == OutputFormat::tiff && spec.image.compression != Compression::none),
        communicator_(communicator),
        trace_(trace) {
    if (spec.together || communicator.rank() == 0) store_ = make_store(spec, communicator, trace);
    if (!spec.together) {
      funnel_.emplace(communicator, funnel_settings, [this](std::span<const std::byte> item) { take(item); });
    }
  }

  void put(TilePosition tile, std::span<const std::byte> pixels) override {
    std::vector<std::byte> encoded;
    if (encodes_) {
      const Trace::Scope scope(trace_, Phase::encode);
      encoded = encode_tiff_tile(image_, pixels);
      pixels = encoded;
    }
    if (store_) return store_->put(tile, pixels);
    const Trace::Scope scope(trace_, Phase::gather);
    funnel_->add(std::as_bytes(std::span(&tile, 1)), pixels);
  }

  void end_round() override {
    if (!store_) return funnel_->flush();
    // The tiles of other ranks may come at any time, so that a store that takes them has no rounds.
    if (!funnel_ || communicator_.size() == 1) store_->end_round();
  }

  void finish() override {
    std::optional<Trace::Scope> scope;
    if (funnel_) {
      if (store_) scope.emplace(trace_, Phase::gather);
      funnel_->finish();
      if (store_) communicator_.check_peers();
    }
    if (store_) store_->finish([this] { communicator_.check_peers(); });
    scope.reset();
    communicator_.barrier();
  }

 private:
  /// Takes an item of the funnel: the position and the encoded bytes of another rank's tile.
  void take(std::span<const std::byte> item) {
    TilePosition tile;
    std::memcpy(&tile, item.data(), sizeof tile);
    trace_.name_lane("receive");  // the funnel has one thread that calls this
    store_->put(tile, item.subspan(sizeof tile));
  }

  TiledImage image_;
  bool encodes_;  ///< false if samples are stored as they are
  Communicator& communicator_;
  Trace& trace_;
  std::unique_ptr<TileStore> store_;
  std::optional<Funnel> funnel_;  ///< brings the tiles of the other ranks to rank 0
};

}  // namespace

bool can_write_together(OutputFormat format, bool fed) {
  return format == OutputFormat::tiff || (format == OutputFormat::hdf5 && !fed);
}

void check_write_mode(const Output& output, Compression compression, bool fed, WriteMode mode) {
  if (mode == WriteMode::parallel && !can_write_together(output.format, fed)) {
    throw UsageError(
        output.format == OutputFormat::hdf5
            ? fmt::format("{}: all ranks cannot write HDF5 together if the input can only be decoded from its top: use "
                          "--write gather",
                          output.name)
            : fmt::format("{}: a PNG or JPEG cannot be written by several ranks: use --write gather", output.name));
  }
  if (output.format == OutputFormat::tiff &&
      TIFFIsCODECConfigured(static_cast<std::uint16_t>(tiff_compression(compression))) != 1) {
    throw UsageError("this libtiff was built without the requested compression");
  }
}

bool writes_together(const Output& output, bool fed, WriteMode mode, const std::filesystem::path& folder,
                     Communicator& communicator) {
  if (!can_write_together(output.format, fed) || mode == WriteMode::gather) return false;
  const FolderView view = look_at_folder(folder, communicator);
  if (mode == WriteMode::parallel && !view.here) {
    throw Error(
        fmt::format("{}: --write parallel is not possible, because this host does not see the files of rank 0: the "
                    "folder must be on a file system that all hosts share; otherwise use --write gather",
                    output.name));
  }
  // If a rank does not see the folder, it has failed, and the barrier throws PeerFailure on the others.
  if (mode == WriteMode::parallel) communicator.barrier();
  return view.everywhere;
}

std::unique_ptr<Sink> open_sink(const OutputSpec& spec, Communicator& communicator, Trace& trace) {
  const std::filesystem::path partial = partial_path(spec.output.file);
  if (communicator.rank() == 0 && !(spec.finished.any() && std::filesystem::exists(partial)))
    (void)File::create(partial);
  communicator.barrier();
  return std::make_unique<TileSink>(spec, communicator, trace);
}

SinkMemory sink_memory(const OutputSpec& spec, int rank) {
  const bool has_store = spec.together || rank == 0;
  SinkMemory memory = has_store ? store_memory(spec, rank) : SinkMemory{};
  if (!spec.together && spec.shares.size() > 1) {
    const std::int64_t item_bytes = spec.image.tile_bytes() + static_cast<std::int64_t>(sizeof(TilePosition));
    memory.fixed += Funnel::memory_bytes(funnel_settings, item_bytes);
  }
  return memory;
}

}  // namespace haloedge
