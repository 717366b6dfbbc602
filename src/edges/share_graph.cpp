#include "edges/share_graph.hpp"

#include <utility>

namespace haloedge {

ShareGraph::ShareGraph(const TileGrid& grid) : grid_(grid), tiles_(static_cast<std::size_t>(grid.tiles())) {}

void ShareGraph::take(TilePosition tile, kernels::TileContacts contacts) {
  tiles_[static_cast<std::size_t>(grid_.number(tile))] = std::move(contacts);
}

void ShareGraph::join_sides(std::size_t first, const std::vector<kernels::Contact>& side, std::size_t second,
                            const std::vector<kernels::Contact>& other, std::int64_t shift) {
  kernels::for_each_touching(side, other, shift, [&](const kernels::Contact& a, const kernels::Contact& b) {
    nodes_.unite(node(first, a.component), node(second, b.component));
  });
}

BlockBorder ShareGraph::join() {
  std::size_t count = 1;
  for (const kernels::TileContacts& tile : tiles_) {
    first_.push_back(static_cast<Node>(count - 1));
    count += tile.undecided;
    nodes_.resize(count);
  }
  first_.push_back(static_cast<Node>(count - 1));
  for (std::int64_t row = 0; row < grid_.down(); ++row) {
    for (std::int64_t column = 0; column < grid_.across(); ++column) {
      const std::size_t here = place(row, column);
      if (column > 0) join_sides(here - 1, tiles_[here - 1].right, here, tiles_[here].left, 0);
      if (row == 0) continue;
      for (std::int64_t above = std::max<std::int64_t>(0, column - 1);
           above <= std::min(grid_.across() - 1, column + 1); ++above) {
        const std::size_t there = place(row - 1, above);
        join_sides(there, tiles_[there].below, here, tiles_[here].above, (column - above) * grid_.tile_columns);
      }
    }
  }
  BorderNumbers numbers(nodes_);
  BlockBorder border;
  for (std::int64_t column = 0; column < grid_.across(); ++column) {
    const std::int64_t shift = column * grid_.tile_columns;
    const std::size_t top = place(0, column);
    const std::size_t bottom = place(grid_.down() - 1, column);
    for (const kernels::Contact& c : tiles_[top].above) {
      border.above.push_back({c.begin + shift, c.end + shift, numbers.of(node(top, c.component))});
    }
    for (const kernels::Contact& c : tiles_[bottom].below) {
      border.below.push_back({c.begin + shift, c.end + shift, numbers.of(node(bottom, c.component))});
    }
  }
  border.components = numbers.count();
  border_ = numbers.take();
  tiles_ = {};
  return border;
}

void ShareGraph::decide(std::span<const char> is_edge) {
  is_edge_.resize(nodes_.size());
  for (std::size_t i = 0; i < is_edge_.size(); ++i) {
    const Node root = nodes_.find(static_cast<Node>(i));
    is_edge_[i] = root == 0 || (border_[root] != BorderNumbers::none && is_edge[border_[root] - 1] != 0) ? 1 : 0;
  }
}

std::vector<char> ShareGraph::edges_of(TilePosition tile) const {
  const auto number = static_cast<std::size_t>(grid_.number(tile));
  const auto first = is_edge_.begin() + first_[number] + 1;
  return {first, first + (first_[number + 1] - first_[number])};
}

}  // namespace haloedge
