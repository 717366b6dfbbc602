#include "sink/tiff_store.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <mutex>
#include <utility>
#include <vector>

#include "core/buffer.hpp"
#include "core/file.hpp"

namespace haloedge {

namespace {

constexpr std::int64_t copy_bytes = std::int64_t{4} << 20;
constexpr std::size_t table_entries = std::size_t{1} << 16;

class TiffStore final : public TileStore {
 public:
  TiffStore(const TiffImage& image, const std::filesystem::path& partial, Communicator* writers, bool writes_head,
            Profile& profile);

  void put(TilePosition tile, std::span<const std::byte> encoded) override;
  void end_round() override {}
  void finish() override;

 private:
  struct Stored {
    std::int64_t tile = 0;
    std::int64_t offset = 0;  ///< in the spill file
    std::int64_t bytes = 0;
  };

  [[nodiscard]] bool compresses() const { return image_.compression != Compression::none; }
  void place_compressed();
  /// The entries of `count` tiles from `first_tile` on, the i-th of size_of(i) bytes, which lie in a row from `offset`
  /// on.
  void write_tables(std::int64_t first_tile, std::int64_t count, std::int64_t offset,
                    const std::function<std::int64_t(std::int64_t)>& size_of);

  TiffImage image_;
  TiffLayout layout_;
  Communicator* writers_;
  Profile& profile_;
  File file_;
  File spill_;
  std::mutex guard_;
  std::int64_t first_tile_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t tiles_ = 0;
  std::vector<Stored> stored_;  ///< compressed tiles only
  std::int64_t spilled_ = 0;
};

TiffStore::TiffStore(const TiffImage& image, const std::filesystem::path& partial, Communicator* writers,
                     bool writes_head, Profile& profile)
    : image_(image),
      layout_(lay_out_tiff(image)),
      writers_(writers),
      profile_(profile),
      file_(File::open_to_write(partial)) {
  // First of all: the head has room for the tables, which the ranks fill in later.
  if (writes_head) {
    if (!compresses()) file_.reserve(layout_.data_offset + image_.tile_count() * image_.tile_bytes());
    file_.write_at(0, layout_.head);
  }
  if (compresses()) spill_ = File::create_unnamed(partial.parent_path());
}

void TiffStore::put(TilePosition tile, std::span<const std::byte> encoded) {
  const Profile::Scope scope(profile_, Phase::write);
  const std::int64_t number = tile.row * image_.tiles_across() + tile.column;
  const auto bytes = static_cast<std::int64_t>(encoded.size());
  std::int64_t offset = layout_.data_offset + number * bytes;
  {
    const std::lock_guard lock(guard_);
    first_tile_ = std::min(first_tile_, number);
    ++tiles_;
    if (compresses()) {
      offset = std::exchange(spilled_, spilled_ + bytes);
      stored_.push_back({number, offset, bytes});
    }
  }
  (compresses() ? spill_ : file_).write_at(offset, encoded);
}

void TiffStore::finish() {
  if (compresses()) {
    place_compressed();
  } else if (tiles_ > 0) {
    const std::int64_t bytes = image_.tile_bytes();
    write_tables(first_tile_, tiles_, layout_.data_offset + first_tile_ * bytes,
                 [bytes](std::int64_t) { return bytes; });
  }
  file_.close();
}

void TiffStore::place_compressed() {
  const std::int64_t before = writers_ != nullptr ? writers_->sum_before(spilled_) : 0;
  if (stored_.empty()) return;
  const Profile::Scope scope(profile_, Phase::write);
  std::sort(stored_.begin(), stored_.end(), [](const Stored& a, const Stored& b) { return a.tile < b.tile; });
  std::int64_t at = layout_.data_offset + before;
  write_tables(first_tile_, tiles_, at, [&](std::int64_t i) { return stored_[static_cast<std::size_t>(i)].bytes; });

  // Many tiles a write: they come in another order than they were spilled in.
  std::int64_t largest = copy_bytes;
  for (const Stored& tile : stored_) largest = std::max(largest, tile.bytes);
  const Buffer buffer(largest);
  std::int64_t filled = 0;
  const auto flush = [&] {
    file_.write_at(at, buffer.span().first(static_cast<std::size_t>(filled)));
    at += std::exchange(filled, 0);
  };
  for (const Stored& tile : stored_) {
    if (filled + tile.bytes > buffer.size()) flush();
    spill_.read_at(tile.offset,
                   buffer.span().subspan(static_cast<std::size_t>(filled), static_cast<std::size_t>(tile.bytes)));
    filled += tile.bytes;
  }
  flush();
}

void TiffStore::write_tables(std::int64_t first_tile, std::int64_t count, std::int64_t offset,
                             const std::function<std::int64_t(std::int64_t)>& size_of) {
  std::vector<std::uint64_t> big_offsets;
  std::vector<std::uint32_t> offsets;
  std::vector<std::uint32_t> sizes;
  const auto flush = [&](std::int64_t end) {
    const std::int64_t begin = first_tile + end - static_cast<std::int64_t>(sizes.size());
    const auto offset_table = layout_.big ? std::as_bytes(std::span(big_offsets)) : std::as_bytes(std::span(offsets));
    file_.write_at(layout_.offsets_at + begin * layout_.offset_bytes(), offset_table);
    file_.write_at(layout_.counts_at + begin * 4, std::as_bytes(std::span(sizes)));
    big_offsets.clear();
    offsets.clear();
    sizes.clear();
  };
  for (std::int64_t i = 0; i < count; ++i) {
    if (layout_.big) {
      big_offsets.push_back(static_cast<std::uint64_t>(offset));
    } else {
      offsets.push_back(static_cast<std::uint32_t>(offset));
    }
    sizes.push_back(static_cast<std::uint32_t>(size_of(i)));
    offset += size_of(i);
    if (sizes.size() == table_entries) flush(i + 1);
  }
  flush(count);
}

}  // namespace

std::unique_ptr<TileStore> make_tiff_store(const TiffImage& image, const std::filesystem::path& partial,
                                           Communicator* writers, bool writes_head, Profile& profile) {
  return std::make_unique<TiffStore>(image, partial, writers, writes_head, profile);
}

}  // namespace haloedge
