#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "edges/block_border.hpp"
#include "edges/decomposition.hpp"
#include "kernels/hysteresis.hpp"
#include "kernels/union_find.hpp"

namespace haloedge {

/// Which undecided components of a rank's tiles are one, over the tiles' sides and corners, and which of them are
/// edges.
class ShareGraph {
 public:
  explicit ShareGraph(const TileGrid& grid);

  /// Takes what the neighbours of a tile must know of it. Any thread, each tile once.
  void take(TilePosition tile, kernels::TileContacts contacts);

  /// When all tiles are there: joins their components. What is known of the share's first and last rows.
  [[nodiscard]] BlockBorder join();

  /// Takes which components of the border are edges; component i has flag i - 1.
  void decide(std::span<const char> is_edge);

  /// The flags of a tile's undecided components; empty if it has none. Any thread.
  [[nodiscard]] std::vector<char> edges_of(TilePosition tile) const;

 private:
  using Node = kernels::UnionFind::Number;

  [[nodiscard]] std::size_t place(std::int64_t row, std::int64_t column) const {
    return static_cast<std::size_t>(row * grid_.across() + column);
  }
  [[nodiscard]] Node node(std::size_t tile, std::uint32_t component) const {
    return component == 0 ? 0 : first_[tile] + component;
  }
  void join_sides(std::size_t first, const std::vector<kernels::Contact>& side, std::size_t second,
                  const std::vector<kernels::Contact>& other, std::int64_t shift);

  TileGrid grid_;
  std::vector<kernels::TileContacts> tiles_;
  std::vector<Node> first_;    ///< a tile's component i is node first_ + i; one more at the end
  kernels::UnionFind nodes_;   ///< node 0: all that is strong
  std::vector<Node> border_;   ///< by root: its component of the border, or BorderNumbers::none; 0: strong
  std::vector<char> is_edge_;  ///< of nodes
};

}  // namespace haloedge
