#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/arithmetic.hpp"
#include "kernels/canny.hpp"
#include "kernels/kernels.hpp"
#include "kernels/union_find.hpp"

/// Canny's hysteresis: a candidate is an edge if a path of 8-connected candidates leads from it to a strong one. A
/// rectangle of an image is enough to decide the components that lie inside it. For the others, their contacts with the
/// sides of the rectangle are listed.
namespace haloedge::kernels {

/// A view of the classes of a rectangle's pixels, two bits each: first the candidate bits, row by row, 64 pixels a
/// word, then the strong bits.
struct CandidateBits {
  std::uint64_t* words = nullptr;
  std::int64_t width = 0;  ///< pixels
  std::int64_t rows = 0;

  [[nodiscard]] static constexpr std::int64_t row_words(std::int64_t width) { return divide_up(width, 64); }
  [[nodiscard]] static constexpr std::int64_t word_count(std::int64_t width, std::int64_t rows) {
    return 2 * rows * row_words(width);
  }
  [[nodiscard]] std::uint64_t* candidates(std::int64_t row) const { return words + row * row_words(width); }
  [[nodiscard]] std::uint64_t* strong(std::int64_t row) const { return words + (rows + row) * row_words(width); }
};

/// Packs `classes`, one byte each, into `bits`, which has the same size.
void pack_candidates(const ConstPixels& classes, const CandidateBits& bits);

/// Writes 255 for each strong pixel and 0 for all others to `edges`, which is u8 and no larger than `bits`.
void unpack_strong(const CandidateBits& bits, const Plane& edges);

/// Candidates [begin, end) along one side of a rectangle, counted from the side's upper or left end, and their
/// component: 0 stands for all strong ones, the undecided ones are numbered from 1.
struct Contact {
  std::int32_t begin = 0;
  std::int32_t end = 0;
  std::uint32_t component = 0;
};

/// The components of a rectangle that its neighbours may continue.
struct TileContacts {
  std::uint32_t undecided = 0;  ///< the number of components without a strong pixel that reach a side
  std::vector<Contact> above{};
  std::vector<Contact> below{};
  std::vector<Contact> left{};
  std::vector<Contact> right{};
};

/// Finds connected components of candidates. Reuses its memory from rectangle to rectangle. Only one thread
/// may use it at a time.
class ComponentFinder {
 public:
  /// Decides the components that the rectangle alone can decide: candidates become strong in a component with a strong
  /// pixel, and are removed in a component without one that reaches no side. The remaining components are undecided,
  /// and numbered in the order of their first pixels. At the sides where the image ends, nothing can continue.
  [[nodiscard]] TileContacts settle(const CandidateBits& bits, ImageEnds ends);

  /// Decides the undecided components of a rectangle after settle(): component i becomes strong if is_edge[i - 1]
  /// is not 0.
  void decide(const CandidateBits& bits, std::span<const char> is_edge);

  /// Estimate of the bytes that the finder and the bits take for a rectangle. It assumes at most one run for each three
  /// pixels; no real image is known to have more.
  [[nodiscard]] static constexpr std::int64_t memory_bytes(std::int64_t width, std::int64_t rows) {
    constexpr auto run = static_cast<std::int64_t>(sizeof(Run) + 2 * sizeof(std::uint32_t) + 1);
    const auto words = static_cast<std::int64_t>(sizeof(std::uint64_t)) * CandidateBits::word_count(width, rows);
    return 2 * words + max_runs(width, rows) * run + rows * static_cast<std::int64_t>(sizeof(std::size_t));
  }

 private:
  /// Candidates side by side in a row.
  struct Run {
    std::int32_t begin;
    std::int32_t end;
    std::int32_t row;
  };

  /// Estimate of the number of runs of a rectangle: see memory_bytes().
  [[nodiscard]] static constexpr std::int64_t max_runs(std::int64_t width, std::int64_t rows) {
    return rows * (width / 3 + 1);
  }

  /// Allocates for `count` runs.
  void reserve(const CandidateBits& bits, std::int64_t count);
  /// Finds the runs of the rows that `row_of` returns, and unites those that touch.
  template <class RowOf>
  void find_runs(const CandidateBits& bits, RowOf row_of);
  void mark_roots(const CandidateBits& bits, ImageEnds ends);
  [[nodiscard]] std::uint32_t number_undecided();
  [[nodiscard]] TileContacts contacts(const CandidateBits& bits, ImageEnds ends) const;

  std::vector<Run> runs_;
  std::vector<std::size_t> row_begin_;    ///< the first run of each row, and the number of runs
  UnionFind sets_;                        ///< components of runs
  std::vector<std::uint8_t> state_;       ///< the state of each component, at its root
  std::vector<std::uint32_t> component_;  ///< the component of each run
  std::vector<std::uint64_t> waiting_;    ///< candidates that are not strong
};

/// Hysteresis of whole images of one size in memory. Reuses its memory from image to image. Only one thread
/// may use it at a time.
class ImageHysteresis {
 public:
  /// Allocates memory for images of `width` x `rows` pixels.
  ImageHysteresis(std::int64_t width, std::int64_t rows);
  ImageHysteresis(const ImageHysteresis&) = delete;
  ImageHysteresis& operator=(const ImageHysteresis&) = delete;
  ~ImageHysteresis() = default;

  /// Writes 255 for edges and 0 for all other pixels to `edges`, which may be the memory of `classes`. Allocates only
  /// if there are more runs of candidates than in any image before.
  void apply(const ConstPixels& classes, const Plane& edges);

 private:
  std::vector<std::uint64_t> words_;
  CandidateBits bits_;
  ComponentFinder finder_;
};

/// Hysteresis of one image, in place: classes become 255 for edges and 0 for all other pixels.
void keep_connected(const Plane& classes);

}  // namespace haloedge::kernels
