#include "run/trace.hpp"

#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/system.hpp"

namespace haloedge {

namespace {

/// One rank's events, as text.
class Events {
 public:
  explicit Events(int rank) : rank_(rank) { add_name("process", 0, fmt::format("rank {} on {}", rank, host_name())); }

  /// `what`: process or thread.
  void add_name(std::string_view what, int thread, std::string_view name) {
    fmt::format_to(std::back_inserter(text_),
                   R"({}{{"name":"{}_name","ph":"M","pid":{},"tid":{},"args":{{"name":"{}"}}}})",
                   text_.empty() ? "" : ",\n", what, rank_, thread, name);
  }

  /// Times in seconds.
  void add_interval(std::string_view name, int thread, double begin, double end) {
    fmt::format_to(std::back_inserter(text_),
                   R"(,{}{{"name":"{}","ph":"X","pid":{},"tid":{},"ts":{:.3f},"dur":{:.3f}}})", '\n', name, rank_,
                   thread, begin * 1e6, (end - begin) * 1e6);
  }

  /// Collective.
  void write(const std::string& path, Communicator& communicator) const {
    const std::vector<std::string> all = communicator.gather(text_);
    if (communicator.rank() != 0) return;
    std::ofstream file(path);
    file << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
    for (std::size_t rank = 0; rank < all.size(); ++rank) file << (rank == 0 ? "" : ",\n") << all[rank];
    file << "\n]}\n";
    file.close();
    if (!file) throw Error(fmt::format("--trace {}: cannot be written; the output itself is as without it", path));
  }

 private:
  int rank_;
  std::string text_;
};

double seconds(StageLog::Clock::duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

void write_trace(const Profile& profile, const std::string& path, Communicator& communicator) {
  Events events(communicator.rank());
  for (const Profile::Interval& interval : profile.intervals()) {
    events.add_interval(phase_name(interval.phase), interval.thread, interval.begin, interval.end);
  }
  events.write(path, communicator);
}

void write_trace(const StageLog& log, const std::string& path, Communicator& communicator) {
  Events events(communicator.rank());
  int thread = 0;
  for (const StageLog::Lane& lane : log.lanes()) {
    events.add_name("thread", thread, lane.stage);
    for (const auto& [doing, begin, end] : lane.intervals) {
      events.add_interval(interval_name(lane, doing), thread, seconds(begin - log.start()), seconds(end - log.start()));
    }
    ++thread;
  }
  events.write(path, communicator);
}

}  // namespace haloedge
