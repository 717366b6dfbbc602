#include "sets/set_plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <queue>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "core/threads.hpp"
#include "sink/output.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

using Kind = ImageTraits::Kind;

// Nanoseconds of one core to open and close a file, and for a compressed byte, a decoded byte or a pixel.
constexpr double open_file = 30e3;
constexpr double jpeg_byte = 17;
constexpr double jpeg_pixel = 2.5;
constexpr double jpeg_skipped_byte = 9.2;  // only the entropy decoding
constexpr double jpeg_hashed_pixel = 1.6;
constexpr double png_decoded_byte = 6.8;
constexpr double tiff_plain_byte = 1.25;
constexpr double tiff_unpacked_byte = 4.3;
constexpr double edge_map_pixel = 6.2;  // to filter, encode and write it
constexpr double scored_pixel = 20;     // to find Canny's edges and to measure them

Kind kind_of(const std::string& path) {
  const std::optional<OutputFormat> format = format_of_name(path);
  if (format == OutputFormat::png) return Kind::png;
  return format == OutputFormat::jpeg ? Kind::jpeg : Kind::tiff;
}

bool is_compressed(const ImageTraits& image) {
  return static_cast<double>(image.bytes) < 0.95 * image.pixels * image.pixel_bytes;
}

double decoding(const ImageTraits& image) {
  const auto bytes = static_cast<double>(image.bytes);
  const double decoded = image.pixels * image.pixel_bytes;
  switch (image.kind) {
    case Kind::jpeg: return bytes * jpeg_byte + image.pixels * jpeg_pixel;
    case Kind::png: return decoded * png_decoded_byte;
    case Kind::tiff: break;
  }
  return decoded * (is_compressed(image) ? tiff_unpacked_byte : tiff_plain_byte);
}

/// Estimates the properties from the ending of the name and the size of the file, as they are in photos.
ImageTraits guess_traits(const ImageFile& file) {
  ImageTraits image{.kind = kind_of(file.path), .bytes = file.bytes};
  constexpr double jpeg_pixels_a_byte = 5.5;
  constexpr double png_pixels_a_byte = 0.67;
  constexpr double tiff_pixels_a_byte = 0.5;  // between plain RGB and compressed
  const double pixels_a_byte = image.kind == Kind::jpeg  ? jpeg_pixels_a_byte
                               : image.kind == Kind::png ? png_pixels_a_byte
                                                         : tiff_pixels_a_byte;
  image.pixels = static_cast<double>(file.bytes) * pixels_a_byte;
  return image;
}

/// Reads the properties from the header of the file. Falls back to guess_traits() if the header cannot be read.
ImageTraits read_traits(const ImageFile& file) {
  ImageTraits image = guess_traits(file);
  try {
    const ImageInfo info = open_image(file.path)->image();
    // A damaged header may claim any size, so the size of the file sets a limit.
    constexpr double max_pixels_a_byte = 2000;
    image.pixels = std::min(static_cast<double>(info.width) * static_cast<double>(info.height),
                            static_cast<double>(file.bytes) * max_pixels_a_byte);
    image.pixel_bytes = static_cast<double>(info.pixel_bytes());
  } catch (const std::exception&) {
    // The error is reported when the image is decoded.
  }
  return image;
}

/// Number of threads that read headers. They wait for the disk more than they compute.
constexpr int header_threads = 8;

/// Headers are read only of files that have at least this many bytes. There are many smaller files, so the errors of
/// their estimates even out.
constexpr std::int64_t smallest_file_with_header_read = std::int64_t{128} << 10;

/// Returns the indices of the items, the most expensive first.
std::vector<std::size_t> most_expensive_first(const std::vector<std::int64_t>& costs) {
  std::vector<std::size_t> order(costs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater(), [&](std::size_t i) { return costs[i]; });
  return order;
}

class Planner {
 public:
  Planner(const SetTask& task, int threads, const StopRequest& stop, Communicator& communicator)
      : task_(task), threads_(threads), stop_(stop), communicator_(communicator) {}

  SetPlan plan(const SetOptions& options) {
    SetPlan plan;
    std::vector<ImageFile> todo;
    if (communicator_.rank() == 0) todo = find_work(options, plan);
    for (std::int64_t* count : {&plan.images, &plan.earlier, &plan.bytes}) *count = communicator_.sum(*count);
    plan.run_number = static_cast<int>(communicator_.sum(plan.run_number));
    if (!look_at_folder(task_.folder, communicator_).here) {
      throw Error(
          fmt::format("{}: this host does not see the folder that rank 0 made: an output that several hosts write must "
                      "be on a file system that all of them share",
                      task_.folder.string()));
    }
    const std::vector<std::int64_t> costs = costs_of(todo);
    // The most expensive image comes first, so that the last ones are small and no rank waits long for another.
    plan.mine = scatter(todo, most_expensive_first(costs), assign(costs, communicator_.size()));
    return plan;
  }

 private:
  /// Lists the images that are not done. For rank 0.
  std::vector<ImageFile> find_work(const SetOptions& options, SetPlan& plan) {
    plan.listed = list_images(options, task_.output, [this] {
      stop_.throw_if_made("listing the images", "start the run again");
      if (communicator_.stop_announced())
        throw Stopped("a rank was asked to stop before the work began: start the run again");
    });
    for (const std::string& folder : plan.listed.unread_folders) {
      fmt::print(stderr, "haloedge: warning: the images in a folder that cannot be read are left out: {}\n",
                 printable(folder));
    }
    std::vector<ImageFile> list = std::move(plan.listed.files);
    if (list.empty()) {
      const std::string skipped = plan.listed.skipped_text();
      throw Error(fmt::format("none of the inputs contains an image, so nothing is made{}",
                              skipped.empty() ? "" : fmt::format(" (skipped: {})", skipped)));
    }
    if (task_.name_outputs) task_.name_outputs(list);
    plan.folder.emplace(task_.folder);
    plan.folder->begin(task_.description, plan.folder->has_records(), options.restart.resume,
                       options.restart.overwrite);
    plan.run_number = plan.folder->run_number();
    plan.images = std::ssize(list);
    leave_out_done(list, plan);
    plan.earlier = plan.images - std::ssize(list);
    for (const ImageFile& file : list) plan.bytes += file.bytes;
    return list;
  }

  /// Removes the images that are done from `list`.
  void leave_out_done(std::vector<ImageFile>& list, SetPlan& plan) {
    std::unordered_map<std::string_view, std::size_t> place;
    place.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) place.emplace(list[i].path, i);
    std::vector<Outcome> before = task_.known ? task_.known() : std::vector<Outcome>();
    for (Outcome& outcome : before) {
      const auto found = place.find(outcome.file.path);
      if (found != place.end()) outcome.file.name = list[found->second].name;
    }
    std::ranges::move(last_outcomes(task_.folder), std::back_inserter(before));
    if (before.empty()) return;
    std::vector<char> is_done(before.size(), 0);
    run_tasks(threads_, std::ssize(before), [&](std::int64_t i, int) {
      stop_.throw_if_made("looking for finished images", "start the run again");
      const Outcome& outcome = before[static_cast<std::size_t>(i)];
      const auto found = place.find(outcome.file.path);
      const bool same = outcome.error.empty() && found != place.end() && outcome.file == list[found->second];
      is_done[static_cast<std::size_t>(i)] = same && (!task_.output_exists || task_.output_exists(outcome)) ? 1 : 0;
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

  /// Estimates the costs of rank 0's images. All ranks read headers; the result is on rank 0. Collective.
  std::vector<std::int64_t> costs_of(const std::vector<ImageFile>& todo) {
    const int ranks = communicator_.size();
    std::vector<std::size_t> large;
    std::vector<int> reader_of(todo.size());
    for (std::size_t i = 0; i < todo.size(); ++i) {
      // With one rank, the costs decide only the order, so estimates are enough.
      if (ranks == 1 || todo[i].bytes < smallest_file_with_header_read) continue;
      reader_of[i] = static_cast<int>(large.size() % static_cast<std::size_t>(ranks));
      large.push_back(i);
    }
    const std::vector<ImageFile> mine = scatter(todo, large, reader_of);
    std::vector<std::string> found(mine.size());
    run_tasks(header_threads, std::ssize(mine), [&](std::int64_t i, int) {
      stop_.throw_if_made("reading the headers", "start the run again");
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
    for (const std::size_t i : large) {
      FieldReader& reader = by_rank.at(static_cast<std::size_t>(reader_of[i]));
      costs[i] = parse_number<std::int64_t>(reader.next()).value();
    }
    return costs;
  }

  /// Sends rank 0's image files[i] to the rank part_of[i], for each i of `order` and in that order. Returns those of
  /// this rank. Collective.
  std::vector<ImageFile> scatter(const std::vector<ImageFile>& files, const std::vector<std::size_t>& order,
                                 const std::vector<int>& part_of) {
    std::vector<FieldWriter> parts(static_cast<std::size_t>(communicator_.size()));
    for (const std::size_t i : order) {
      add_row(parts.at(static_cast<std::size_t>(part_of[i])), outcome_fields(), {.file = files[i]});
    }
    std::vector<std::string> texts;
    texts.reserve(parts.size());
    for (FieldWriter& part : parts) texts.push_back(part.take());
    const std::string text = communicator_.scatter(texts);
    std::vector<ImageFile> mine;
    for (FieldReader reader(text); !reader.at_end();) mine.push_back(next_row(reader, outcome_fields()).file);
    return mine;
  }

  const SetTask& task_;
  int threads_;
  const StopRequest& stop_;
  Communicator& communicator_;
};

}  // namespace

std::int64_t edge_map_cost(const ImageTraits& image) {
  return std::llround(2 * open_file + decoding(image) + image.pixels * edge_map_pixel);
}

std::int64_t score_cost(const ImageTraits& image) {
  return std::llround(open_file + decoding(image) + image.pixels * scored_pixel);
}

std::int64_t hash_cost(const ImageTraits& image) {
  switch (image.kind) {
    case Kind::jpeg: {
      // The hash of a large image needs only eight runs of rows, each as high as a block; the others are skipped.
      const double looked_at = std::min(image.pixels, 128 * std::sqrt(image.pixels));
      return std::llround(open_file + static_cast<double>(image.bytes) * jpeg_skipped_byte +
                          looked_at * jpeg_hashed_pixel);
    }
    case Kind::png: return std::llround(open_file + decoding(image));
    case Kind::tiff: break;
  }
  return std::llround(open_file + 0.05 * decoding(image));
}

std::vector<int> assign(const std::vector<std::int64_t>& costs, int parts) {
  using Load = std::pair<std::int64_t, int>;  // cost so far, part
  std::priority_queue<Load, std::vector<Load>, std::greater<>> least_first;
  for (int part = 0; part < parts; ++part) least_first.emplace(0, part);
  std::vector<int> part_of(costs.size());
  for (const std::size_t item : most_expensive_first(costs)) {
    const auto [cost, part] = least_first.top();
    least_first.pop();
    part_of[item] = part;
    least_first.emplace(cost + costs[item], part);
  }
  return part_of;
}

SetPlan plan_set(const SetOptions& options, const SetTask& task, int threads, const StopRequest& stop,
                 Communicator& communicator) {
  return Planner(task, threads, stop, communicator).plan(options);
}

}  // namespace haloedge
