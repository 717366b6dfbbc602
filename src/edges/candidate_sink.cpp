#include "edges/candidate_sink.hpp"

#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"

namespace haloedge {

namespace {

std::int64_t tile_words(const TileGrid& grid) {
  return kernels::CandidateBits::word_count(grid.tile_columns, grid.tile_rows);
}

std::span<std::uint64_t> words_of(const kernels::CandidateBits& bits) {
  return {bits.words, static_cast<std::size_t>(kernels::CandidateBits::word_count(bits.width, bits.rows))};
}

}  // namespace

CandidateStore::CandidateStore(std::int64_t tiles, std::int64_t tile_words, bool on_disk) : tile_words_(tile_words) {
  const std::int64_t bytes = memory_bytes(tiles, tile_words);
  if (!on_disk) {
    memory_ = Buffer(bytes);
    return;
  }
  std::error_code none;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(none);
  try {
    if (none) throw Error(none.message());
    file_ = File::create_unnamed(folder);
    file_.reserve(bytes);
  } catch (const Error& error) {
    throw Error(
        fmt::format("Canny's candidates do not fit into --memory and need {} in the folder for temporary files: {}; "
                    "set TMPDIR to a folder with enough space, or raise --memory",
                    size_text(bytes), error.what()));
  }
}

void CandidateStore::write(std::int64_t tile, std::span<const std::uint64_t> words) {
  if (file_.is_open()) {
    file_.write_at(offset(tile), std::as_bytes(words));
  } else {
    std::memcpy(memory_.data() + offset(tile), words.data(), words.size_bytes());
  }
}

void CandidateStore::read(std::int64_t tile, std::span<std::uint64_t> words) const {
  if (file_.is_open()) {
    file_.read_at(offset(tile), std::as_writable_bytes(words));
  } else {
    std::memcpy(words.data(), memory_.data() + offset(tile), words.size_bytes());
  }
}

CandidateSink::CandidateSink(const TileGrid& grid, bool on_disk, Trace& trace)
    : grid_(grid), trace_(trace), store_(grid.tiles(), tile_words(grid), on_disk), graph_(grid) {}

std::unique_ptr<CandidateSink::Scratch> CandidateSink::take_scratch() {
  {
    const std::lock_guard lock(guard_);
    if (!spare_.empty()) {
      std::unique_ptr<Scratch> scratch = std::move(spare_.back());
      spare_.pop_back();
      return scratch;
    }
  }
  auto scratch = std::make_unique<Scratch>();
  scratch->words.resize(static_cast<std::size_t>(tile_words(grid_)));
  return scratch;
}

void CandidateSink::put_back(std::unique_ptr<Scratch> scratch) {
  const std::lock_guard lock(guard_);
  spare_.push_back(std::move(scratch));
}

kernels::CandidateBits CandidateSink::bits_of(Scratch& scratch, TilePosition tile) const {
  return {scratch.words.data(), grid_.columns(tile), grid_.rows(tile)};
}

void CandidateSink::put(TilePosition tile, std::span<const std::byte> classes) {
  const Trace::Scope scope(trace_, Phase::hysteresis);
  std::unique_ptr<Scratch> scratch = take_scratch();
  const kernels::CandidateBits bits = bits_of(*scratch, tile);
  kernels::pack_candidates({classes.data(), grid_.tile_columns, bits.width, bits.rows, kernels::SampleType::u8, 1},
                           bits);
  graph_.take(tile, scratch->finder.settle(bits, grid_.ends(tile)));
  store_.write(grid_.number(tile), words_of(bits));
  put_back(std::move(scratch));
}

void CandidateSink::settle(int active, Communicator& communicator) {
  const Trace::Scope scope(trace_, Phase::hysteresis);
  if (communicator.rank() < active) graph_.decide(settle_blocks(graph_.join(), active, communicator));
}

void CandidateSink::edges(TilePosition tile, const kernels::Plane& edges) {
  const Trace::Scope scope(trace_, Phase::hysteresis);
  std::unique_ptr<Scratch> scratch = take_scratch();
  const kernels::CandidateBits bits = bits_of(*scratch, tile);
  store_.read(grid_.number(tile), words_of(bits));
  const std::vector<char> is_edge = graph_.edges_of(tile);
  if (!is_edge.empty()) scratch->finder.decide(bits, is_edge);
  kernels::Plane inside = edges;
  inside.width = bits.width;
  inside.rows = bits.rows;
  kernels::unpack_strong(bits, inside);
  put_back(std::move(scratch));
}

std::int64_t CandidateSink::memory_bytes(const TileGrid& grid, bool on_disk, int threads) {
  // At most one pixel in three begins a run, as ComponentFinder::memory_bytes() assumes.
  const std::int64_t side_pixels = 2 * (grid.down() * grid.width + (grid.across() - 1) * grid.share.size());
  constexpr auto contact = static_cast<std::int64_t>(sizeof(kernels::Contact) + 3 * sizeof(std::uint32_t) + 1);
  const std::int64_t graph =
      side_pixels / 3 * contact + grid.tiles() * static_cast<std::int64_t>(sizeof(kernels::TileContacts));
  const std::int64_t words = tile_words(grid);
  return graph + (on_disk ? 0 : CandidateStore::memory_bytes(grid.tiles(), words)) +
         threads * kernels::ComponentFinder::memory_bytes(grid.tile_columns, grid.tile_rows);
}

}  // namespace haloedge
