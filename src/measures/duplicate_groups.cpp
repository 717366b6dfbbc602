#include "measures/duplicate_groups.hpp"

#include <algorithm>
#include <utility>

#include "kernels/union_find.hpp"

namespace haloedge {

namespace {

struct Entry {
  std::uint64_t hash;
  std::uint32_t place;  ///< the first place in the list that has this hash
};

/// Returns the distinct hashes, and links places with equal hashes to the first of them.
std::vector<Entry> different_hashes(std::span<const std::uint64_t> hashes, std::vector<HashPair>& links) {
  std::vector<Entry> entries;
  entries.reserve(hashes.size());
  for (std::size_t i = 0; i < hashes.size(); ++i) entries.push_back({hashes[i], static_cast<std::uint32_t>(i)});
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return std::pair(a.hash, a.place) < std::pair(b.hash, b.place); });
  std::vector<Entry> different;
  for (const Entry& entry : entries) {
    if (!different.empty() && different.back().hash == entry.hash) {
      links.push_back({different.back().place, entry.place});
    } else {
      different.push_back(entry);
    }
  }
  return different;
}

/// Links near hashes within buckets.
class BucketLinker {
 public:
  BucketLinker(std::size_t size, int distance, const kernels::Backend& backend, std::vector<HashPair>& links)
      : sets_(size), distance_(distance), backend_(backend), links_(links) {}

  void link(std::span<const Entry> bucket) {
    hashes_.clear();
    for (const Entry& entry : bucket) hashes_.push_back(entry.hash);
    for (std::size_t first = 0; first + 1 < bucket.size(); ++first) {
      near_.clear();
      const auto rest = std::span(hashes_).subspan(first + 1);
      backend_.near(hashes_[first], rest, distance_, near_);
      for (const std::uint32_t at : near_) link(bucket[first].place, bucket[first + 1 + at].place);
    }
  }

 private:
  void link(std::uint32_t a, std::uint32_t b) {
    if (sets_.unite(a, b)) links_.push_back({std::min(a, b), std::max(a, b)});
  }

  kernels::UnionFind sets_;
  int distance_;
  const kernels::Backend& backend_;
  std::vector<HashPair>& links_;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint32_t> near_;
};

}  // namespace

std::vector<HashPair> near_links(std::span<const std::uint64_t> hashes, int distance, const kernels::Backend& backend,
                                 int part, int parts) {
  std::vector<HashPair> links;
  std::vector<Entry> entries = different_hashes(hashes, links);
  if (part != 0) links.clear();  // part 0 alone reports equal hashes
  if (distance == 0) return links;
  BucketLinker linker(hashes.size(), distance, backend, links);
  const int pieces = distance + 1;
  for (int piece = 0; piece < pieces; ++piece) {
    const int low = 64 * piece / pieces;
    const int high = 64 * (piece + 1) / pieces;
    const std::uint64_t mask = ~std::uint64_t{0} >> (64 - (high - low)) << low;
    std::sort(entries.begin(), entries.end(),
              [mask](const Entry& a, const Entry& b) { return (a.hash & mask) < (b.hash & mask); });
    for (std::size_t begin = 0; begin < entries.size();) {
      const std::uint64_t key = entries[begin].hash & mask;
      std::size_t end = begin;
      while (end < entries.size() && (entries[end].hash & mask) == key) ++end;
      if (static_cast<int>(((key >> low) + static_cast<std::uint64_t>(piece)) % static_cast<std::uint64_t>(parts)) ==
          part) {
        linker.link(std::span(entries).subspan(begin, end - begin));
      }
      begin = end;
    }
  }
  return links;
}

std::vector<std::vector<std::uint32_t>> linked_groups(std::size_t size, std::span<const HashPair> links) {
  kernels::UnionFind sets(size);
  for (const auto [first, second] : links) sets.unite(first, second);
  std::vector<std::vector<std::uint32_t>> by_first(size);
  for (std::size_t i = 0; i < size; ++i) {
    const auto place = static_cast<std::uint32_t>(i);
    by_first[sets.find(place)].push_back(place);
  }
  std::erase_if(by_first, [](const auto& group) { return group.size() < 2; });
  std::stable_sort(by_first.begin(), by_first.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return by_first;
}

}  // namespace haloedge
