#pragma once

#include <cstdint>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace haloedge::kernels {

/// Disjoint sets of the numbers 0 .. size() - 1; the root of a set is its least member. R. E. Tarjan, "Efficiency of a
/// Good But Not Linear Set Union Algorithm", JACM 22 (2), 1975; with path halving.
class UnionFind {
 public:
  using Number = std::uint32_t;

  explicit UnionFind(std::size_t size = 0) { resize(size); }

  [[nodiscard]] std::size_t size() const { return parent_.size(); }

  /// Adds sets of one number each. Throws std::length_error if there would be more than 2^32 - 1 numbers.
  void resize(std::size_t size) {
    if (size > std::numeric_limits<Number>::max()) throw std::length_error("more than 2^32 items to join");
    const std::size_t old = parent_.size();
    parent_.resize(size);
    if (size > old)
      std::iota(parent_.begin() + static_cast<std::ptrdiff_t>(old), parent_.end(), static_cast<Number>(old));
  }
  void reserve(std::size_t size) { parent_.reserve(size); }
  void clear() { parent_.clear(); }

  [[nodiscard]] Number find(Number number) {
    while (parent_[number] != number) {
      parent_[number] = parent_[parent_[number]];
      number = parent_[number];
    }
    return number;
  }

  /// Makes root() valid until sets are united again.
  void flatten() {
    // The parent of a number that is not a root is less than the number, so the parent's entry is the root already.
    for (Number& parent : parent_) parent = parent_[parent];
  }
  [[nodiscard]] Number root(Number number) const { return parent_[number]; }

  /// Unites the sets of `a` and `b`. Returns false if they were in one set already.
  bool unite(Number a, Number b) {
    a = find(a);
    b = find(b);
    if (a == b) return false;
    if (a < b) {
      parent_[b] = a;
    } else {
      parent_[a] = b;
    }
    return true;
  }

 private:
  std::vector<Number> parent_;
};

/// Calls `touch(a, b)` for each pair of stretches of `above` and `below` that touch, also at corners. Both lists hold
/// stretches [begin, end) of two neighbouring lines, in rising order; `shift` is added to those of `below`.
template <class Stretches, class Others, class Touch>
void for_each_touching(const Stretches& above, const Others& below, std::int64_t shift, Touch touch) {
  auto first = above.begin();
  for (auto b = below.begin(); b != below.end(); ++b) {
    while (first != above.end() && first->end < b->begin + shift) ++first;
    for (auto a = first; a != above.end() && a->begin <= b->end + shift; ++a) touch(*a, *b);
  }
}

}  // namespace haloedge::kernels
