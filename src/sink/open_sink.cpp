#include "sink/open_sink.hpp"

#include <utility>

#include <fmt/format.h>
#include <tiffio.h>

#include "core/arithmetic.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/whole_file.hpp"
#include "formats/tiff_encoder.hpp"
#include "run/shared_folder.hpp"
#include "run/tile_journal.hpp"
#include "sink/direct_sink.hpp"
#include "sink/gather_sink.hpp"
#include "sink/hdf5_store.hpp"
#include "sink/output_check.hpp"
#include "sink/row_store.hpp"
#include "sink/tiff_store.hpp"
#include "sink/tile_outbox.hpp"

namespace haloedge {

namespace {

TileEncoder encoder_for(const OutputSpec& spec) {
  if (output_format(spec) != OutputFormat::tiff || spec.compression == Compression::none) return nullptr;
  return [image = tiff_image(spec)](std::span<const std::byte> samples) { return encode_tiff_tile(image, samples); };
}

/// `writers` is null where rank 0 writes alone.
std::unique_ptr<TileStore> make_store(const OutputSpec& spec, Communicator* writers, Profile& profile) {
  const std::filesystem::path partial = partial_path(output_file(spec));
  switch (output_format(spec)) {
    case OutputFormat::tiff:
      return make_tiff_store(spec, partial, writers, writers != nullptr ? writers->rank() : 0, profile);
    case OutputFormat::hdf5:
      return make_hdf5_store(spec, partial, writers, profile);
    case OutputFormat::png:
    case OutputFormat::jpeg:
      break;
  }
  return make_row_store(spec, partial, profile);
}

/// Upper bound of what a rank's store holds.
SinkMemory store_memory(const OutputSpec& spec, bool together, int rank) {
  if (!together && rank != 0) return {};
  const std::int64_t across = divide_up(spec.width, spec.tile_columns);
  const std::int64_t down = divide_up(spec.height, spec.tile_rows);
  switch (output_format(spec)) {
    case OutputFormat::png:
    case OutputFormat::jpeg:
      if (spec.tiles_come_in_order) return {.a_tile_row = across * spec.tile_bytes()};
      return {.fixed = down * across * spec.tile_bytes()};
    case OutputFormat::hdf5:
      if (!together || spec.shares.size() == 1) return {.fixed = 3 * spec.tile_bytes()};  // written tile by tile
      // Once as the tiles came, once in the file's order, and what HDF5 makes of them.
      return {.a_tile_row = 3 * across * spec.tile_bytes()};
    case OutputFormat::tiff:
      break;
  }
  constexpr std::int64_t index_bytes = sizeof(KeptTile);
  constexpr std::int64_t copy_bytes = std::int64_t{5} << 20;
  if (spec.compression == Compression::none) return {.fixed = copy_bytes};
  const std::int64_t share_rows = together ? spec.shares.at(static_cast<std::size_t>(rank)).size() : spec.height;
  const std::int64_t tiles = across * divide_up(share_rows, spec.tile_rows);
  return {.fixed = copy_bytes + tiles * index_bytes};
}

}  // namespace

void check_write_mode(const OutputSpec& spec, WriteMode mode) {
  const OutputFormat format = output_format(spec);
  if (mode == WriteMode::parallel && (format == OutputFormat::png || format == OutputFormat::jpeg)) {
    throw UsageError(
        fmt::format("{}: a PNG or JPEG cannot be written by several ranks: use --write gather", spec.path));
  }
  if (mode == WriteMode::parallel && format == OutputFormat::hdf5 && spec.fed) {
    throw UsageError(
        fmt::format("{}: HDF5 cannot be written by all ranks from an input that is decoded from its top: use "
                    "--write gather",
                    spec.path));
  }
  if (format == OutputFormat::tiff &&
      TIFFIsCODECConfigured(static_cast<std::uint16_t>(tiff_compression(spec.compression))) != 1) {
    throw UsageError("this libtiff was built without the compression asked for");
  }
}

bool writes_together(const OutputSpec& spec, WriteMode mode, const std::filesystem::path& folder,
                     Communicator& communicator) {
  const OutputFormat format = output_format(spec);
  const bool can = format == OutputFormat::tiff || (format == OutputFormat::hdf5 && !spec.fed);
  if (!can || mode == WriteMode::gather) return false;
  const FolderView view = look_at_folder(folder, communicator);
  if (mode == WriteMode::parallel && !view.here) {
    throw Error(
        fmt::format("{}: --write parallel, but this host does not see what rank 0 has put beside it: the folder must "
                    "be on a file system that all hosts share; use --write gather",
                    spec.path));
  }
  // Does not return if a rank does not see it: that one has failed.
  if (mode == WriteMode::parallel) communicator.barrier();
  return view.everywhere;
}

std::unique_ptr<Sink> open_sink(const OutputSpec& spec, bool together, Communicator& communicator, Profile& profile) {
  const bool first = communicator.rank() == 0;
  const std::filesystem::path partial = partial_path(output_file(spec));
  if (first && !(spec.finished.any() && std::filesystem::exists(partial))) (void)File::create(partial);
  communicator.barrier();
  if (together) {
    return make_direct_sink(make_store(spec, &communicator, profile), encoder_for(spec), communicator, profile);
  }
  return make_gather_sink(first ? make_store(spec, nullptr, profile) : nullptr, encoder_for(spec), communicator,
                          profile);
}

SinkMemory sink_memory(const OutputSpec& spec, bool together, int rank) {
  SinkMemory memory = store_memory(spec, together, rank);
  if (!together && spec.shares.size() > 1) memory.fixed += TileOutbox::memory_bytes(spec.tile_bytes());
  return memory;
}

}  // namespace haloedge
