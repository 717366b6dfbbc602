#pragma once

#include "core/buffer.hpp"
#include "edges/strip.hpp"

namespace haloedge {

/// A strip and its memory.
struct OwnedStrip {
  OwnedStrip(const StripShape& shape, int slabs, std::int64_t slab_rows)
      : memory(Strip::memory_bytes(shape, slabs, slab_rows)), strip(shape, slabs, slab_rows, memory.span()) {}

  Buffer memory;
  Strip strip;
};

}  // namespace haloedge
