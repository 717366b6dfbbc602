#include "commands/set_run.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <numeric>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "commands/run_setup.hpp"
#include "commands/set_progress.hpp"
#include "core/fields.hpp"
#include "core/number_text.hpp"
#include "core/parallel.hpp"
#include "core/system.hpp"
#include "imageset/assignment.hpp"
#include "pipeline/staged_flow.hpp"

namespace haloedge {

namespace {

using Clock = std::chrono::steady_clock;
using Flow = StagedFlow<std::unique_ptr<SetImage>>;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// How often a rank looks up from its work.
constexpr std::chrono::milliseconds look_up{50};

/// Images that may wait between two stages.
constexpr std::size_t queue_capacity = 16;

/// That look at headers: they wait more than they work.
constexpr int header_threads = 8;

std::unordered_map<std::string_view, std::size_t> places(const std::vector<ImageFile>& list) {
  std::unordered_map<std::string_view, std::size_t> place;
  place.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) place.emplace(list[i].path, i);
  return place;
}

bool is_same_file(const ImageFile& a, const ImageFile& b) {
  return a.bytes == b.bytes && a.modified == b.modified && a.name == b.name;
}

}  // namespace

SetRun::SetRun(const SetOptions& options, const CommonOptions& common, SetTask task, Communicator& communicator)
    : common_(common),
      task_(std::move(task)),
      communicator_(communicator),
      resources_(rank_resources(common, communicator)),
      stop_(options.time_limit) {
  return_freed_memory();
  std::vector<ImageFile> left;
  if (communicator.rank() == 0) {
    list(options);
    left = todo();
    number_ = folder_->run_number();
  }
  totals_.images = communicator.sum(std::ssize(list_));
  totals_.earlier = communicator.sum(std::ssize(list_) - std::ssize(left));
  number_ = static_cast<int>(communicator.sum(number_));
  deal_out(left);
  journal_.emplace(task_.folder, number_, communicator.rank());
}

void SetRun::list(const SetOptions& options) {
  list_ = list_images(options.inputs, task_.output);
  if (task_.name_outputs) task_.name_outputs(list_);
  folder_.emplace(task_.folder, task_.description, options.resume, options.overwrite);
}

std::vector<ImageFile> SetRun::todo() {
  const auto place = places(list_);
  std::vector<Outcome> before = task_.known ? task_.known() : std::vector<Outcome>();
  for (Outcome& outcome : folder_->earlier_outcomes()) before.push_back(std::move(outcome));
  std::vector<char> is_done(before.size(), 0);
  run_tasks(resources_.threads, std::ssize(before), [&](std::int64_t i, int) {
    const Outcome& outcome = before[static_cast<std::size_t>(i)];
    const auto found = place.find(outcome.file.path);
    const bool same = outcome.error.empty() && found != place.end() && is_same_file(outcome.file, list_[found->second]);
    is_done[static_cast<std::size_t>(i)] = same && (!task_.is_there || task_.is_there(outcome)) ? 1 : 0;
  });
  std::vector<char> done_of_list(list_.size(), 0);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (is_done[i] == 0) continue;
    char& done = done_of_list[place.at(before[i].file.path)];
    if (done == 0) earlier_.push_back(std::move(before[i]));
    done = 1;
  }
  std::vector<ImageFile> left;
  for (std::size_t i = 0; i < list_.size(); ++i) {
    if (done_of_list[i] == 0) left.push_back(list_[i]);
  }
  return left;
}

std::vector<ImageFile> SetRun::scatter(const std::vector<ImageFile>& files, const std::vector<int>& part_of) {
  std::vector<FieldWriter> parts(static_cast<std::size_t>(communicator_.size()));
  for (std::size_t i = 0; i < files.size(); ++i) {
    add_outcome(parts.at(static_cast<std::size_t>(part_of[i])), {.file = files[i]});
  }
  std::vector<std::string> texts;
  texts.reserve(parts.size());
  for (const FieldWriter& part : parts) texts.push_back(part.text());
  const std::string text = communicator_.scatter(texts);
  std::vector<ImageFile> mine;
  for (FieldReader reader(text); !reader.at_end();) mine.push_back(next_outcome(reader).file);
  return mine;
}

std::vector<std::int64_t> SetRun::costs_of(const std::vector<ImageFile>& todo) {
  std::vector<ImageFile> large;
  std::copy_if(todo.begin(), todo.end(), std::back_inserter(large),
               [](const ImageFile& file) { return file.bytes >= look_from_bytes; });
  std::vector<int> looked_at_by(large.size());
  for (std::size_t i = 0; i < large.size(); ++i) looked_at_by[i] = static_cast<int>(i) % communicator_.size();
  const std::vector<ImageFile> mine = scatter(large, looked_at_by);
  std::vector<std::string> found(mine.size());
  run_tasks(header_threads, std::ssize(mine), [&](std::int64_t i, int) {
    const auto at = static_cast<std::size_t>(i);
    found[at] = std::to_string(task_.cost(read_traits(mine[at])));
  });
  FieldWriter costs;
  for (const std::string& cost : found) costs.add(cost);
  std::vector<FieldReader> by_rank;
  const std::vector<std::string> texts = communicator_.gather(costs.text());
  for (const std::string& text : texts) by_rank.emplace_back(text);
  std::vector<std::int64_t> all;
  for (std::size_t next_large = 0; const ImageFile& file : todo) {
    if (file.bytes < look_from_bytes) {
      all.push_back(task_.cost(guess_traits(file)));
    } else {
      FieldReader& reader = by_rank.at(static_cast<std::size_t>(looked_at_by[next_large++]));
      all.push_back(parse_number<std::int64_t>(reader.next()).value());
    }
  }
  return all;
}

void SetRun::deal_out(const std::vector<ImageFile>& todo) {
  const std::vector<std::int64_t> costs = costs_of(todo);
  // The dearest first: what is left for the end is small, and no rank waits long for another.
  std::vector<std::size_t> order(todo.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return costs[a] > costs[b]; });
  std::vector<ImageFile> dearest_first;
  std::vector<std::int64_t> their_costs;
  std::int64_t bytes = 0;
  for (const std::size_t i : order) {
    dearest_first.push_back(todo[i]);
    their_costs.push_back(costs[i]);
    bytes += todo[i].bytes;
  }
  mine_ = scatter(dearest_first, assign(their_costs, communicator_.size()));
  todo_images_ = communicator_.sum(std::ssize(todo));
  todo_bytes_ = communicator_.sum(bytes);
}

std::optional<std::unique_ptr<SetImage>> SetRun::next() {
  if (stopping_) return std::nullopt;
  const std::size_t number = next_++;
  if (number >= mine_.size()) return std::nullopt;
  return std::make_unique<SetImage>(SetImage{.outcome = {.file = std::move(mine_[number])}});
}

std::function<void(std::unique_ptr<SetImage>&)> SetRun::guarded(SetStage stage, std::atomic<double>& seconds) {
  return [work = std::move(stage.work), &seconds](std::unique_ptr<SetImage>& image) {
    Outcome& outcome = image->outcome;
    if (!outcome.error.empty()) return;
    const Clock::time_point begin = Clock::now();
    try {
      work(*image);
    } catch (const StorageError&) {
      throw;
    } catch (const PeerFailure&) {
      throw;
    } catch (const std::exception& error) {
      outcome.error = failure_reason(outcome.file.path, error);
      outcome.result.clear();
    }
    if (!outcome.error.empty()) *image = SetImage{.outcome = std::move(outcome)};
    seconds += seconds_since(begin);
  };
}

void SetRun::conclude(SetImage& image) {
  const std::lock_guard lock(outcomes_guard_);
  journal_->append(image.outcome);
  bytes_done_ += image.outcome.file.bytes;
  ++(image.outcome.error.empty() ? done_ : failed_);
  outcomes_.push_back(std::move(image.outcome));
}

Communicator::Counts SetRun::counts(const std::vector<std::int64_t>& queued) const {
  Communicator::Counts counts{done_ + failed_, failed_, bytes_done_};
  std::copy_n(queued.begin(), std::min(queued.size(), counts.size() - 4), counts.begin() + 4);
  return counts;
}

void SetRun::run(std::vector<SetStage> stages) {
  const Clock::time_point begin = Clock::now();
  const double cpu_begin = cpu_seconds();
  std::vector<std::string> queues;
  std::vector<std::atomic<double>> seconds(stages.size());
  std::vector<Flow::Stage> flow_stages;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (i > 0) queues.push_back(stages[i].name);
    const bool last = i + 1 == stages.size();
    flow_stages.push_back({stages[i].name, stages[i].threads,
                           [this, last, work = guarded(stages[i], seconds[i])](std::unique_ptr<SetImage>& image) {
                             work(image);
                             if (last) conclude(*image);
                           }});
  }
  SetProgress progress(common_, communicator_, todo_images_, todo_bytes_, queues);
  Flow flow([this] { return next(); }, std::move(flow_stages), queue_capacity);
  std::string stopped_by;
  const auto ended = [&] {
    try {
      return flow.wait_for(look_up);
    } catch (const StorageError& error) {
      throw Error(fmt::format("{}; what is done is kept: make room, then go on with --resume", error.what()));
    }
  };
  while (!ended()) {
    communicator_.check_peers();
    if (stopped_by.empty() && !stop_.reason().empty()) {
      stopped_by = stop_.reason();
      communicator_.announce_stop();
    }
    if (communicator_.stop_announced()) stopping_ = true;
    progress.update(counts(flow.queued()));
  }
  work_ = {.threads = resources_.threads,
           .memory = resources_.memory,
           .images = done_ + failed_,
           .bytes = bytes_done_,
           .seconds = seconds_since(begin),
           .cpu_seconds = cpu_seconds() - cpu_begin};
  for (std::size_t i = 0; i < stages.size(); ++i) work_.stage_seconds.emplace_back(stages[i].name, seconds[i]);
  progress.finish(counts({}));

  totals_.done = communicator_.sum(done_);
  totals_.failed = communicator_.sum(failed_);
  for (const std::string& by : communicator_.gather(stopped_by)) {
    if (totals_.stopped_by.empty()) totals_.stopped_by = by;
  }
  totals_.stopped_by = communicator_.broadcast(totals_.stopped_by);
}

double SetRun::seconds() const { return seconds_since(start_); }

ExitCode SetRun::exit_code() const {
  if (totals_.missing() > 0) return ExitCode::stopped;
  return totals_.failed > 0 ? ExitCode::some_images_failed : ExitCode::done;
}

std::vector<Outcome> SetRun::gather_outcomes() {
  FieldWriter mine;
  for (const Outcome& outcome : outcomes_) add_outcome(mine, outcome);
  const std::vector<std::string> parts = communicator_.gather(mine.text());
  std::vector<Outcome> all = std::move(earlier_);
  for (const std::string& part : parts) {
    for (FieldReader reader(part); !reader.at_end();) all.push_back(next_outcome(reader));
  }
  std::sort(all.begin(), all.end(), [](const Outcome& a, const Outcome& b) { return a.file.path < b.file.path; });
  return all;
}

}  // namespace haloedge
