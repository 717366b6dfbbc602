#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/buffer.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/threads.hpp"
#include "formats/tiff_layout.hpp"
#include "kernels/arithmetic.hpp"
#include "run/run_folder.hpp"
#include "sink/sink.hpp"
#include "sink/tile_store.hpp"

namespace haloedge {

namespace {

constexpr std::int64_t copy_bytes = std::int64_t{4} << 20;
constexpr std::size_t table_entries = std::size_t{1} << 16;

/// The file in which a rank keeps compressed tiles until their places in the output are known.
std::filesystem::path spill_path(const std::filesystem::path& folder, int run, int rank) {
  return folder / fmt::format("spill-{}-{}", run, rank);
}

/// Reads tiles that runs have kept: uncompressed ones from the partial file, compressed ones from the runs' spill
/// files.
class KeptTileReader {
 public:
  explicit KeptTileReader(const OutputSpec& spec)
      : folder_(spec.run.value().folder),
        partial_(partial_path(spec.output.file)),
        compressed_(spec.image.compression != Compression::none) {}

  /// Reads the tile's bytes, as many as its record says. Any thread. Throws Error.
  void read(const KeptTile& tile, std::span<std::byte> bytes) { file_of(tile).read_at(tile.record.offset, bytes); }

 private:
  const File& file_of(const KeptTile& tile) {
    const std::lock_guard lock(guard_);
    File& file = files_[compressed_ ? std::pair(tile.run, tile.rank) : std::pair(0, 0)];
    if (!file.is_open()) {
      file = File::open_to_read(compressed_ ? spill_path(folder_, tile.run, tile.rank) : partial_);
    }
    return file;
  }

  std::filesystem::path folder_;
  std::filesystem::path partial_;
  bool compressed_;
  std::mutex guard_;
  std::map<std::pair<int, int>, File> files_;
};

class TiffStore final : public TileStore {
 public:
  TiffStore(const OutputSpec& spec, Communicator& communicator, Trace& trace);

  void put(TilePosition tile, std::span<const std::byte> encoded) override;
  void end_round() override {
    const std::lock_guard lock(guard_);
    if (journal_) journal_->flush();
  }
  void finish(const CheckCancelled& check_cancelled) override;

 private:
  [[nodiscard]] bool compresses() const { return image_.compression != Compression::none; }
  [[nodiscard]] KeptTile& stored(std::int64_t tile) { return stored_.at(static_cast<std::size_t>(tile - first_tile_)); }

  void add_earlier_tiles() {
    if (!spec_.finished.any()) return;
    for_each_kept_tile(spec_.run.value().folder, image_.tile_rows, [this](const KeptTile& tile) {
      const std::int64_t number = tile.record.tile;
      const std::int64_t row = number / image_.tiles_across() * image_.tile_rows;
      if (number >= first_tile_ && number < end_tile_ && spec_.finished.contains(row)) stored(number) = tile;
    });
    earlier_.emplace(spec_);
  }

  void place_compressed(const CheckCancelled& check_cancelled);
  void read_spilled(const KeptTile& tile, std::span<std::byte> bytes) {
    const bool by_this_run = !spec_.run || tile.run == spec_.run->number;
    if (by_this_run) return spill_.read_at(tile.record.offset, bytes);
    earlier_.value().read(tile, bytes);
  }
  /// Writes the offsets and sizes of this store's tiles, which follow each other from `offset` on; the i-th has
  /// size_of(i) bytes.
  void write_tables(std::int64_t offset, const std::function<std::int64_t(std::int64_t)>& size_of);

  OutputSpec spec_;
  TiledImage image_;
  TiffLayout layout_;
  Communicator& communicator_;
  Trace& trace_;
  // This store has the tiles [first_tile_, end_tile_).
  std::int64_t first_tile_ = 0;
  std::int64_t end_tile_;
  File file_;
  File spill_;
  std::mutex guard_;
  std::optional<TileJournal> journal_;
  std::optional<KeptTileReader> earlier_;
  std::vector<KeptTile> stored_;  ///< compressed tiles, from first_tile_ on; one that was not put yet has 0 bytes
  std::int64_t spilled_ = 0;
};

TiffStore::TiffStore(const OutputSpec& spec, Communicator& communicator, Trace& trace)
    : spec_(spec),
      image_(spec.image),
      layout_(lay_out_tiff(image_)),
      communicator_(communicator),
      trace_(trace),
      end_tile_(image_.tile_count()),
      file_(File::open_to_write(partial_path(spec.output.file))) {
  const int rank = communicator.rank();
  if (spec.together) {
    const RowRange share = spec.shares.at(static_cast<std::size_t>(rank));
    first_tile_ = divide_up(share.begin, image_.tile_rows) * image_.tiles_across();
    end_tile_ = divide_up(share.end, image_.tile_rows) * image_.tiles_across();
  }
  // The head has room for the tables, which the ranks fill in later.
  if (rank == 0) {
    if (!compresses()) file_.reserve(layout_.data_offset + image_.tile_count() * image_.tile_bytes());
    file_.write_at(0, layout_.head);
  }
  if (spec.run) journal_.emplace(spec.run->folder, spec.run->number, rank, image_.tile_rows);
  if (compresses()) {
    spill_ = spec.run ? File::create(spill_path(spec.run->folder, spec.run->number, rank))
                      : File::create_unnamed(partial_path(spec.output.file).parent_path());
    stored_.resize(static_cast<std::size_t>(end_tile_ - first_tile_));
  }
}

void TiffStore::put(TilePosition tile, std::span<const std::byte> encoded) {
  const Trace::Scope scope(trace_, Phase::write);
  const std::int64_t number = tile.row * image_.tiles_across() + tile.column;
  const auto bytes = static_cast<std::int64_t>(encoded.size());
  std::int64_t offset = layout_.data_offset + number * bytes;
  if (compresses()) {
    const std::lock_guard lock(guard_);
    offset = std::exchange(spilled_, spilled_ + bytes);
  }
  (compresses() ? spill_ : file_).write_at(offset, encoded);
  if (!compresses() && !journal_) return;
  const TileRecord record{
      .tile = number, .offset = offset, .bytes = bytes, .checksum = journal_ ? checksum(encoded) : 0};
  const std::lock_guard lock(guard_);
  if (compresses()) stored(number) = {record, spec_.run ? spec_.run->number : 0, communicator_.rank()};
  if (!journal_) return;
  journal_->add(record);
  if (journal_->waiting() >= image_.tiles_across()) journal_->flush();
}

void TiffStore::finish(const CheckCancelled& check_cancelled) {
  end_round();
  if (compresses()) {
    add_earlier_tiles();
    place_compressed(check_cancelled);
  } else {
    const std::int64_t bytes = image_.tile_bytes();
    write_tables(layout_.data_offset + first_tile_ * bytes, [bytes](std::int64_t) { return bytes; });
  }
  file_.close();
}

void TiffStore::place_compressed(const CheckCancelled& check_cancelled) {
  std::int64_t stored_bytes = 0;
  std::int64_t largest = copy_bytes;
  for (const KeptTile& tile : stored_) {
    if (tile.record.bytes == 0) {
      throw Error(fmt::format("{}: a tile that an earlier run has kept is missing: start over with --overwrite",
                              spec_.output.name));
    }
    stored_bytes += tile.record.bytes;
    largest = std::max(largest, tile.record.bytes);
  }
  std::int64_t at = layout_.data_offset + (spec_.together ? communicator_.exclusive_sum(stored_bytes) : 0);
  if (stored_.empty()) return;
  const Trace::Scope scope(trace_, Phase::write);
  write_tables(at, [&](std::int64_t i) { return stored_[static_cast<std::size_t>(i)].record.bytes; });

  // Tiles were spilled in another order: many are read into a buffer and written at once.
  const Buffer buffer(largest);
  std::int64_t filled = 0;
  const auto flush = [&] {
    check_cancelled();
    file_.write_at(at, buffer.span().first(static_cast<std::size_t>(filled)));
    at += std::exchange(filled, 0);
  };
  for (const KeptTile& tile : stored_) {
    const std::int64_t bytes = tile.record.bytes;
    if (filled + bytes > buffer.size()) flush();
    read_spilled(tile, buffer.span().subspan(static_cast<std::size_t>(filled), static_cast<std::size_t>(bytes)));
    filled += bytes;
  }
  flush();
}

void TiffStore::write_tables(std::int64_t offset, const std::function<std::int64_t(std::int64_t)>& size_of) {
  const std::int64_t count = end_tile_ - first_tile_;
  std::vector<std::byte> offsets;
  std::vector<std::uint32_t> sizes;
  const auto flush = [&](std::int64_t end) {
    const std::int64_t begin = first_tile_ + end - static_cast<std::int64_t>(sizes.size());
    file_.write_at(layout_.offsets_at + begin * layout_.offset_bytes(), offsets);
    file_.write_at(layout_.counts_at + begin * 4, std::as_bytes(std::span(sizes)));
    offsets.clear();
    sizes.clear();
  };
  for (std::int64_t i = 0; i < count; ++i) {
    layout_.append_offset(offset, offsets);
    sizes.push_back(static_cast<std::uint32_t>(size_of(i)));
    offset += size_of(i);
    if (sizes.size() == table_entries) flush(i + 1);
  }
  flush(count);
}

/// The most bytes that a compressed tile can have; a record that claims more is wrong.
constexpr std::int64_t max_bytes(std::int64_t tile_bytes) { return 2 * tile_bytes + (std::int64_t{1} << 16); }

bool is_intact(KeptTileReader& reader, const KeptTile& tile, std::int64_t tile_bytes, std::vector<std::byte>& buffer) {
  const std::int64_t bytes = tile.record.bytes;
  if (bytes <= 0 || bytes > max_bytes(tile_bytes)) return false;
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

std::unique_ptr<TileStore> make_tiff_store(const OutputSpec& spec, Communicator& communicator, Trace& trace) {
  return std::make_unique<TiffStore>(spec, communicator, trace);
}

SinkMemory tiff_store_memory(const OutputSpec& spec, int rank) {
  constexpr std::int64_t table_bytes = std::int64_t{1} << 20;
  const TiledImage& image = spec.image;
  if (image.compression == Compression::none) return {.fixed = copy_bytes + table_bytes};
  const std::int64_t rows = spec.together ? spec.shares.at(static_cast<std::size_t>(rank)).size() : image.height;
  const std::int64_t tiles = image.tiles_across() * divide_up(rows, image.tile_rows);
  return {.fixed = copy_bytes + table_bytes + tiles * static_cast<std::int64_t>(sizeof(KeptTile))};
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
