#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "comm/communicator.hpp"
#include "edges/decomposition.hpp"
#include "kernels/hysteresis.hpp"
#include "kernels/union_find.hpp"

/// Canny's hysteresis beyond one tile: components of candidates are joined over the tiles of a rank, then over ranks.
namespace haloedge {

/// Neighbouring candidates, pixels [begin, end) of a row of the image, and their component. Component 0 stands for all
/// strong ones.
struct LineContact {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::uint32_t component = 0;
};

/// The candidates in the first and last row of a block of whole rows. They are all that decides how the block is
/// connected to the rest of the image. Components are numbered from 1.
struct BlockBorder {
  std::uint32_t components = 0;
  std::vector<LineContact> above{};
  std::vector<LineContact> below{};
};

/// Numbers sets of nodes from 1, in the order in which of() is first called for them. The set of node 0 has the number
/// 0.
class BorderNumbers {
 public:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  explicit BorderNumbers(kernels::UnionFind& nodes) : nodes_(nodes), number_(nodes.size(), none) { number_[0] = 0; }

  [[nodiscard]] std::uint32_t of(kernels::UnionFind::Number node) {
    std::uint32_t& number = number_[nodes_.find(node)];
    if (number == none) number = ++count_;
    return number;
  }
  [[nodiscard]] std::uint32_t count() const { return count_; }
  /// Moves the numbers out, in the order of the nodes: the number of a set stands at its root. It is `none` if of() was
  /// not called for the set.
  [[nodiscard]] std::vector<std::uint32_t> take() { return std::move(number_); }

 private:
  kernels::UnionFind& nodes_;
  std::vector<std::uint32_t> number_;
  std::uint32_t count_ = 0;
};

/// The block that two neighbouring blocks, one above the other, make.
struct JoinedBlocks {
  BlockBorder border;
  // Entry i - 1 is the component of the joined block that component i of this block belongs to, or BorderNumbers::none
  // if it is no edge.
  std::vector<std::uint32_t> upper;
  std::vector<std::uint32_t> lower;
};

/// Joins two blocks of which `upper` lies right above `lower`. Pure.
[[nodiscard]] JoinedBlocks join_blocks(const BlockBorder& upper, const BlockBorder& lower);

/// Finds out which components of this rank's border are edges: entry i - 1 of the result is not 0 if component i is
/// one. Every rank gives the border of its own block. Ranks 0 .. `active` - 1 have blocks, from the top of the image
/// down; for all of these, and for no other rank, this is collective. Neighbouring blocks are joined two by two until
/// rank 0 has the whole image, and the results are sent back the same way. This takes 2 log2(active) steps, in each of
/// which a rank sends no more than two rows of candidates.
[[nodiscard]] std::vector<char> settle_blocks(BlockBorder mine, int active, Communicator& communicator);

/// Joins the undecided components of a rank's tiles over the tiles' sides and corners, and decides in the end which of
/// them are edges.
class ShareGraph {
 public:
  explicit ShareGraph(const TileGrid& grid);

  /// Takes the contacts of a tile. Called once for each tile, by any thread.
  void take(TilePosition tile, kernels::TileContacts contacts);

  /// Joins the components of all tiles. take() must have been called for each tile. Returns the components in the first
  /// and last rows of the share.
  [[nodiscard]] BlockBorder join();

  /// Takes the flags of the border's components: component i is an edge if flag i - 1 is not 0.
  void decide(std::span<const char> flags);

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
  std::vector<Node> first_;    ///< component i of tile t is node first_[t] + i; one more entry at the end
  kernels::UnionFind nodes_;   ///< node 0 stands for all strong pixels
  std::vector<Node> border_;   ///< at a root, the component of the border, or BorderNumbers::none
  std::vector<char> is_edge_;  ///< by node
};

}  // namespace haloedge
