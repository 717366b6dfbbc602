#include "sink/png_store.hpp"

#include <algorithm>
#include <cstring>

#include "core/buffer.hpp"
#include "formats/row_writer.hpp"

namespace haloedge {

namespace {

class PngStore final : public TileStore {
 public:
  PngStore(OutputSpec spec, std::filesystem::path partial)
      : spec_(std::move(spec)), partial_(std::move(partial)), pixels_(spec_.height * row_bytes()) {}

  void put(TilePosition tile, std::span<const std::byte> encoded) override;
  void end_round() override {}
  void finish() override;

 private:
  [[nodiscard]] std::int64_t row_bytes() const { return spec_.width * kernels::sample_bytes(spec_.type); }

  OutputSpec spec_;
  std::filesystem::path partial_;
  Buffer pixels_;
};

void PngStore::put(TilePosition tile, std::span<const std::byte> encoded) {
  const std::int64_t sample = kernels::sample_bytes(spec_.type);
  const std::int64_t row = tile.row * spec_.tile_rows;
  const std::int64_t column = tile.column * spec_.tile_columns;
  const std::int64_t width = std::min(spec_.tile_columns, spec_.width - column);
  for (std::int64_t y = 0; y < std::min(spec_.tile_rows, spec_.height - row); ++y) {
    std::memcpy(pixels_.data() + (row + y) * row_bytes() + column * sample,
                encoded.data() + y * spec_.tile_columns * sample, static_cast<std::size_t>(width * sample));
  }
}

void PngStore::finish() {
  const auto writer = make_png_row_writer({.path = partial_,
                                           .width = spec_.width,
                                           .height = spec_.height,
                                           .type = spec_.type,
                                           .channels = 1,
                                           .resolution = spec_.metadata.resolution});
  writer->write({pixels_.data(), row_bytes(), spec_.width, spec_.height, spec_.type, 1});
  writer->finish();
}

}  // namespace

std::unique_ptr<TileStore> make_png_store(const OutputSpec& spec, const std::filesystem::path& partial) {
  return std::make_unique<PngStore>(spec, partial);
}

}  // namespace haloedge
