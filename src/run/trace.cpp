#include "run/trace.hpp"

#include <fstream>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/system.hpp"
#include "run/named_files.hpp"

namespace haloedge {

namespace {

/// The numbers of the traces that have not ended. Numbers are not used again, so that no thread writes into the lane of
/// a thread or a trace that has ended.
std::mutex living_guard;
std::set<std::uint64_t> living;
std::uint64_t next_trace = 0;

/// The calling thread's lane in each trace, by the trace's number.
thread_local std::map<std::uint64_t, Trace::Lane*> lanes_of_thread;

bool is_wait(Phase phase) { return phase >= Phase::wait_for_work; }

/// The event of the Trace Event Format that names a rank or a thread. `what` is "process" or "thread".
std::string name_event(std::string_view what, int rank, int thread, std::string_view name) {
  return fmt::format(R"({{"name":"{}_name","ph":"M","pid":{},"tid":{},"args":{{"name":"{}"}}}})", what, rank, thread,
                     name);
}

std::string interval_event(std::string_view name, int rank, int thread, const Trace::Interval& interval) {
  return fmt::format(R"({{"name":"{}","ph":"X","pid":{},"tid":{},"ts":{:.3f},"dur":{:.3f}}})", name, rank, thread,
                     interval.begin * 1e6, (interval.end - interval.begin) * 1e6);
}

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

Trace::Trace(bool keeps_intervals) : keeps_intervals_(keeps_intervals) {
  const std::lock_guard lock(living_guard);
  number_ = next_trace++;
  living.insert(number_);
}

Trace::~Trace() {
  const std::lock_guard lock(living_guard);
  living.erase(number_);
}

Trace::Lane& Trace::add_lane(std::string name) {
  const std::lock_guard lock(lanes_guard_);
  return lanes_.emplace_back(Lane{.number = static_cast<int>(lanes_.size()), .name = std::move(name)});
}

void Trace::take_lane(Lane& lane) {
  {
    // A thread that works for many traces, one after the other, keeps no lanes of those that have ended.
    const std::lock_guard lock(living_guard);
    std::erase_if(lanes_of_thread, [](const auto& known) { return !living.contains(known.first); });
  }
  lanes_of_thread[number_] = &lane;
}

Trace::Lane& Trace::lane() {
  const auto known = lanes_of_thread.find(number_);
  if (known != lanes_of_thread.end()) return *known->second;
  Lane& lane = add_lane(std::this_thread::get_id() == maker_ ? "main" : "worker");
  take_lane(lane);
  return lane;
}

std::array<double, phase_count> Trace::seconds() const {
  std::array<double, phase_count> total{};
  for (const Lane& lane : lanes_) {
    for (std::size_t i = 0; i < total.size(); ++i) total.at(i) += lane.seconds.at(i);
  }
  return total;
}

void Trace::write(const std::string& path, Communicator& communicator) const {
  const int rank = communicator.rank();
  std::string events = name_event("process", rank, 0, fmt::format("rank {} on {}", rank, host_name()));
  for (const Lane& lane : lanes_) {
    events += ",\n" + name_event("thread", rank, lane.number, lane.name);
    for (const Interval& interval : lane.intervals) {
      const std::string_view name = interval.phase == Phase::stage ? lane.name : phase_name(interval.phase);
      events += ",\n" + interval_event(name, rank, lane.number, interval);
    }
  }
  const std::vector<std::string> all = communicator.gather(events);
  if (rank != 0) return;
  check_report_file("--trace", path);
  std::ofstream file(path);
  file << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
  for (const std::string& text : all) file << (&text == &all.front() ? "" : ",\n") << text;
  file << "\n]}\n";
  file.close();
  if (!file) throw Error(fmt::format("--trace {}: cannot be written; the output itself is not affected", path));
}

}  // namespace haloedge
