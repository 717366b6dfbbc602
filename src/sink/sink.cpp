#include "sink/sink.hpp"

#include <utility>

#include <fmt/format.h>
#include <tiffio.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/whole_file.hpp"
#include "formats/tiff_layout.hpp"
#include "run/run_folder.hpp"
#include "sink/tile_sinks.hpp"
#include "sink/tile_store.hpp"

namespace haloedge {

namespace {

/// The format's encoder of tiles; null if samples are stored as they are.
TileEncoder encoder_for(const OutputSpec& spec) {
  if (spec.output.format != OutputFormat::tiff || spec.image.compression == Compression::none) return nullptr;
  return [image = spec.image](std::span<const std::byte> samples) { return encode_tiff_tile(image, samples); };
}

std::unique_ptr<TileStore> make_store(const OutputSpec& spec, Communicator& communicator, Trace& trace) {
  switch (spec.output.format) {
    case OutputFormat::tiff:
      return make_tiff_store(spec, communicator, trace);
    case OutputFormat::hdf5:
      return make_hdf5_store(spec, communicator, trace);
    case OutputFormat::png:
    case OutputFormat::jpeg:
      break;
  }
  return make_row_store(spec, trace);
}

SinkMemory store_memory(const OutputSpec& spec, int rank) {
  switch (spec.output.format) {
    case OutputFormat::tiff:
      return tiff_store_memory(spec, rank);
    case OutputFormat::hdf5:
      return hdf5_store_memory(spec);
    case OutputFormat::png:
    case OutputFormat::jpeg:
      break;
  }
  return row_store_memory(spec);
}

}  // namespace

bool can_write_together(OutputFormat format, bool fed) {
  return format == OutputFormat::tiff || (format == OutputFormat::hdf5 && !fed);
}

void check_write_mode(const Output& output, Compression compression, bool fed, WriteMode mode) {
  if (mode == WriteMode::parallel && !can_write_together(output.format, fed)) {
    throw UsageError(
        output.format == OutputFormat::hdf5
            ? fmt::format("{}: HDF5 cannot be written by all ranks from an input that is decoded from its "
                          "top: use --write gather",
                          output.name)
            : fmt::format("{}: a PNG or JPEG cannot be written by several ranks: use --write gather", output.name));
  }
  if (output.format == OutputFormat::tiff &&
      TIFFIsCODECConfigured(static_cast<std::uint16_t>(tiff_compression(compression))) != 1) {
    throw UsageError("this libtiff was built without the compression asked for");
  }
}

bool writes_together(const Output& output, bool fed, WriteMode mode, const std::filesystem::path& folder,
                     Communicator& communicator) {
  if (!can_write_together(output.format, fed) || mode == WriteMode::gather) return false;
  const FolderView view = look_at_folder(folder, communicator);
  if (mode == WriteMode::parallel && !view.here) {
    throw Error(
        fmt::format("{}: --write parallel, but this host does not see what rank 0 has put beside it: the folder must "
                    "be on a file system that all hosts share; use --write gather",
                    output.name));
  }
  // If a rank does not see the folder, it has failed, and the barrier throws PeerFailure on the others.
  if (mode == WriteMode::parallel) communicator.barrier();
  return view.everywhere;
}

std::unique_ptr<Sink> open_sink(const OutputSpec& spec, Communicator& communicator, Trace& trace) {
  const bool first = communicator.rank() == 0;
  const std::filesystem::path partial = partial_path(spec.output.file);
  if (first && !(spec.finished.any() && std::filesystem::exists(partial))) (void)File::create(partial);
  communicator.barrier();
  auto store = spec.together || first ? make_store(spec, communicator, trace) : nullptr;
  if (spec.together) return make_direct_sink(std::move(store), encoder_for(spec), communicator, trace);
  return make_gather_sink(std::move(store), encoder_for(spec), communicator, trace);
}

SinkMemory sink_memory(const OutputSpec& spec, int rank) {
  const bool has_store = spec.together || rank == 0;
  SinkMemory memory = has_store ? store_memory(spec, rank) : SinkMemory{};
  if (!spec.together && spec.shares.size() > 1) memory.fixed += gathering_bytes(spec.image.tile_bytes());
  return memory;
}

}  // namespace haloedge
