#pragma once

#include <memory>
#include <vector>

#include "stream/frame_filter.hpp"
#include "stream/painter.hpp"
#include "stream/stream_log.hpp"
#include "stream/stream_stop.hpp"
#include "stream/y4m_reader.hpp"
#include "stream/y4m_writer.hpp"

namespace haloedge {

/// What a stream is made with, whatever the policy.
struct StreamJob {
  Y4mReader& reader;
  Y4mWriter& writer;
  const Painter& painter;
  const Y4mHeader& painted;                           ///< of what leaves
  std::vector<std::unique_ptr<FrameFilter>> filters;  ///< each gets a thread
  bool hud = false;                                   ///< rates and age are written into the frames
  double most_filtered_a_second = 0;                  ///< by all filters together; 0: no limit
  StreamLog& log;
  StreamStop& stop;
};

}  // namespace haloedge
