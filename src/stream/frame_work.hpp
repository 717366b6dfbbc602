#pragma once

#include "core/buffer.hpp"
#include "stream/frame.hpp"

namespace haloedge {

/// A frame on its way through the filters: as it came, its edges, and what leaves.
struct FrameWork {
  FrameWork(const FrameFormat& format, const FrameFormat& painted_format)
      : frame(format), edges(format.luma_bytes()), painted(painted_format.frame_bytes()) {}

  Frame frame;
  Buffer edges;
  Buffer painted;
};

}  // namespace haloedge
