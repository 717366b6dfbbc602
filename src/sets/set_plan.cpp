#include "sets/set_plan.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <numeric>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/fields.hpp"
#include "core/number_text.hpp"
#include "core/parallel.hpp"
#include "run/run_folder.hpp"
#include "sets/image_list.hpp"
#include "sets/journal.hpp"

namespace haloedge {

namespace {

/// Number of threads that read headers. They wait for the disk more than they compute.
constexpr int header_threads = 8;

bool is_same_file(const ImageFile& a, const ImageFile& b) {
  return a.bytes == b.bytes && a.modified == b.modified && a.name == b.name;
}

class Planner {
 public:
  Planner(const SetTask& task, int threads, const StopRequest& stop, Communicator& communicator)
      : task_(task), threads_(threads), stop_(stop), communicator_(communicator) {}

  SetPlan plan(const SetOptions& options);

 private:
  /// Lists the images that are not done. For rank 0.
  std::vector<ImageFile> find_work(const SetOptions& options, SetPlan& plan);
  /// Removes the images that are done from `list`.
  void leave_out_done(std::vector<ImageFile>& list, SetPlan& plan);
  /// Throws Error on ranks that do not see the folder of rank 0. Collective.
  void check_folder_is_shared();
  /// Estimates the costs of rank 0's images. All ranks read headers; the result is on rank 0. Collective.
  std::vector<std::int64_t> costs_of(const std::vector<ImageFile>& todo);
  /// Assigns rank 0's images to the ranks and returns those of this rank. Collective.
  std::vector<ImageFile> assign_images(const std::vector<ImageFile>& todo);
  /// Sends rank 0's images to the ranks: the image files[order[i]] goes to the rank part_of[i], in the order of i.
  /// Returns those of this rank. Collective.
  std::vector<ImageFile> scatter(const std::vector<ImageFile>& files, const std::vector<std::size_t>& order,
                                 const std::vector<int>& part_of);

  const SetTask& task_;
  int threads_;
  const StopRequest& stop_;
  Communicator& communicator_;
};

SetPlan Planner::plan(const SetOptions& options) {
  SetPlan plan;
  std::vector<ImageFile> todo;
  if (communicator_.rank() == 0) todo = find_work(options, plan);
  for (std::int64_t* count : {&plan.images, &plan.earlier, &plan.bytes}) *count = communicator_.sum(*count);
  plan.run_number = static_cast<int>(communicator_.sum(plan.run_number));
  check_folder_is_shared();
  plan.mine = assign_images(todo);
  return plan;
}

std::vector<ImageFile> Planner::find_work(const SetOptions& options, SetPlan& plan) {
  std::vector<ImageFile> list = list_images(options.inputs, task_.output, [this] {
    stop_.throw_if_made("the images were listed");
    if (communicator_.stop_announced()) throw Stopped("a rank was asked to stop: go on with --resume");
  });
  if (list.empty()) fmt::print(stderr, "haloedge: there is no image in what was named\n");
  if (task_.name_outputs) task_.name_outputs(list);
  plan.folder.emplace(task_.folder);
  plan.folder->begin(task_.description, options.restart.resume, options.restart.overwrite);
  plan.run_number = plan.folder->run_number();
  plan.images = std::ssize(list);
  leave_out_done(list, plan);
  plan.earlier = plan.images - std::ssize(list);
  for (const ImageFile& file : list) plan.bytes += file.bytes;
  return list;
}

void Planner::leave_out_done(std::vector<ImageFile>& list, SetPlan& plan) {
  std::unordered_map<std::string_view, std::size_t> place;
  place.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) place.emplace(list[i].path, i);
  std::vector<Outcome> before = task_.known ? task_.known() : std::vector<Outcome>();
  for (Outcome& outcome : before) {
    const auto found = place.find(outcome.file.path);
    if (found != place.end()) outcome.file.name = list[found->second].name;
  }
  for (Outcome& outcome : last_outcomes(task_.folder)) before.push_back(std::move(outcome));
  if (before.empty()) return;
  std::vector<char> is_done(before.size(), 0);
  run_tasks(threads_, std::ssize(before), [&](std::int64_t i, int) {
    stop_.throw_if_made("what is done was looked for");
    const Outcome& outcome = before[static_cast<std::size_t>(i)];
    const auto found = place.find(outcome.file.path);
    const bool same = outcome.error.empty() && found != place.end() && is_same_file(outcome.file, list[found->second]);
    is_done[static_cast<std::size_t>(i)] = same && (!task_.is_there || task_.is_there(outcome)) ? 1 : 0;
  });
  std::vector<char> done_of_list(list.size(), 0);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (is_done[i] == 0) continue;
    char& done = done_of_list[place.at(before[i].file.path)];
    if (done == 0 && task_.collects) plan.earlier_outcomes.push_back(std::move(before[i]));
    done = 1;
  }
  std::vector<ImageFile> left;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (done_of_list[i] == 0) left.push_back(std::move(list[i]));
  }
  list = std::move(left);
}

void Planner::check_folder_is_shared() {
  if (look_at_folder(task_.folder, communicator_).here) return;
  throw Error(
      fmt::format("{}: this host does not see the folder that rank 0 made: outputs over several hosts must be on "
                  "a file system that all of them share",
                  task_.folder.string()));
}

std::vector<ImageFile> Planner::scatter(const std::vector<ImageFile>& files, const std::vector<std::size_t>& order,
                                        const std::vector<int>& part_of) {
  std::vector<FieldWriter> parts(static_cast<std::size_t>(communicator_.size()));
  for (std::size_t i = 0; i < order.size(); ++i) {
    add_row(parts.at(static_cast<std::size_t>(part_of[i])), outcome_fields(), {.file = files[order[i]]});
  }
  std::vector<std::string> texts;
  texts.reserve(parts.size());
  for (FieldWriter& part : parts) texts.push_back(part.take());
  const std::string text = communicator_.scatter(texts);
  std::vector<ImageFile> mine;
  for (FieldReader reader(text); !reader.at_end();) mine.push_back(next_row(reader, outcome_fields()).file);
  return mine;
}

std::vector<std::int64_t> Planner::costs_of(const std::vector<ImageFile>& todo) {
  const bool alone = communicator_.size() == 1;  // then the costs decide nothing but the order
  std::vector<std::size_t> large;
  for (std::size_t i = 0; i < todo.size(); ++i) {
    if (!alone && todo[i].bytes >= smallest_file_with_header_read) large.push_back(i);
  }
  std::vector<int> reader_of(large.size());
  for (std::size_t i = 0; i < large.size(); ++i) reader_of[i] = static_cast<int>(i) % communicator_.size();
  const std::vector<ImageFile> mine = scatter(todo, large, reader_of);
  std::vector<std::string> found(mine.size());
  run_tasks(header_threads, std::ssize(mine), [&](std::int64_t i, int) {
    stop_.throw_if_made("headers were looked at");
    const auto at = static_cast<std::size_t>(i);
    found[at] = std::to_string(task_.cost(read_traits(mine[at])));
  });
  FieldWriter costs_of_mine;
  for (const std::string& cost : found) costs_of_mine.add(cost);
  const std::vector<std::string> texts = communicator_.gather(costs_of_mine.text());
  std::vector<std::int64_t> costs;
  costs.reserve(todo.size());
  for (const ImageFile& file : todo) costs.push_back(task_.cost(guess_traits(file)));
  std::vector<FieldReader> by_rank(texts.begin(), texts.end());
  for (std::size_t i = 0; i < large.size(); ++i) {
    FieldReader& reader = by_rank.at(static_cast<std::size_t>(reader_of[i]));
    costs[large[i]] = parse_number<std::int64_t>(reader.next()).value();
  }
  return costs;
}

std::vector<ImageFile> Planner::assign_images(const std::vector<ImageFile>& todo) {
  const std::vector<std::int64_t> costs = costs_of(todo);
  // The most expensive image comes first, so that the last ones are small and no rank waits long for another.
  std::vector<std::size_t> order(todo.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return costs[a] > costs[b]; });
  std::vector<std::int64_t> in_order;
  in_order.reserve(order.size());
  for (const std::size_t i : order) in_order.push_back(costs[i]);
  return scatter(todo, order, assign(in_order, communicator_.size()));
}

}  // namespace

SetPlan plan_set(const SetOptions& options, const SetTask& task, int threads, const StopRequest& stop,
                 Communicator& communicator) {
  return Planner(task, threads, stop, communicator).plan(options);
}

}  // namespace haloedge
