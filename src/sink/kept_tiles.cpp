#include "sink/kept_tiles.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/partial_file.hpp"
#include "sink/output_check.hpp"

namespace haloedge {

namespace {

/// What compression may add to a tile that it cannot make smaller; a record that claims more is wrong.
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

/// A flag for each of the rows of tiles [first, end).
std::string look_at_rows(const OutputSpec& spec, std::int64_t first, std::int64_t end, int threads) {
  const std::int64_t across = tiff_image(spec).tiles_across();
  const std::vector<KeptTile> tiles = read_tile_journals(spec.run.value().folder, first * across, end * across);
  std::string flags(static_cast<std::size_t>(end - first), '0');
  KeptTileReader reader(spec);
  std::vector<std::vector<std::byte>> buffers(static_cast<std::size_t>(threads));
  run_tasks(threads, end - first, [&](std::int64_t row, int thread) {
    const std::int64_t first_tile = (first + row) * across;
    const auto comes_before = [](const KeptTile& tile, std::int64_t number) { return tile.record.tile < number; };
    const auto begin = std::lower_bound(tiles.begin(), tiles.end(), first_tile, comes_before);
    const auto past = std::lower_bound(begin, tiles.end(), first_tile + across, comes_before);
    const bool finished =
        past - begin == across && std::all_of(begin, past, [&](const KeptTile& tile) {
          return is_intact(reader, tile, spec.tile_bytes(), buffers[static_cast<std::size_t>(thread)]);
        });
    if (finished) flags[static_cast<std::size_t>(row)] = '1';
  });
  return flags;
}

}  // namespace

std::filesystem::path spill_path(const std::filesystem::path& folder, int run, int rank) {
  return folder / fmt::format("spill-{}-{}", run, rank);
}

KeptTileReader::KeptTileReader(const OutputSpec& spec)
    : folder_(spec.run.value().folder),
      partial_(partial_path(output_file(spec))),
      compressed_(spec.compression != Compression::none) {}

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

FinishedRows find_finished_rows(const OutputSpec& spec, bool together, int threads, Communicator& communicator) {
  const std::int64_t down = tiff_image(spec).tiles_down();
  const std::int64_t parts = together ? communicator.size() : 1;
  const std::int64_t part = communicator.rank();
  std::string flags;
  if (part < parts) flags = look_at_rows(spec, down * part / parts, down * (part + 1) / parts, threads);
  std::string all;
  for (const std::string& some : communicator.gather(flags)) all += some;
  return {spec.tile_rows, communicator.broadcast(std::move(all))};
}

}  // namespace haloedge
