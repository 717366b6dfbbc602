#include "edges/block_border.hpp"

namespace haloedge {

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

}  // namespace haloedge
