#include "run/tile_journal.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

#include <isa-l/crc.h>

#include "core/buffer.hpp"
#include "core/error.hpp"
#include "run/run_folder.hpp"

namespace haloedge {

namespace {

/// A record as it stands in the file, in this machine's byte order.
struct StoredRecord {
  std::int64_t tile;
  std::int64_t offset;
  std::int64_t bytes;
  std::uint32_t checksum;
  std::uint32_t check;  ///< of all before it
};
constexpr std::int64_t record_bytes = sizeof(StoredRecord);
static_assert(record_bytes == 32 && std::is_trivial_v<StoredRecord>);

/// The first record of every journal tells the height of the tiles instead of a tile.
constexpr std::int64_t heading = -1;

std::uint32_t check_of(const StoredRecord& stored) {
  return checksum(std::as_bytes(std::span(&stored, 1)).first(offsetof(StoredRecord, check)));
}

StoredRecord store(const TileRecord& record) {
  StoredRecord stored{record.tile, record.offset, record.bytes, record.checksum, 0};
  stored.check = check_of(stored);
  return stored;
}

std::optional<TileRecord> load(const std::byte* bytes) {
  StoredRecord stored;
  std::memcpy(&stored, bytes, sizeof stored);
  if (stored.check != check_of(stored)) return std::nullopt;
  return TileRecord{stored.tile, stored.offset, stored.bytes, stored.checksum};
}

/// The height of tiles that a journal tells of; nothing if its beginning cannot be believed.
std::optional<std::int64_t> heading_of(const File& file) {
  std::array<std::byte, record_bytes> first{};
  if (file.size() < record_bytes) return std::nullopt;
  file.read_at(0, first);
  const auto record = load(first.data());
  return record && record->tile == heading ? std::optional(record->bytes) : std::nullopt;
}

}  // namespace

std::uint32_t checksum(std::span<const std::byte> bytes) {
  return ::crc32_gzip_refl(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

TileJournal::TileJournal(const std::filesystem::path& folder, int run, int rank, std::int64_t tile_rows)
    : file_(File::create(journal_path(folder, run, rank))) {
  add({.tile = heading, .offset = 0, .bytes = tile_rows, .checksum = 0});
  flush();
}

TileJournal::~TileJournal() {
  try {
    flush();
  } catch (const Error&) {
    // Another run does these tiles again.
  }
}

void TileJournal::flush() {
  if (waiting_.empty()) return;
  std::vector<StoredRecord> stored;
  stored.reserve(waiting_.size());
  for (const TileRecord& record : waiting_) stored.push_back(store(record));
  file_.write_at(size_, std::as_bytes(std::span(stored)));
  size_ += std::ssize(stored) * record_bytes;
  waiting_.clear();
}

void for_each_kept_tile(const std::filesystem::path& folder, std::int64_t tile_rows,
                        const std::function<void(const KeptTile&)>& take) {
  constexpr std::int64_t piece_records = 1 << 15;
  for (const JournalFile& journal : journals_in(folder)) {
    const File file = File::open_to_read(journal.path);
    if (heading_of(file) != tile_rows) continue;
    const std::int64_t count = file.size() / record_bytes;
    const Buffer piece(std::min(count, piece_records) * record_bytes);
    for (std::int64_t begin = 1; begin < count; begin += piece_records) {
      const std::int64_t bytes = std::min(piece_records, count - begin) * record_bytes;
      file.read_at(begin * record_bytes, piece.span().first(static_cast<std::size_t>(bytes)));
      for (std::int64_t at = 0; at < bytes; at += record_bytes) {
        if (const auto record = load(piece.data() + at)) take({*record, journal.run, journal.rank});
      }
    }
  }
}

std::optional<std::int64_t> journaled_tile_rows(const std::filesystem::path& folder) {
  for (const JournalFile& journal : journals_in(folder)) {
    if (const auto tile_rows = heading_of(File::open_to_read(journal.path))) return tile_rows;
  }
  return std::nullopt;
}

bool has_tiles(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder)) return false;
  const std::vector<JournalFile> journals = journals_in(folder);
  return std::any_of(journals.begin(), journals.end(),
                     [](const JournalFile& journal) { return File::open_to_read(journal.path).size() > record_bytes; });
}

}  // namespace haloedge
