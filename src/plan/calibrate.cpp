#include "plan/calibrate.hpp"

#include <algorithm>

namespace haloedge {

namespace {

constexpr double shortest_phase = 1e-6;  // of nothing shorter is a rate made

double pixels(const MeasuredRun& run) {
  return static_cast<double>(run.job.width) * static_cast<double>(run.job.height);
}

int busy_threads(const MeasuredRun& run) {
  return std::min(run.spread.ranks, run.spread.ranks_per_node) * run.spread.threads;
}

double shared_seconds(const MeasuredRun& run) { return (run.decode + run.filter) / pixels(run); }

/// From the runs with the fewest and the most busy threads a node.
void fit_contention(Machine& machine, const std::vector<MeasuredRun>& runs) {
  const auto [few, many] = std::minmax_element(
      runs.begin(), runs.end(), [](const auto& a, const auto& b) { return busy_threads(a) < busy_threads(b); });
  if (few == runs.end() || busy_threads(*few) == busy_threads(*many)) return;
  if (std::min({few->decode, few->filter, many->decode}) < shortest_phase) return;
  const double ratio = shared_seconds(*many) / shared_seconds(*few);
  const double slope = busy_threads(*many) - 1 - ratio * (busy_threads(*few) - 1);
  // Without a positive slope, more threads took so much longer that no such law holds: nothing is learned.
  if (slope > 0) machine.contention = {std::max(0.0, (ratio - 1) / slope), Origin::measured};
}

/// The work of all runs divided by its seconds, both as one thread alone would have them.
template <class Work, class Seconds>
void fit_rate(Quantity& rate, double contention, const std::vector<MeasuredRun>& runs, Work work, Seconds seconds) {
  double all_work = 0;
  double all_seconds = 0;
  for (const MeasuredRun& run : runs) {
    if (seconds(run) < shortest_phase) continue;
    all_work += work(run);
    all_seconds += seconds(run) / (1 + contention * (busy_threads(run) - 1));
  }
  if (all_seconds > 0 && all_work > 0) rate = {all_work / all_seconds, Origin::measured};
}

}  // namespace

bool MeasuredRun::had_cores() const { return busy_threads(*this) <= cores; }

Machine calibrate(Machine machine, const std::vector<MeasuredRun>& runs) {
  std::vector<MeasuredRun> clean;
  std::copy_if(runs.begin(), runs.end(), std::back_inserter(clean), [](const auto& run) { return run.had_cores(); });
  if (clean.empty()) return machine;

  fit_contention(machine, clean);
  const auto fit = [&](Quantity& rate, auto work, auto seconds) {
    fit_rate(rate, machine.contention.value, clean, work, seconds);
  };
  using Run = MeasuredRun;
  fit(
      machine.decode, [](const Run& r) { return pixels(r) * r.job.decoded_pixel; },
      [](const Run& r) { return r.decode; });
  fit(
      machine.filter, [](const Run& r) { return pixels(r); }, [](const Run& r) { return r.filter; });
  fit(
      machine.encode, [](const Run& r) { return pixels(r) * r.job.edge_pixel; }, [](const Run& r) { return r.encode; });
  fit(
      machine.write, [](const Run& r) { return (r.job.encodes ? 2 : 1) * pixels(r) * r.job.kept_pixel; },
      [](const Run& r) { return r.write; });
  fit(
      machine.send, [](const Run& r) { return r.sent_pixels * r.job.kept_pixel; }, [](const Run& r) { return r.send; });

  machine.start_up = {0, Origin::measured};
  for (const MeasuredRun& run : clean) machine.start_up.value += run.overhead / static_cast<double>(clean.size());
  for (const MeasuredRun& run : clean) {
    if (run.decode > 0) machine.input = {run.job.input_pixel / run.job.decoded_pixel, Origin::measured};
    if (run.encode > 0) machine.kept = {run.job.kept_pixel / run.job.edge_pixel, Origin::measured};
  }
  return machine;
}

}  // namespace haloedge
