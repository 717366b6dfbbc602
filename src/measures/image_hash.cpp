#include "measures/image_hash.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "kernels/union_find.hpp"
#include "measures/levels.hpp"

namespace haloedge {

namespace {

using kernels::ConstPixels;
using kernels::SampleType;

/// The rows that the hash depends on.
class HashRows {
 public:
  explicit HashRows(const ImageInfo& image)
      : image_(image),
        dhash_(image.width, image.height),
        pixels_(static_cast<std::size_t>(std::ssize(dhash_.rows()) * image.row_bytes())) {}

  [[nodiscard]] bool needs(RowRange rows) const {
    const auto first = std::ranges::lower_bound(dhash_.rows(), rows.begin);
    return first != dhash_.rows().end() && *first < rows.end;
  }

  void take(std::int64_t row, std::int64_t column, const ConstPixels& pixels) {
    std::byte* to = pixels_.data() + column * image_.pixel_bytes();
    for (const std::int64_t wanted : dhash_.rows()) {
      if (wanted >= row && wanted < row + pixels.rows) {
        std::memcpy(to, pixels.row<std::byte>(wanted - row),
                    static_cast<std::size_t>(pixels.width * image_.pixel_bytes()));
      }
      to += image_.row_bytes();
    }
  }

  [[nodiscard]] kernels::Dhash::Result hash(const kernels::Backend& backend) const {
    const std::int64_t count = std::ssize(dhash_.rows());
    ConstPixels pixels{pixels_.data(), image_.row_bytes(), image_.width, count, image_.type, image_.channels};
    std::vector<std::byte> bytes;
    if (image_.type != SampleType::u8) {
      bytes = to_bytes(pixels, image_);
      pixels = {bytes.data(), image_.width * image_.channels, image_.width, count, SampleType::u8, image_.channels};
    }
    std::vector<std::uint8_t> gray(static_cast<std::size_t>(count * image_.width));
    backend.gray(pixels, kernels::Gray::bt601,
                 {reinterpret_cast<std::byte*>(gray.data()), image_.width, image_.width, count, SampleType::u8});
    std::vector<const std::uint8_t*> rows;
    for (std::int64_t i = 0; i < count; ++i) rows.push_back(gray.data() + i * image_.width);
    return dhash_.of(rows);
  }

 private:
  const ImageInfo& image_;
  kernels::Dhash dhash_;
  std::vector<std::byte> pixels_;
};

struct Entry {
  std::uint64_t hash;
  std::uint32_t place;  ///< the first place in the list that has this hash
};

/// Returns the distinct hashes, and links places with equal hashes to the first of them.
std::vector<Entry> different_hashes(std::span<const std::uint64_t> hashes, std::vector<HashPair>& links) {
  std::vector<Entry> entries;
  entries.reserve(hashes.size());
  for (std::size_t i = 0; i < hashes.size(); ++i) entries.push_back({hashes[i], static_cast<std::uint32_t>(i)});
  std::ranges::sort(entries, {}, [](const Entry& entry) { return std::pair(entry.hash, entry.place); });
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

std::int64_t hashing_bytes(const Source& source) {
  const ImageInfo& image = source.image();
  const std::int64_t converted = image.type == SampleType::u8 ? 0 : image.width * image.channels;
  return source.working_bytes(1) + kernels::Dhash::max_rows * (image.row_bytes() + converted + image.width);
}

kernels::Dhash::Result image_hash(Source& source, const kernels::Backend& backend, std::int64_t memory) {
  const ImageInfo& image = source.image();
  const std::int64_t needed = hashing_bytes(source);
  if (needed > memory) {
    throw Error(fmt::format("decoding needs {} of memory, but only {} are available: raise --memory", size_text(needed),
                            size_text(memory)));
  }
  HashRows rows(image);
  // Units of one row decode no more than the hash needs. Tall images have taller units, so that a file cannot cause too
  // many of them by claiming a great height.
  const std::int64_t unit_rows = std::max<std::int64_t>(1, image.height / 1024);
  for (const RowRange unit : source.units({0, image.height}, unit_rows)) {
    if (!rows.needs(unit)) continue;
    for (std::int64_t task = 0; task < source.task_count(unit); ++task) {
      source.decode(unit, task, [&](std::int64_t row, std::int64_t column, const ConstPixels& pixels) {
        rows.take(row, column, pixels);
      });
    }
  }
  return rows.hash(backend);
}

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
    std::ranges::sort(entries, {}, [mask](const Entry& entry) { return entry.hash & mask; });
    for (std::size_t begin = 0; begin < entries.size();) {
      const std::uint64_t key = entries[begin].hash & mask;
      std::size_t end = begin;
      while (end < entries.size() && (entries[end].hash & mask) == key) ++end;
      const std::uint64_t number = (key >> low) + static_cast<std::uint64_t>(piece);
      if (number % static_cast<std::uint64_t>(parts) == static_cast<std::uint64_t>(part)) {
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
  std::ranges::stable_sort(by_first, std::greater(), [](const auto& group) { return group.size(); });
  return by_first;
}

}  // namespace haloedge
