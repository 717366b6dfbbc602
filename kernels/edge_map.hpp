#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/backend.hpp"
#include "kernels/kernels.hpp"

namespace haloedge::kernels {

/// Makes edge maps of whole images of one size in memory on the calling thread: gray rows are made a few at a time and
/// filtered while they are in the cache. Keeps its memory from one image to the next. For one thread.
class EdgeMapper {
 public:
  /// Of `rows` times `width` pixels, neither 0, of filter.gray_type. `backend` must stay as long as this.
  EdgeMapper(const Backend& backend, std::int64_t width, std::int64_t rows, Gray weights, const EdgeFilter& filter,
             Border border);
  EdgeMapper(const EdgeMapper&) = delete;
  EdgeMapper& operator=(const EdgeMapper&) = delete;
  ~EdgeMapper() = default;

  /// `source` and `out` have the size of the images, and do not overlap; out.type is filter.out_type. Does not
  /// allocate, unless the backend does.
  void map(const ConstPixels& source, const Plane& out);

  /// What one holds.
  [[nodiscard]] static std::int64_t memory_bytes(std::int64_t width, std::int64_t rows, SampleType type);

 private:
  void load(const ConstPixels& source, std::int64_t first, std::int64_t rows);
  void make(const ConstPixels& source, std::int64_t at, std::int64_t i);
  void make_inside(const ConstPixels& source, std::int64_t at, std::int64_t count, std::int64_t i);
  [[nodiscard]] std::byte* row(std::int64_t i);

  const Backend& backend_;
  Gray weights_;
  EdgeFilter filter_;
  Border border_;
  std::int64_t sample_;
  std::int64_t stride_;
  std::int64_t block_rows_;  ///< of a block, but for the last one
  // The gray rows of a block and those beside it, with the border around them.
  std::vector<std::byte> memory_;
  std::vector<const std::byte*> pointers_;
};

/// The edge map of one image: see EdgeMapper.
void edge_map(const Backend& backend, const ConstPixels& source, Gray weights, const EdgeFilter& filter, Border border,
              const Plane& out);

}  // namespace haloedge::kernels
