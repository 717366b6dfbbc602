#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/canny.hpp"
#include "kernels/kernels.hpp"
#include "kernels/union_find.hpp"

/// Canny's hysteresis: candidates are edges if they are 8-connected, over candidates, to a strong one. What a rectangle
/// cannot say by itself is left to whoever knows its neighbours.
namespace haloedge::kernels {

/// The classes of a rectangle's pixels in two bits each, in somebody else's memory: the candidates' bits row by row, 64
/// pixels a word, then those of the strong ones.
struct CandidateBits {
  std::uint64_t* words = nullptr;
  std::int64_t width = 0;  ///< pixels
  std::int64_t rows = 0;

  [[nodiscard]] static constexpr std::int64_t row_words(std::int64_t width) { return (width + 63) / 64; }
  [[nodiscard]] static constexpr std::int64_t word_count(std::int64_t width, std::int64_t rows) {
    return 2 * rows * row_words(width);
  }
  [[nodiscard]] std::uint64_t* candidates(std::int64_t row) const { return words + row * row_words(width); }
  [[nodiscard]] std::uint64_t* strong(std::int64_t row) const { return words + (rows + row) * row_words(width); }
};

/// Packs classes, one a byte, of the same size as `bits`.
void pack_candidates(const ConstPixels& classes, const CandidateBits& bits);

/// 255 for each strong pixel, 0 for all others, into `edges`, which is u8 and no larger than `bits`.
void unpack_strong(const CandidateBits& bits, const Plane& edges);

/// Pixels [begin, end) of one side of a rectangle, counted from its upper or left end, and the component that they are
/// part of: 0 stands for all that are strong, others are numbered from 1.
struct Contact {
  std::int32_t begin = 0;
  std::int32_t end = 0;
  std::uint32_t component = 0;
};

/// What a rectangle's neighbours must know of it.
struct TileContacts {
  std::uint32_t undecided = 0;  ///< components without a strong pixel that reach its sides
  std::vector<Contact> above{};
  std::vector<Contact> below{};
  std::vector<Contact> left{};
  std::vector<Contact> right{};
};

/// Finds connected components of candidates; keeps its memory from one rectangle to the next. For one thread.
class ComponentFinder {
 public:
  /// Decides all that the rectangle alone can decide: candidates of components with a strong pixel become strong, those
  /// of components that have none and reach no side become none. The rest, numbered in the order of their first pixels,
  /// waits. There is nothing behind sides where the image ends.
  [[nodiscard]] TileContacts settle(const CandidateBits& bits, ImageEnds ends);

  /// Of a rectangle that was settled: makes the undecided components strong whose flag is not 0; component i has flag
  /// i - 1.
  void decide(const CandidateBits& bits, std::span<const char> is_edge);

  /// Upper bound of what it and the bits take for a rectangle: of no image are more runs known than of stripes of three
  /// pixels, one a stripe.
  [[nodiscard]] static constexpr std::int64_t memory_bytes(std::int64_t width, std::int64_t rows) {
    constexpr auto run = static_cast<std::int64_t>(sizeof(Run) + 2 * sizeof(std::uint32_t) + 1);
    const auto words = static_cast<std::int64_t>(sizeof(std::uint64_t)) * CandidateBits::word_count(width, rows);
    return 2 * words + most_runs(width, rows) * run + rows * static_cast<std::int64_t>(sizeof(std::size_t));
  }

 private:
  /// Candidates that stand side by side in a row.
  struct Run {
    std::int32_t begin;
    std::int32_t end;
    std::int32_t row;
  };

  /// Of all images known: see memory_bytes().
  [[nodiscard]] static constexpr std::int64_t most_runs(std::int64_t width, std::int64_t rows) {
    return rows * (width / 3 + 1);
  }

  /// Makes room for `count` runs.
  void reserve(const CandidateBits& bits, std::int64_t count);
  /// Finds the runs of the rows that `row_of` gives, and which belong together.
  template <class RowOf>
  void find_runs(const CandidateBits& bits, RowOf row_of);
  void mark_roots(const CandidateBits& bits, ImageEnds ends);
  [[nodiscard]] std::uint32_t number_undecided();
  [[nodiscard]] TileContacts contacts(const CandidateBits& bits, ImageEnds ends) const;

  std::vector<Run> runs_;
  std::vector<std::size_t> row_begin_;    ///< a row's first run; one more at the end
  UnionFind sets_;                        ///< of runs
  std::vector<std::uint8_t> state_;       ///< of a set, at its root
  std::vector<std::uint32_t> component_;  ///< of a run
  std::vector<std::uint64_t> waiting_;    ///< candidates that are not strong
};

/// Hysteresis over whole images of one size in memory. Keeps its memory from one to the next. For one thread.
class ImageHysteresis {
 public:
  /// Of `rows` times `width` pixels.
  ImageHysteresis(std::int64_t width, std::int64_t rows);
  ImageHysteresis(const ImageHysteresis&) = delete;
  ImageHysteresis& operator=(const ImageHysteresis&) = delete;
  ~ImageHysteresis() = default;

  /// Puts 255 for edges, else 0, into `edges`, which may be the classes' own memory. Allocates only where there are
  /// more runs of candidates than in any image before, and then for more than these.
  void apply(const ConstPixels& classes, const Plane& edges);

 private:
  std::vector<std::uint64_t> words_;
  CandidateBits bits_;
  ComponentFinder finder_;
};

/// Hysteresis over one image: classes become 255 for edges, else 0.
void keep_connected(const Plane& classes);

}  // namespace haloedge::kernels
