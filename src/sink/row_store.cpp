#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

#include "core/buffer.hpp"
#include "core/file.hpp"
#include "sink/image_encoder.hpp"
#include "sink/tile_store.hpp"

namespace haloedge {

namespace {

class RowStore final : public TileStore {
 public:
  RowStore(const OutputSpec& spec, Trace& trace)
      : image_(spec.image),
        trace_(trace),
        writer_(make_row_writer(spec.output.format, image_, partial_path(spec.output.file))) {}

  void put(TilePosition tile, std::span<const std::byte> encoded) override {
    const std::int64_t sample = kernels::sample_bytes(image_.type);
    const std::int64_t column = tile.column * image_.tile_columns;
    const std::int64_t width = std::min(image_.tile_columns, image_.width - column);
    std::byte* to = room_for(tile.row) + column * sample;
    for (std::int64_t y = 0; y < rows_of(tile.row); ++y) {
      std::memcpy(to + y * image_.row_bytes(), encoded.data() + y * image_.tile_columns * sample,
                  static_cast<std::size_t>(width * sample));
    }
    const std::lock_guard lock(guard_);
    --held_.at(tile.row).missing;
  }

  void end_round() override { write_ready(); }
  void finish(const CheckCancelled&) override {
    write_ready();
    writer_->finish();
  }

 private:
  /// The pixels of a row of tiles, in rows of the image.
  struct TileRow {
    Buffer pixels;
    std::int64_t missing = 0;  ///< number of tiles that have not been put yet
  };

  [[nodiscard]] std::int64_t rows_of(std::int64_t tile_row) const {
    return std::min(image_.tile_rows, image_.height - tile_row * image_.tile_rows);
  }

  std::byte* room_for(std::int64_t tile_row) {
    const std::lock_guard lock(guard_);
    TileRow& row = held_[tile_row];
    if (row.pixels.size() == 0) {
      row.pixels = Buffer(rows_of(tile_row) * image_.row_bytes());
      row.missing = image_.tiles_across();
    }
    return row.pixels.data();
  }

  void write_ready();

  TiledImage image_;
  Trace& trace_;
  std::unique_ptr<RowWriter> writer_;
  std::mutex guard_;
  std::map<std::int64_t, TileRow> held_;
  std::int64_t next_ = 0;  ///< the row of tiles that is written next
};

void RowStore::write_ready() {
  const Trace::Scope scope(trace_, Phase::encode);
  for (auto first = held_.begin(); first != held_.end() && first->first == next_ && first->second.missing == 0;
       first = held_.begin(), ++next_) {
    writer_->write({first->second.pixels.data(), image_.row_bytes(), image_.width, rows_of(next_), image_.type, 1});
    held_.erase(first);
  }
}

}  // namespace

std::unique_ptr<TileStore> make_row_store(const OutputSpec& spec, Trace& trace) {
  return std::make_unique<RowStore>(spec, trace);
}

SinkMemory row_store_memory(const OutputSpec& spec) {
  const std::int64_t tile_row = spec.image.tiles_across() * spec.image.tile_bytes();
  if (spec.tiles_come_in_order) return {.a_tile_row = tile_row};
  return {.fixed = spec.image.tiles_down() * tile_row};
}

}  // namespace haloedge
