#include "edges/share_graph.hpp"

#include <algorithm>
#include <cstddef>

namespace haloedge {

namespace {

/// Sends the size of an array, then its elements.
template <class Element>
void send_array(Communicator& communicator, int peer, const std::vector<Element>& elements) {
  const std::uint64_t count = elements.size();
  const auto size = communicator.begin_send(peer, Channel::hysteresis, std::as_bytes(std::span(&count, 1)));
  const auto body = communicator.begin_send(peer, Channel::hysteresis, std::as_bytes(std::span(elements)));
  size->finish();
  body->finish();
}

template <class Element>
std::vector<Element> receive_array(Communicator& communicator, int peer) {
  std::uint64_t count = 0;
  communicator.begin_receive(peer, Channel::hysteresis, std::as_writable_bytes(std::span(&count, 1)))->finish();
  std::vector<Element> elements(count);
  communicator.begin_receive(peer, Channel::hysteresis, std::as_writable_bytes(std::span(elements)))->finish();
  return elements;
}

void send_border(Communicator& communicator, int peer, const BlockBorder& border) {
  send_array(communicator, peer, std::vector{border.components});
  send_array(communicator, peer, border.above);
  send_array(communicator, peer, border.below);
}

BlockBorder receive_border(Communicator& communicator, int peer) {
  BlockBorder border;
  border.components = receive_array<std::uint32_t>(communicator, peer).at(0);
  border.above = receive_array<LineContact>(communicator, peer);
  border.below = receive_array<LineContact>(communicator, peer);
  return border;
}

/// True if this component of a border is an edge. flags[i - 1] belongs to component i.
bool is_edge(std::uint32_t component, std::span<const char> flags) {
  return component == 0 || (component != BorderNumbers::none && flags[component - 1] != 0);
}

/// Returns the flags of the components of a block from the flags of the block that it was joined into.
std::vector<char> flags_of_part(const std::vector<std::uint32_t>& part, const std::vector<char>& whole) {
  std::vector<char> flags;
  flags.reserve(part.size());
  for (const std::uint32_t component : part) {
    flags.push_back(is_edge(component, whole) ? 1 : 0);
  }
  return flags;
}

}  // namespace

JoinedBlocks join_blocks(const BlockBorder& upper, const BlockBorder& lower) {
  using Node = kernels::UnionFind::Number;
  kernels::UnionFind nodes(std::size_t{1} + upper.components + lower.components);
  const auto lower_node = [&](Node component) { return component == 0 ? 0 : upper.components + component; };
  kernels::for_each_touching(upper.below, lower.above, 0, [&](const LineContact& a, const LineContact& b) {
    nodes.unite(a.component, lower_node(b.component));
  });
  JoinedBlocks joined;
  BorderNumbers numbers(nodes);
  for (const LineContact& c : upper.above) joined.border.above.push_back({c.begin, c.end, numbers.of(c.component)});
  for (const LineContact& c : lower.below) {
    joined.border.below.push_back({c.begin, c.end, numbers.of(lower_node(c.component))});
  }
  joined.border.components = numbers.count();
  const std::vector<std::uint32_t> number_of_root = numbers.take();
  for (Node i = 1; i <= upper.components; ++i) joined.upper.push_back(number_of_root[nodes.find(i)]);
  for (Node i = 1; i <= lower.components; ++i) joined.lower.push_back(number_of_root[nodes.find(lower_node(i))]);
  return joined;
}

std::vector<char> settle_blocks(BlockBorder mine, int active, Communicator& communicator) {
  const int rank = communicator.rank();
  std::vector<JoinedBlocks> joined;  // the blocks that this rank joined, the smallest first
  int distance = 1;
  for (; distance < active && rank % (2 * distance) == 0; distance *= 2) {
    if (rank + distance >= active) continue;
    joined.push_back(join_blocks(mine, receive_border(communicator, rank + distance)));
    mine = std::move(joined.back().border);
  }
  std::vector<char> flags;  // empty on rank 0, because no component of the whole image reaches a border
  if (rank > 0) {
    send_border(communicator, rank - distance, mine);
    flags = receive_array<char>(communicator, rank - distance);
  }
  while (distance > 1) {
    distance /= 2;
    if (rank + distance >= active) continue;
    send_array(communicator, rank + distance, flags_of_part(joined.back().lower, flags));
    flags = flags_of_part(joined.back().upper, flags);
    joined.pop_back();
  }
  return flags;
}

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

void ShareGraph::decide(std::span<const char> flags) {
  is_edge_.resize(nodes_.size());
  for (std::size_t i = 0; i < is_edge_.size(); ++i) {
    is_edge_[i] = is_edge(border_[nodes_.find(static_cast<Node>(i))], flags) ? 1 : 0;
  }
}

std::vector<char> ShareGraph::edges_of(TilePosition tile) const {
  const auto number = static_cast<std::size_t>(grid_.number(tile));
  const auto first = is_edge_.begin() + first_[number] + 1;
  return {first, first + (first_[number + 1] - first_[number])};
}

}  // namespace haloedge
