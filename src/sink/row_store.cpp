#include "sink/row_store.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>

#include "core/arithmetic.hpp"
#include "core/buffer.hpp"
#include "sink/output_check.hpp"

namespace haloedge {

namespace {

class RowStore final : public TileStore {
 public:
  RowStore(OutputSpec spec, const std::filesystem::path& partial, Profile& profile)
      : spec_(std::move(spec)), profile_(profile), writer_(make_row_writer(spec_, partial)) {}

  void put(TilePosition tile, std::span<const std::byte> encoded) override;
  void end_round() override { write_ready(); }
  void finish(const LookUp&) override {
    write_ready();
    writer_->finish();
  }

 private:
  /// A row of tiles, as rows of the image.
  struct TileRow {
    Buffer pixels;
    std::int64_t missing = 0;  ///< tiles
  };

  [[nodiscard]] std::int64_t row_bytes() const { return spec_.width * kernels::sample_bytes(spec_.type); }
  [[nodiscard]] std::int64_t rows_of(std::int64_t tile_row) const {
    return std::min(spec_.tile_rows, spec_.height - tile_row * spec_.tile_rows);
  }
  std::byte* room_for(std::int64_t tile_row);
  void write_ready();

  OutputSpec spec_;
  Profile& profile_;
  std::unique_ptr<RowWriter> writer_;
  std::mutex guard_;
  std::map<std::int64_t, TileRow> held_;
  std::int64_t next_ = 0;  ///< row of tiles to be written
};

std::byte* RowStore::room_for(std::int64_t tile_row) {
  const std::lock_guard lock(guard_);
  TileRow& row = held_[tile_row];
  if (row.pixels.size() == 0) {
    row.pixels = Buffer(rows_of(tile_row) * row_bytes());
    row.missing = divide_up(spec_.width, spec_.tile_columns);
  }
  return row.pixels.data();
}

void RowStore::put(TilePosition tile, std::span<const std::byte> encoded) {
  const std::int64_t sample = kernels::sample_bytes(spec_.type);
  const std::int64_t column = tile.column * spec_.tile_columns;
  const std::int64_t width = std::min(spec_.tile_columns, spec_.width - column);
  std::byte* to = room_for(tile.row) + column * sample;
  for (std::int64_t y = 0; y < rows_of(tile.row); ++y) {
    std::memcpy(to + y * row_bytes(), encoded.data() + y * spec_.tile_columns * sample,
                static_cast<std::size_t>(width * sample));
  }
  const std::lock_guard lock(guard_);
  --held_.at(tile.row).missing;
}

void RowStore::write_ready() {
  const Profile::Scope scope(profile_, Phase::encode);
  for (auto first = held_.begin(); first != held_.end() && first->first == next_ && first->second.missing == 0;
       first = held_.begin(), ++next_) {
    writer_->write({first->second.pixels.data(), row_bytes(), spec_.width, rows_of(next_), spec_.type, 1});
    held_.erase(first);
  }
}

}  // namespace

std::unique_ptr<RowWriter> make_row_writer(const OutputSpec& spec, const std::filesystem::path& path, ByteSink sink) {
  const RowWriterSpec rows{.path = path,
                           .width = spec.width,
                           .height = spec.height,
                           .type = spec.type,
                           .channels = 1,
                           .resolution = spec.metadata.resolution,
                           .quality = spec.quality};
  return output_format(spec) == OutputFormat::jpeg ? make_jpeg_row_writer(rows, std::move(sink))
                                                   : make_png_row_writer(rows, std::move(sink));
}

std::unique_ptr<TileStore> make_row_store(const OutputSpec& spec, const std::filesystem::path& partial,
                                          Profile& profile) {
  return std::make_unique<RowStore>(spec, partial, profile);
}

}  // namespace haloedge
