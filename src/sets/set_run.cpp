#include "sets/set_run.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/encoding.hpp"
#include "core/number_text.hpp"
#include "core/system.hpp"
#include "run/progress.hpp"
#include "run/resources.hpp"
#include "sets/staged_flow.hpp"

namespace haloedge {

namespace {

using Clock = std::chrono::steady_clock;
using Flow = StagedFlow<std::unique_ptr<SetImage>>;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// The interval at which the main thread checks for failures and stops, and shows the progress.
constexpr std::chrono::milliseconds check_period{50};

/// Number of images that may wait between two stages.
constexpr std::size_t queue_capacity = 16;

/// Memory that a thread holds beside its image: the stack, buffers of libraries, freed memory that the allocator keeps.
constexpr std::int64_t thread_bytes = std::int64_t{512} << 10;

// The indices of a rank's counts of images in Progress::Counts. The counts of the queues follow.
constexpr std::size_t ended = 1;
constexpr std::size_t failed = 2;
constexpr std::size_t bytes_read = 3;
constexpr std::size_t first_queue = 4;
constexpr std::size_t max_queues = std::tuple_size_v<Progress::Counts> - first_queue;

/// Returns the line that shows the progress of a set. `queues` are the names of the stages that images wait for, at
/// most max_queues of them.
Progress::Line set_line(std::int64_t images, std::int64_t bytes, std::vector<std::string> queues) {
  return [images, bytes, queues = std::move(queues)](const Progress::Counts& sum, double seconds) {
    const auto done_bytes = static_cast<double>(sum.at(bytes_read));
    const double rate = static_cast<double>(sum.at(ended)) / seconds;
    constexpr double small_rate = 10;
    // The time left is estimated by bytes, because large images take longer.
    std::string text = fmt::format(
        "{} of {} images, {} failed, {:.{}f} images/s, {:.1f} MB/s, {}; waiting:", count_text(sum.at(ended)),
        count_text(images), count_text(sum.at(failed)), rate, rate < small_rate ? 1 : 0, done_bytes / 1e6 / seconds,
        time_left_text(done_bytes, static_cast<double>(bytes) - done_bytes, seconds));
    for (std::size_t i = 0; i < queues.size(); ++i) {
      text += fmt::format("{} {} {}", i == 0 ? "" : ",", queues[i], sum.at(first_queue + i));
    }
    return text;
  };
}

}  // namespace

Error with_resume_advice(const RunError& error) {
  return Error(fmt::format("{}; finished images are kept: fix this, then continue with --resume", error.what()));
}

SetRun::SetRun(const SetOptions& options, SetTask task, Run& run)
    : options_(options), task_(std::move(task)), run_(run), stop_(options.restart.time_limit) {
  return_freed_memory();
  watcher_.emplace(stop_, [this] { run_.communicator.announce_stop(); });
  plan_ = plan_set(options, task_, run.resources.threads, stop_, run_.communicator);
  totals_.images = plan_.images;
  totals_.earlier = plan_.earlier;
  journal_.emplace(task_.folder, plan_.run_number, run_.communicator.rank());
}

MemoryGate SetRun::memory_gate(int threads) const {
  constexpr std::int64_t least = std::int64_t{4} << 20;
  const std::int64_t held = program_bytes + threads * thread_bytes;
  if (run_.resources.memory < held + least) {
    const std::int64_t held_by_one = program_bytes + threads / run_.resources.threads * thread_bytes;
    throw Error(fmt::format(
        "--memory (or this node) allows {}, but {} threads need at least {}: run with --memory {}M or "
        "more{}",
        size_text(run_.resources.memory), run_.resources.threads, size_text(held + least), ((held + least) >> 20) + 1,
        held_by_one + least <= run_.resources.memory ? ", or fewer --threads" : ""));
  }
  return MemoryGate(run_.resources.memory - held, &run_.trace);
}

void SetRun::check_cancelled() {
  run_.communicator.check_peers();
  if (stopping_) throw Stopped("a stop was requested");
}

std::optional<std::unique_ptr<SetImage>> SetRun::next() {
  if (stopping_) return std::nullopt;
  const std::size_t number = next_++;
  if (number >= plan_.mine.size()) return std::nullopt;
  return std::make_unique<SetImage>(SetImage{.outcome = {.file = std::move(plan_.mine[number])}});
}

std::function<void(std::unique_ptr<SetImage>&)> SetRun::guarded(SetStage stage, std::atomic<double>& seconds) {
  return [this, work = std::move(stage.work), takes_failed = stage.takes_failed, may_give_up = stage.gives_up,
          &seconds](std::unique_ptr<SetImage>& image) {
    Outcome& outcome = image->outcome;
    if (image->given_up || (!outcome.error.empty() && !takes_failed)) return;
    const Clock::time_point begin = Clock::now();
    try {
      if (may_give_up) check_cancelled();
      work(*image);
    } catch (const RunError&) {
      throw;
    } catch (const PeerFailure&) {
      throw;
    } catch (const Stopped&) {
      image->given_up = true;
    } catch (const std::exception& error) {
      outcome.error = failure_reason(outcome.file.path, error);
      outcome.result.clear();
    }
    if (!outcome.error.empty() || image->given_up) {
      *image = SetImage{.outcome = std::move(outcome), .seconds = image->seconds, .given_up = image->given_up};
    }
    seconds += seconds_since(begin);
  };
}

void SetRun::keep_outcome(SetImage& image) {
  if (image.given_up) return;
  const std::lock_guard lock(outcomes_guard_);
  if (task_.keeps_journal) journal_->append(image.outcome);
  bytes_done_ += image.outcome.file.bytes;
  const bool failed = !image.outcome.error.empty();
  ++(failed ? failed_ : done_);
  if (failed || task_.collects) outcomes_.push_back(std::move(image.outcome));
}

Communicator::Counts SetRun::counts(const std::vector<std::int64_t>& queued) const {
  Progress::Counts counts{};
  counts.at(ended) = done_ + failed_;
  counts.at(failed) = failed_;
  counts.at(bytes_read) = bytes_done_;
  std::copy_n(queued.begin(), std::min(queued.size(), max_queues), counts.begin() + first_queue);
  return counts;
}

void SetRun::run(std::vector<SetStage> stages) {
  try {
    pass_through(std::move(stages));
  } catch (const RunError& error) {
    throw with_resume_advice(error);
  }
  // The sums wait for all ranks. Until then, the watcher announces a stop of this rank to those that still work.
  totals_.done = run_.communicator.sum(done_);
  totals_.failed = run_.communicator.sum(failed_);
  for (const std::string& by : run_.communicator.gather(stop_.reason())) {
    if (totals_.stopped_by.empty()) totals_.stopped_by = by;
  }
  totals_.stopped_by = run_.communicator.broadcast(totals_.stopped_by);
  watcher_.reset();
}

void SetRun::pass_through(std::vector<SetStage> stages) {
  const Clock::time_point begin = Clock::now();
  const double cpu_begin = cpu_seconds();
  std::vector<std::string> queues;
  std::vector<std::atomic<double>> seconds(stages.size());
  std::vector<Flow::Stage> flow_stages;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (i > 0 && i <= max_queues) queues.push_back(stages[i].name);
    const bool last = i + 1 == stages.size();
    flow_stages.push_back({stages[i].name, stages[i].threads,
                           [this, last, work = guarded(stages[i], seconds[i])](std::unique_ptr<SetImage>& image) {
                             work(image);
                             if (last) keep_outcome(*image);
                           }});
  }
  Progress progress(run_.options, run_.communicator, set_line(plan_.images - plan_.earlier, plan_.bytes, queues));
  Flow flow([this] { return next(); }, std::move(flow_stages), queue_capacity, &run_.trace);
  while (!flow.wait_for(check_period)) {
    run_.communicator.check_peers();
    stopping_ = run_.communicator.stop_announced();
    progress.update(counts(flow.queued()));
  }
  work_ = {.images = done_ + failed_,
           .bytes = bytes_done_,
           .seconds = seconds_since(begin),
           .cpu_seconds = cpu_seconds() - cpu_begin};
  for (std::size_t i = 0; i < stages.size(); ++i) work_.stage_seconds.emplace_back(stages[i].name, seconds[i]);
  progress.finish(counts({}));
}

std::vector<Outcome> SetRun::gather_outcomes() {
  FieldWriter mine;
  for (const Outcome& outcome : outcomes_) add_row(mine, outcome_fields(), outcome);
  outcomes_ = {};
  const std::vector<std::string> parts = run_.communicator.gather(mine.take());
  std::vector<Outcome> all = std::move(plan_.earlier_outcomes);
  for (const std::string& part : parts) {
    for (FieldReader reader(part); !reader.at_end();) all.push_back(next_row(reader, outcome_fields()));
  }
  std::ranges::sort(all, {}, [](const Outcome& outcome) -> const std::string& { return outcome.file.path; });
  return all;
}

}  // namespace haloedge
