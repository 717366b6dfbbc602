#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "comm/communicator.hpp"
#include "kernels/union_find.hpp"

namespace haloedge {

/// Pixels [begin, end) of a row of the image, and the component that they are part of: 0 stands for all that is strong.
struct LineContact {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::uint32_t component = 0;
};

/// The candidates in the first and last row of a block of whole rows. The rest of the image needs nothing else of the
/// block to settle its components. Components are numbered from 1.
struct BlockBorder {
  std::uint32_t components = 0;
  std::vector<LineContact> above{};
  std::vector<LineContact> below{};
};

/// Numbers the sets that reach a border in the order in which they are asked for; 0 is the set of node 0.
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
  /// By root; `none` for sets that were not asked for.
  [[nodiscard]] std::vector<std::uint32_t> take() { return std::move(number_); }

 private:
  kernels::UnionFind& nodes_;
  std::vector<std::uint32_t> number_;
  std::uint32_t count_ = 0;
};

/// Two blocks that were one above the other, as one.
struct JoinedBlocks {
  BlockBorder border;
  // Entry i - 1 is the component of the joined block that component i of this block belongs to; BorderNumbers::none if
  // it is no edge.
  std::vector<std::uint32_t> upper;
  std::vector<std::uint32_t> lower;
};

/// Pure.
[[nodiscard]] JoinedBlocks join_blocks(const BlockBorder& upper, const BlockBorder& lower);

/// Which components of this rank's border are edges, given what every rank knows of its own: entry i - 1 is not 0 if
/// component i is one. Ranks 0 .. `active` - 1 have blocks, from the top of the image down; for all of these, and for
/// no other rank, this is collective. Neighbouring blocks are joined two by two until rank 0 has the whole image, and
/// what it finds travels back the same way: 2 log2(active) messages after each other, none larger than two rows of
/// candidates.
[[nodiscard]] std::vector<char> settle_blocks(BlockBorder mine, int active, Communicator& communicator);

}  // namespace haloedge
