#pragma once

#include <functional>
#include <thread>

#include "core/stop_request.hpp"

namespace haloedge {

/// Waits beside the work for a stop to be asked of this rank, and then calls `on_stop` once, on its own thread. Ends
/// when it goes.
class StopWatcher {
 public:
  StopWatcher(const StopRequest& stop, std::function<void()> on_stop);

 private:
  std::jthread thread_;
};

}  // namespace haloedge
