#include "run/stop_watcher.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace haloedge {

StopWatcher::StopWatcher(const StopRequest& stop, std::function<void()> on_stop)
    : thread_([&stop, on_stop = std::move(on_stop)](const std::stop_token& end) {
        constexpr std::chrono::milliseconds period{50};
        std::mutex guard;
        std::condition_variable_any never;
        std::unique_lock lock(guard);
        while (!end.stop_requested() && stop.reason().empty()) {
          never.wait_for(lock, end, period, [] { return false; });
        }
        if (!end.stop_requested()) on_stop();
      }) {}

}  // namespace haloedge
