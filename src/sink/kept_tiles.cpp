#include "sink/kept_tiles.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/row_range.hpp"
#include "core/whole_file.hpp"

namespace haloedge {

namespace {

/// The most bytes that a compressed tile can have; a record that claims more is wrong.
constexpr std::int64_t most_bytes(std::int64_t tile_bytes) { return 2 * tile_bytes + (std::int64_t{1} << 16); }

bool is_intact(KeptTileReader& reader, const KeptTile& tile, std::int64_t tile_bytes, std::vector<std::byte>& buffer) {
  const std::int64_t bytes = tile.record.bytes;
  if (bytes <= 0 || bytes > most_bytes(tile_bytes)) return false;
  try {
    buffer.resize(static_cast<std::size_t>(bytes));
    reader.read(tile, buffer);
    return checksum(buffer) == tile.record.checksum;
  } catch (const Error&) {
    return false;
  }
}

/// Sets the flags of those rows of tiles in [first, end) that are intact.
void check_rows(const OutputSpec& spec, std::int64_t first, std::int64_t end, int threads, Communicator& communicator,
                std::string& flags) {
  const std::int64_t across = spec.image.tiles_across();
  std::vector<KeptTile> tiles(static_cast<std::size_t>((end - first) * across));
  for_each_kept_tile(spec.run.value().folder, spec.image.tile_rows, [&](const KeptTile& tile) {
    const std::int64_t place = tile.record.tile - first * across;
    if (place >= 0 && place < std::ssize(tiles)) tiles[static_cast<std::size_t>(place)] = tile;
  });
  KeptTileReader reader(spec);
  std::vector<std::vector<std::byte>> buffers(static_cast<std::size_t>(threads));
  run_tasks(threads, end - first, [&](std::int64_t row, int thread) {
    communicator.check_peers();
    const auto begin = tiles.begin() + row * across;
    const bool finished = std::all_of(begin, begin + across, [&](const KeptTile& tile) {
      return is_intact(reader, tile, spec.image.tile_bytes(), buffers[static_cast<std::size_t>(thread)]);
    });
    if (finished) flags[static_cast<std::size_t>(first + row)] = '1';
  });
}

}  // namespace

std::filesystem::path spill_path(const std::filesystem::path& folder, int run, int rank) {
  return folder / fmt::format("spill-{}-{}", run, rank);
}

KeptTileReader::KeptTileReader(const OutputSpec& spec)
    : folder_(spec.run.value().folder),
      partial_(partial_path(spec.output.file)),
      compressed_(spec.image.compression != Compression::none) {}

const File& KeptTileReader::file_of(const KeptTile& tile) {
  const std::pair<int, int> key = compressed_ ? std::pair(tile.run, tile.rank) : std::pair(0, 0);
  const std::lock_guard lock(guard_);
  File& file = files_[key];
  if (!file.is_open()) {
    file = File::open_to_read(compressed_ ? spill_path(folder_, tile.run, tile.rank) : partial_);
  }
  return file;
}

void KeptTileReader::read(const KeptTile& tile, std::span<std::byte> bytes) {
  file_of(tile).read_at(tile.record.offset, bytes);
}

FinishedRows find_finished_rows(const OutputSpec& spec, int threads, std::int64_t memory, Communicator& communicator) {
  constexpr std::int64_t part_of_memory = 8;
  const TiledImage& image = spec.image;
  const std::int64_t down = image.tiles_down();
  const auto row_bytes = static_cast<std::int64_t>(sizeof(KeptTile)) * image.tiles_across();
  const std::int64_t rows_at_once = std::max<std::int64_t>(1, memory / part_of_memory / row_bytes);
  const std::int64_t parts = spec.together ? communicator.size() : 1;
  const std::int64_t part = communicator.rank();
  const RowRange mine = part < parts ? RowRange{down * part / parts, down * (part + 1) / parts} : RowRange{};
  std::string flags(static_cast<std::size_t>(down), '0');
  for (std::int64_t row = mine.begin; row < mine.end; row += rows_at_once) {
    check_rows(spec, row, std::min(mine.end, row + rows_at_once), threads, communicator, flags);
  }
  const std::vector<std::string> all =
      communicator.gather(flags.substr(static_cast<std::size_t>(mine.begin), static_cast<std::size_t>(mine.size())));
  return {image.tile_rows, communicator.broadcast(fmt::format("{}", fmt::join(all, "")))};
}

}  // namespace haloedge
