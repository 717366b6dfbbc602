// Compares hysteresis over tiles and blocks of rows with a flood over the whole image.
#include "edges/candidate_sink.hpp"

#include <cstddef>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "comm/communicator.hpp"
#include "kernels/reference/reference.hpp"

namespace haloedge {
namespace {

/// The classes of an image. Its rows are whole tiles' rows, so that shares can be cut out of it.
struct Classes {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::vector<std::byte> at;

  [[nodiscard]] std::vector<std::byte> flooded() const {
    std::vector<std::byte> edges = at;
    kernels::reference::flood_edges({edges.data(), width, width, height, kernels::SampleType::u8});
    return edges;
  }

  /// Returns a tile's classes without padding; 0 outside the image.
  [[nodiscard]] std::vector<std::byte> tile(const TileGrid& grid, TilePosition place) const {
    std::vector<std::byte> tile(static_cast<std::size_t>(grid.tile_rows * grid.tile_columns));
    for (std::int64_t y = 0; y < grid.rows(place); ++y) {
      for (std::int64_t x = 0; x < grid.columns(place); ++x) {
        tile[static_cast<std::size_t>(y * grid.tile_columns + x)] = at[static_cast<std::size_t>(
            (place.row * grid.tile_rows + y) * width + place.column * grid.tile_columns + x)];
      }
    }
    return tile;
  }
};

Classes random_classes(std::int64_t width, std::int64_t height, double candidates, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> part;
  Classes classes{width, height, {}};
  for (std::int64_t i = 0; i < width * height; ++i) {
    const double p = part(random);
    classes.at.push_back(static_cast<std::byte>(p < candidates / 200 ? 3 : p < candidates ? 1 : 0));
  }
  return classes;
}

TileGrid grid_of(const Classes& classes, std::int64_t tile_rows, std::int64_t tile_columns, RowRange share) {
  return {classes.width, classes.height, tile_columns, tile_rows, share};
}

template <class Act>
void for_each_tile(const TileGrid& grid, Act act) {
  for (std::int64_t row = 0; row < grid.down(); ++row) {
    for (std::int64_t column = 0; column < grid.across(); ++column) {
      act(TilePosition{grid.share.begin / grid.tile_rows + row, column});
    }
  }
}

void put_edges(CandidateSink& sink, const TileGrid& grid, std::vector<std::byte>& image) {
  for_each_tile(grid, [&](TilePosition tile) {
    std::vector<std::byte> edges(static_cast<std::size_t>(grid.tile_rows * grid.tile_columns));
    sink.edges(tile, {edges.data(), grid.tile_columns, grid.tile_columns, grid.tile_rows, kernels::SampleType::u8});
    for (std::int64_t y = 0; y < grid.rows(tile); ++y) {
      const auto from = edges.begin() + y * grid.tile_columns;
      const std::int64_t row = tile.row * grid.tile_rows + y;
      std::copy(from, from + grid.columns(tile), image.begin() + row * grid.width + tile.column * grid.tile_columns);
    }
  });
}

TEST(CandidateSink, Tiles) {
  const auto alone = make_single_communicator();
  Trace trace(false);
  unsigned seed = 0;
  for (const bool on_disk : {false, true}) {
    for (const std::int64_t tile : {1, 2, 16, 64, 100}) {
      for (const double candidates : {0.2, 0.35, 0.41, 0.5}) {
        const Classes classes = random_classes(150, 97, candidates, ++seed);
        const TileGrid grid = grid_of(classes, tile, tile, {0, classes.height});
        CandidateSink sink(grid, on_disk, trace);
        for_each_tile(grid, [&](TilePosition at) { sink.put(at, classes.tile(grid, at)); });
        sink.settle(1, *alone);
        std::vector<std::byte> edges(classes.at.size());
        put_edges(sink, grid, edges);
        ASSERT_TRUE(edges == classes.flooded()) << tile << ' ' << candidates;
      }
    }
  }
}

/// Joins blocks as ranks do, but in one process. Returns the flags of each block's components.
std::vector<std::vector<char>> settle_all(const std::vector<BlockBorder>& blocks) {
  if (blocks.size() == 1) return {std::vector<char>(blocks[0].components)};
  const std::size_t half = blocks.size() / 2;
  std::vector<JoinedBlocks> joined;
  std::vector<BlockBorder> whole;
  for (std::size_t i = 0; i + 1 < blocks.size(); i += 2) {
    joined.push_back(join_blocks(blocks[i], blocks[i + 1]));
    whole.push_back(joined.back().border);
  }
  if (blocks.size() % 2 == 1) whole.push_back(blocks.back());
  const std::vector<std::vector<char>> of_whole = settle_all(whole);
  std::vector<std::vector<char>> flags;
  const auto part = [](const std::vector<std::uint32_t>& components, const std::vector<char>& of) {
    std::vector<char> own;
    for (const std::uint32_t c : components) {
      own.push_back(static_cast<char>(c == 0 || (c != BorderNumbers::none && of[c - 1] != 0)));
    }
    return own;
  };
  for (std::size_t i = 0; i < half; ++i) {
    flags.push_back(part(joined[i].upper, of_whole[i]));
    flags.push_back(part(joined[i].lower, of_whole[i]));
  }
  if (blocks.size() % 2 == 1) flags.push_back(of_whole.back());
  return flags;
}

TEST(JoinBlocks, ManyBlocks) {
  unsigned seed = 100;
  for (const int blocks : {1, 2, 3, 5, 8}) {
    for (const std::int64_t tile_rows : {1, 4}) {
      for (const double candidates : {0.3, 0.41, 0.5}) {
        const Classes classes = random_classes(70, 24 * tile_rows, candidates, ++seed);
        std::vector<TileGrid> grids;
        std::vector<ShareGraph> graphs;
        std::vector<BlockBorder> borders;
        std::vector<std::vector<std::vector<std::uint64_t>>> words(static_cast<std::size_t>(blocks));
        kernels::ComponentFinder finder;
        for (int block = 0; block < blocks; ++block) {
          const RowRange share{24 * block / blocks * tile_rows, 24 * (block + 1) / blocks * tile_rows};
          const TileGrid& grid = grids.emplace_back(grid_of(classes, tile_rows, 16, share));
          ShareGraph& graph = graphs.emplace_back(grid);
          for_each_tile(grid, [&](TilePosition at) {
            auto& memory = words[static_cast<std::size_t>(block)].emplace_back(
                static_cast<std::size_t>(kernels::CandidateBits::word_count(16, tile_rows)));
            const kernels::CandidateBits bits{memory.data(), grid.columns(at), grid.rows(at)};
            const auto tile = classes.tile(grid, at);
            kernels::pack_candidates({tile.data(), 16, bits.width, bits.rows, kernels::SampleType::u8, 1}, bits);
            graph.take(at, finder.settle(bits, grid.ends(at)));
          });
          borders.push_back(graph.join());
        }
        const auto flags = settle_all(borders);
        const std::vector<std::byte> right = classes.flooded();
        for (std::size_t block = 0; block < graphs.size(); ++block) {
          const TileGrid& grid = grids[block];
          graphs[block].decide(flags[block]);
          for_each_tile(grid, [&](TilePosition at) {
            auto& memory = words[block][static_cast<std::size_t>(grid.number(at))];
            const kernels::CandidateBits bits{memory.data(), grid.columns(at), grid.rows(at)};
            const auto is_edge = graphs[block].edges_of(at);
            finder.decide(bits, is_edge);
            for (std::int64_t y = 0; y < bits.rows; ++y) {
              for (std::int64_t x = 0; x < bits.width; ++x) {
                const std::int64_t place = (at.row * tile_rows + y) * classes.width + at.column * 16 + x;
                const bool edge = (bits.strong(y)[0] >> x & 1U) != 0;
                ASSERT_EQ(edge, right[static_cast<std::size_t>(place)] == std::byte{255})
                    << blocks << " blocks, tile rows " << tile_rows << ", row " << at.row * tile_rows + y;
              }
            }
          });
        }
      }
    }
  }
}

}  // namespace
}  // namespace haloedge
