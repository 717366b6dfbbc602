#include "sink/open_sink.hpp"

#include <random>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tiffio.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/partial_file.hpp"
#include "core/system.hpp"
#include "formats/tiff_encoder.hpp"
#include "sink/direct_sink.hpp"
#include "sink/gather_sink.hpp"
#include "sink/hdf5_store.hpp"
#include "sink/output_check.hpp"
#include "sink/row_store.hpp"
#include "sink/tiff_store.hpp"

namespace haloedge {

namespace {

/// True on all ranks if each finds in the partial file the number that rank 0 has put there. Creates the file.
/// Collective.
bool all_see(const std::filesystem::path& partial, const OutputSpec& spec, Communicator& communicator, bool must) {
  std::string nonce = std::to_string(std::random_device{}()) + std::to_string(std::random_device{}());
  if (communicator.rank() == 0) File::create(partial).write_at(0, std::as_bytes(std::span(nonce)));
  nonce = communicator.broadcast(std::move(nonce));
  bool seen = true;
  try {
    std::string found(nonce.size(), '\0');
    File::open_to_write(partial).read_at(0, std::as_writable_bytes(std::span(found)));
    seen = found == nonce;
  } catch (const Error&) {
    seen = false;
  }
  if (communicator.sum(seen ? 0 : 1) == 0) return true;
  if (must && !seen) {
    throw Error(
        fmt::format("{}: --write parallel, but this host does not see the file that rank 0 made there: the folder "
                    "must be on a file system that all hosts share; use --write gather",
                    spec.path));
  }
  if (must) communicator.barrier();  // ends when those that do not see it have said so
  return false;
}

TileEncoder encoder_for(const OutputSpec& spec) {
  if (output_format(spec) != OutputFormat::tiff || spec.compression == Compression::none) return nullptr;
  return [image = tiff_image(spec)](std::span<const std::byte> samples) { return encode_tiff_tile(image, samples); };
}

/// `writers` is null where this rank writes alone.
std::unique_ptr<TileStore> make_store(const OutputSpec& spec, Communicator* writers, bool first, Profile& profile) {
  const std::filesystem::path partial = partial_path(output_file(spec));
  switch (output_format(spec)) {
    case OutputFormat::tiff:
      return make_tiff_store(tiff_image(spec), partial, writers, first, profile);
    case OutputFormat::hdf5:
      return make_hdf5_store(spec, partial, writers, profile);
    case OutputFormat::png:
    case OutputFormat::jpeg:
      break;
  }
  return make_row_store(spec, partial, profile);
}

}  // namespace

std::unique_ptr<Sink> open_sink(const OutputSpec& spec, WriteMode mode, Communicator& communicator, Profile& profile) {
  const OutputFormat format = output_format(spec);
  const bool by_one_rank = format == OutputFormat::png || format == OutputFormat::jpeg;
  if (by_one_rank && mode == WriteMode::parallel) {
    throw UsageError(
        fmt::format("{}: a PNG or JPEG cannot be written by several ranks: use --write gather", spec.path));
  }
  if (format == OutputFormat::hdf5 && mode == WriteMode::parallel && spec.fed) {
    throw UsageError(
        fmt::format("{}: HDF5 cannot be written by all ranks from an input that is decoded from its top: use "
                    "--write gather",
                    spec.path));
  }
  if (format == OutputFormat::tiff &&
      TIFFIsCODECConfigured(static_cast<std::uint16_t>(tiff_compression(spec.compression))) != 1) {
    throw UsageError("this libtiff was built without the compression asked for");
  }
  const bool first = communicator.rank() == 0;
  if (first) check_output(spec);
  communicator.barrier();

  const std::filesystem::path output = output_file(spec);
  std::optional<PartialFile> until_the_sink_has_it;
  if (first) until_the_sink_has_it.emplace(output);
  const bool collective = format == OutputFormat::hdf5;
  const bool may_be_direct = !by_one_rank && mode != WriteMode::gather && !(collective && spec.fed);
  const bool direct = may_be_direct && all_see(partial_path(output), spec, communicator, mode == WriteMode::parallel);
  std::unique_ptr<Sink> sink;
  if (direct) {
    sink = make_direct_sink(make_store(spec, &communicator, first, profile), encoder_for(spec), output, communicator,
                            profile);
  } else {
    if (first) (void)File::create(partial_path(output));
    sink = make_gather_sink(first ? make_store(spec, nullptr, true, profile) : nullptr, encoder_for(spec), output,
                            communicator, profile);
  }
  if (until_the_sink_has_it) until_the_sink_has_it->keep();
  return sink;
}

SinkMemory sink_memory(const OutputSpec& spec, int rank) {
  const std::int64_t across = (spec.width + spec.tile_columns - 1) / spec.tile_columns;
  const std::int64_t down = (spec.height + spec.tile_rows - 1) / spec.tile_rows;
  switch (output_format(spec)) {
    case OutputFormat::png:
    case OutputFormat::jpeg:
      if (rank != 0) return {};
      if (spec.tiles_come_in_order) return {.a_tile_row = across * spec.tile_bytes()};
      return {.fixed = down * across * spec.tile_bytes()};
    case OutputFormat::hdf5:
      if (spec.shares.size() == 1 || spec.fed) return {.fixed = 3 * spec.tile_bytes()};  // written tile by tile
      // Once as the tiles came, once in the file's order, and what HDF5 makes of them.
      return {.a_tile_row = 3 * across * spec.tile_bytes()};
    case OutputFormat::tiff:
      break;
  }
  constexpr std::int64_t index_bytes = 48;
  constexpr std::int64_t copy_bytes = std::int64_t{5} << 20;
  return {.fixed = copy_bytes + (spec.compression == Compression::none ? 0 : across * down * index_bytes)};
}

}  // namespace haloedge
