#include "run/trace.hpp"

#include <atomic>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/system.hpp"

namespace haloedge {

namespace {

std::atomic<std::uint64_t> next_trace = 0;

/// The calling thread's lane in each trace, by the trace's number. Numbers are not used again, so that no thread writes
/// into the lane of a thread or a trace that has ended.
thread_local std::map<std::uint64_t, Trace::Lane*> lanes_of_thread;

bool is_wait(Phase phase) { return phase >= Phase::wait_for_work; }

/// One rank's events, as text.
class Events {
 public:
  explicit Events(int rank) : rank_(rank) { add_name("process", 0, fmt::format("rank {} on {}", rank, host_name())); }

  /// `what` is "process" or "thread".
  void add_name(std::string_view what, int thread, std::string_view name) {
    fmt::format_to(std::back_inserter(text_),
                   R"({}{{"name":"{}_name","ph":"M","pid":{},"tid":{},"args":{{"name":"{}"}}}})",
                   text_.empty() ? "" : ",\n", what, rank_, thread, name);
  }

  void add_interval(std::string_view name, int thread, const Trace::Interval& interval) {
    fmt::format_to(std::back_inserter(text_),
                   R"(,{}{{"name":"{}","ph":"X","pid":{},"tid":{},"ts":{:.3f},"dur":{:.3f}}})", '\n', name, rank_,
                   thread, interval.begin * 1e6, (interval.end - interval.begin) * 1e6);
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  int rank_;
  std::string text_;
};

}  // namespace

std::string_view phase_name(Phase phase) {
  constexpr std::array<std::string_view, phase_count> names{
      "decode", "gray",       "halo",  "filter",        "device",        "encode",         "write",
      "gather", "hysteresis", "stage", "wait for work", "wait for room", "wait for memory"};
  return names.at(static_cast<std::size_t>(phase));
}

Trace::Scope::Scope(Trace* trace, Phase phase) : trace_(trace), phase_(phase) {
  if (trace == nullptr) return;
  lane_ = &trace->lane();
  outer_nested_ = std::exchange(lane_->nested, 0.0);
  begin_ = trace->elapsed();
}

Trace::Scope::~Scope() {
  if (trace_ == nullptr) return;
  const double end = trace_->elapsed();
  const double duration = end - begin_;
  lane_->seconds.at(static_cast<std::size_t>(phase_)) += duration - lane_->nested;
  lane_->nested = outer_nested_ + duration;
  if (!trace_->keeps_intervals_ || (is_wait(phase_) && duration < shortest_wait)) return;
  lane_->intervals.push_back({phase_, begin_, end});
}

Trace::Trace(bool keeps_intervals) : keeps_intervals_(keeps_intervals), number_(next_trace++) {}

Trace::Lane& Trace::add_lane(std::string name) {
  const std::lock_guard lock(lanes_guard_);
  return lanes_.emplace_back(Lane{.number = static_cast<int>(lanes_.size()), .name = std::move(name)});
}

void Trace::take_lane(Lane& lane) { lanes_of_thread[number_] = &lane; }

Trace::Lane& Trace::lane() {
  Lane*& lane = lanes_of_thread[number_];
  if (lane == nullptr) lane = &add_lane({});
  return *lane;
}

std::array<double, phase_count> Trace::seconds() const {
  std::array<double, phase_count> total{};
  for (const Lane& lane : lanes_) {
    for (std::size_t i = 0; i < total.size(); ++i) total.at(i) += lane.seconds.at(i);
  }
  return total;
}

void Trace::write(const std::string& path, Communicator& communicator) const {
  Events events(communicator.rank());
  for (const Lane& lane : lanes_) {
    if (!lane.name.empty()) events.add_name("thread", lane.number, lane.name);
    for (const Interval& interval : lane.intervals) {
      const bool has_name = interval.phase == Phase::stage;
      events.add_interval(has_name ? std::string_view(lane.name) : phase_name(interval.phase), lane.number, interval);
    }
  }
  const std::vector<std::string> all = communicator.gather(events.text());
  if (communicator.rank() != 0) return;
  std::ofstream file(path);
  file << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
  for (std::size_t rank = 0; rank < all.size(); ++rank) file << (rank == 0 ? "" : ",\n") << all[rank];
  file << "\n]}\n";
  file.close();
  if (!file) throw Error(fmt::format("--trace {}: cannot be written; the output itself is as without it", path));
}

}  // namespace haloedge
