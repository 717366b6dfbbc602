#include "kernels/hysteresis.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <type_traits>

namespace haloedge::kernels {

namespace {

constexpr std::int64_t word_pixels = 64;
constexpr std::uint64_t all_bits = ~std::uint64_t{0};

// The bits of a component's state.
constexpr std::uint8_t has_strong = 1;
constexpr std::uint8_t reaches_side = 2;

/// The number in component_ of components that are not edges: they have no strong pixel and reach no side.
constexpr std::uint32_t no_component = ~std::uint32_t{0};

/// Calls take(begin, end) for each run of set bits of a row.
template <class Take>
void for_each_run(const std::uint64_t* words, std::int64_t count, Take take) {
  std::int64_t begin = -1;
  std::uint64_t last = 0;  // the pixel before the word's first
  for (std::int64_t word = 0; word < count; ++word) {
    std::uint64_t changes = words[word] ^ (words[word] << 1 | last);
    last = words[word] >> (word_pixels - 1);
    for (; changes != 0; changes &= changes - 1) {
      const std::int64_t place = word * word_pixels + std::countr_zero(changes);
      if (begin >= 0) take(begin, place);
      begin = begin < 0 ? place : -1;
    }
  }
  if (begin >= 0) take(begin, count * word_pixels);
}

/// The number of runs of set bits of a row.
std::int64_t count_runs(const std::uint64_t* words, std::int64_t count) {
  std::int64_t begins = 0;
  std::uint64_t last = 0;
  for (std::int64_t word = 0; word < count; ++word) {
    begins += std::popcount(words[word] & ~(words[word] << 1 | last));
    last = words[word] >> (word_pixels - 1);
  }
  return begins;
}

/// Calls act(word, mask) for each word of a row that has pixels of [begin, end).
template <class Act>
void for_each_word(std::uint64_t* row, std::int64_t begin, std::int64_t end, Act act) {
  for (std::int64_t at = begin; at < end;) {
    const std::int64_t word = at / word_pixels;
    const std::int64_t next = std::min(end, (word + 1) * word_pixels);
    const std::uint64_t mask = (all_bits >> (word_pixels - (next - at))) << (at % word_pixels);
    act(row[word], mask);
    at = next;
  }
}

bool any_bit(std::uint64_t* row, std::int64_t begin, std::int64_t end) {
  bool found = false;
  for_each_word(row, begin, end, [&](std::uint64_t word, std::uint64_t mask) { found = found || (word & mask) != 0; });
  return found;
}

void set_bits(std::uint64_t* row, std::int64_t begin, std::int64_t end) {
  for_each_word(row, begin, end, [](std::uint64_t& word, std::uint64_t mask) { word |= mask; });
}

void clear_bits(std::uint64_t* row, std::int64_t begin, std::int64_t end) {
  for_each_word(row, begin, end, [](std::uint64_t& word, std::uint64_t mask) { word &= ~mask; });
}

/// Packs the lowest bit of each of eight bytes, the first byte's into bit 0.
std::uint64_t low_bits(std::uint64_t bytes) { return ((bytes & 0x0101010101010101U) * 0x0102040810204080U) >> 56; }

/// The eight bytes, 255 or 0, for each combination of eight bits.
constexpr std::array<std::uint64_t, 256> spread_bits = [] {
  std::array<std::uint64_t, 256> bytes{};
  for (std::size_t bits = 0; bits < bytes.size(); ++bits) {
    for (std::size_t i = 0; i < 8; ++i) bytes[bits] |= (bits >> i & 1U) * std::uint64_t{0xFF} << (8 * i);
  }
  return bytes;
}();

}  // namespace

void pack_candidates(const ConstPixels& classes, const CandidateBits& bits) {
  static_assert(std::endian::native == std::endian::little);
  const std::int64_t whole_words = bits.width / word_pixels;
  for (std::int64_t y = 0; y < bits.rows; ++y) {
    const std::byte* from = classes.data + y * classes.row_bytes;
    for (std::int64_t word = 0; word < CandidateBits::row_words(bits.width); ++word) {
      std::uint64_t bytes[8] = {};
      if (word < whole_words) {
        std::memcpy(bytes, from + word * word_pixels, sizeof(bytes));
      } else {
        std::memcpy(bytes, from + word * word_pixels, static_cast<std::size_t>(bits.width % word_pixels));
      }
      std::uint64_t candidates = 0;
      std::uint64_t strong = 0;
      for (int i = 0; i < 8; ++i) {
        candidates |= low_bits(bytes[i]) << (8 * i);
        strong |= low_bits(bytes[i] >> 1) << (8 * i);
      }
      bits.candidates(y)[word] = candidates;
      bits.strong(y)[word] = strong;
    }
  }
}

void unpack_strong(const CandidateBits& bits, const Plane& edges) {
  const std::int64_t whole_bytes = edges.width / 8 * 8;
  for (std::int64_t y = 0; y < edges.rows; ++y) {
    const std::uint64_t* from = bits.strong(y);
    std::byte* to = edges.data + y * edges.row_bytes;
    const auto bytes_at = [&](std::int64_t x) {
      return spread_bits[from[x / word_pixels] >> (x % word_pixels) & 0xFFU];
    };
    for (std::int64_t x = 0; x < whole_bytes; x += 8) {
      const std::uint64_t bytes = bytes_at(x);
      std::memcpy(to + x, &bytes, sizeof(bytes));
    }
    if (whole_bytes == edges.width) continue;
    const std::uint64_t bytes = bytes_at(whole_bytes);
    std::memcpy(to + whole_bytes, &bytes, static_cast<std::size_t>(edges.width - whole_bytes));
  }
}

void ComponentFinder::reserve(const CandidateBits& bits, std::int64_t count) {
  if (count <= static_cast<std::int64_t>(runs_.capacity())) return;
  // Reserves half as many more, up to max_runs(), so that images with ever more runs seldom allocate.
  const std::int64_t likely = std::min(count + count / 2, max_runs(bits.width, bits.rows));
  const auto room = static_cast<std::size_t>(std::max(count, likely));
  const auto renew = [room](auto& vector) {
    vector = std::remove_reference_t<decltype(vector)>();  // frees the old memory before the new is allocated
    vector.reserve(room);
  };
  renew(runs_);
  renew(sets_);
  renew(state_);
  renew(component_);
}

template <class RowOf>
void ComponentFinder::find_runs(const CandidateBits& bits, RowOf row_of) {
  runs_.clear();
  sets_.clear();
  const std::int64_t words = CandidateBits::row_words(bits.width);
  std::int64_t count = 0;
  for (std::int64_t y = 0; y < bits.rows; ++y) count += count_runs(row_of(y), words);
  reserve(bits, count);
  row_begin_.assign(1, 0);
  row_begin_.reserve(static_cast<std::size_t>(bits.rows) + 1);
  for (std::int64_t y = 0; y < bits.rows; ++y) {
    for_each_run(row_of(y), words, [&](std::int64_t begin, std::int64_t end) {
      runs_.push_back({static_cast<std::int32_t>(begin), static_cast<std::int32_t>(end), static_cast<std::int32_t>(y)});
    });
    row_begin_.push_back(runs_.size());
  }
  sets_.resize(runs_.size());
  const auto row = [&](std::int64_t y) {
    const auto at = static_cast<std::size_t>(y);
    return std::span<const Run>(runs_).subspan(row_begin_[at], row_begin_[at + 1] - row_begin_[at]);
  };
  for (std::int64_t y = 1; y < bits.rows; ++y) {
    for_each_touching(row(y - 1), row(y), 0, [&](const Run& a, const Run& b) {
      sets_.unite(static_cast<UnionFind::Number>(&a - runs_.data()), static_cast<UnionFind::Number>(&b - runs_.data()));
    });
  }
  sets_.flatten();
}

void ComponentFinder::mark_roots(const CandidateBits& bits, ImageEnds ends) {
  state_.assign(runs_.size(), 0);
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Run& run = runs_[i];
    const bool at_side = (run.row == 0 && !ends.above) || (run.row == bits.rows - 1 && !ends.below) ||
                         (run.begin == 0 && !ends.left) || (run.end == bits.width && !ends.right);
    std::uint8_t& state = state_[sets_.root(static_cast<UnionFind::Number>(i))];
    if (at_side) state |= reaches_side;
    if ((state & has_strong) == 0 && any_bit(bits.strong(run.row), run.begin, run.end)) state |= has_strong;
  }
}

std::uint32_t ComponentFinder::number_undecided() {
  std::uint32_t count = 0;
  component_.resize(runs_.size());
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const UnionFind::Number root = sets_.root(static_cast<UnionFind::Number>(i));
    if (root != i) {
      component_[i] = component_[root];  // root < i, so it has its number already
    } else if ((state_[i] & has_strong) != 0) {
      component_[i] = 0;
    } else {
      component_[i] = state_[i] == reaches_side ? ++count : no_component;
    }
  }
  return count;
}

TileContacts ComponentFinder::contacts(const CandidateBits& bits, ImageEnds ends) const {
  TileContacts found;
  if (ends.above && ends.below && ends.left && ends.right) return found;
  const auto add_down = [](std::vector<Contact>& side, std::int32_t row, std::uint32_t component) {
    if (!side.empty() && side.back().end == row && side.back().component == component) {
      ++side.back().end;
    } else {
      side.push_back({row, row + 1, component});
    }
  };
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Run& run = runs_[i];
    const std::uint32_t component = component_[i];
    if (component == no_component) continue;
    if (run.row == 0 && !ends.above) found.above.push_back({run.begin, run.end, component});
    if (run.row == bits.rows - 1 && !ends.below) found.below.push_back({run.begin, run.end, component});
    if (run.begin == 0 && !ends.left) add_down(found.left, run.row, component);
    if (run.end == bits.width && !ends.right) add_down(found.right, run.row, component);
  }
  return found;
}

TileContacts ComponentFinder::settle(const CandidateBits& bits, ImageEnds ends) {
  find_runs(bits, [&](std::int64_t y) { return bits.candidates(y); });
  mark_roots(bits, ends);
  const std::uint32_t undecided = number_undecided();
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Run& run = runs_[i];
    if (component_[i] == 0) set_bits(bits.strong(run.row), run.begin, run.end);
    if (component_[i] == no_component) clear_bits(bits.candidates(run.row), run.begin, run.end);
  }
  TileContacts found = contacts(bits, ends);
  found.undecided = undecided;
  return found;
}

void ComponentFinder::decide(const CandidateBits& bits, std::span<const char> is_edge) {
  // After settle(), no undecided component touches a strong pixel. So the runs that are left without the strong pixels
  // are those of the undecided components, in the same order, and number_undecided() gives them the same numbers.
  const std::int64_t row_words = CandidateBits::row_words(bits.width);
  waiting_.resize(static_cast<std::size_t>(bits.rows * row_words));
  for (std::size_t i = 0; i < waiting_.size(); ++i) waiting_[i] = bits.candidates(0)[i] & ~bits.strong(0)[i];
  find_runs(bits, [&](std::int64_t y) { return waiting_.data() + y * row_words; });
  state_.assign(runs_.size(), reaches_side);
  (void)number_undecided();
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Run& run = runs_[i];
    if (is_edge[component_[i] - 1] != 0) set_bits(bits.strong(run.row), run.begin, run.end);
  }
}

ImageHysteresis::ImageHysteresis(std::int64_t width, std::int64_t rows)
    : words_(static_cast<std::size_t>(CandidateBits::word_count(width, rows))), bits_{words_.data(), width, rows} {}

void ImageHysteresis::apply(const ConstPixels& classes, const Plane& edges) {
  pack_candidates(classes, bits_);
  (void)finder_.settle(bits_, {true, true, true, true});
  unpack_strong(bits_, edges);
}

void keep_connected(const Plane& classes) {
  ImageHysteresis(classes.width, classes.rows)
      .apply({classes.data, classes.row_bytes, classes.width, classes.rows, classes.type, 1}, classes);
}

}  // namespace haloedge::kernels
