#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "commands/commands.hpp"
#include "core/encoding.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "core/system.hpp"
#include "core/whole_file.hpp"
#include "measures/duplicate_groups.hpp"
#include "measures/image_hash.hpp"
#include "run/resources.hpp"
#include "sets/duplicates_list.hpp"
#include "sets/duplicates_page.hpp"
#include "sets/options.hpp"
#include "source/open_source.hpp"
#include "tables/hash_table.hpp"

namespace haloedge {

namespace {

template <class Value>
std::string to_text(const std::vector<Value>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value)};
}

template <class Value>
std::vector<Value> from_text(const std::string& text) {
  std::vector<Value> values(text.size() / sizeof(Value));
  if (!values.empty()) std::memcpy(values.data(), text.data(), values.size() * sizeof(Value));
  return values;
}

/// The images of a table that have a hash.
std::vector<HashedImage> read_table(const std::string& path) {
  std::vector<HashedImage> images = read_hash_table(path);
  std::erase_if(images, [](const HashedImage& image) { return !image.error.empty(); });
  if (images.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(fmt::format("{}: more than 2^32 images; cut the table", path));
  }
  return images;
}

/// The groups on rank 0, found by all ranks. Collective.
ImageGroups find_groups(const std::vector<HashedImage>& images, int distance, const kernels::Backend& backend,
                        Communicator& communicator) {
  std::vector<std::uint64_t> hashes;
  hashes.reserve(images.size());
  for (const HashedImage& image : images) hashes.push_back(image.hash);
  hashes = from_text<std::uint64_t>(communicator.broadcast(to_text(hashes)));
  const auto mine = near_links(hashes, distance, backend, communicator.rank(), communicator.size());
  std::vector<HashPair> links;
  for (const std::string& part : communicator.gather(to_text(mine))) {
    const auto more = from_text<HashPair>(part);
    links.insert(links.end(), more.begin(), more.end());
  }
  return communicator.rank() == 0 ? linked_groups(hashes.size(), links) : ImageGroups{};
}

/// What is near the image that was asked for.
Matches find_matches(const std::vector<HashedImage>& images, const DuplicatesCommand& command,
                     const kernels::Backend& backend) {
  const auto source = open_image(command.query);
  Matches matches{.query = {.file = {.path = command.query},
                            .hash = image_hash(*source, backend, available_memory() / 2),
                            .width = source->image().width,
                            .height = source->image().height}};
  matches.query.file.bytes = File::open_to_read(input_file(command.query)).size();
  for (const HashedImage& image : images) {
    const int distance = std::popcount(image.hash ^ matches.query.hash);
    if (distance <= command.distance) matches.nearest_first.push_back({distance, &image});
  }
  std::stable_sort(matches.nearest_first.begin(), matches.nearest_first.end(),
                   [](const auto& a, const auto& b) { return a.distance < b.distance; });
  return matches;
}

DuplicatesPage page_of(const std::vector<HashedImage>& images, const ImageGroups& groups, int distance) {
  DuplicatesPage page("Near-duplicate images", groups_summary(images, groups, distance));
  for (const auto& group : groups) {
    std::vector<PageImage> shown;
    shown.reserve(group.size());
    for (const std::uint32_t place : group) shown.push_back({&images[place]});
    page.add(fmt::format("{} images", count_text(std::ssize(group))), std::move(shown));
  }
  return page;
}

DuplicatesPage page_of(const std::vector<HashedImage>& images, const Matches& matches) {
  DuplicatesPage page("Images near one image", matches_summary(matches, images.size()));
  page.add("Looked up", {{&matches.query}});
  std::vector<PageImage> shown;
  for (const auto& [distance, image] : matches.nearest_first) shown.push_back({image, distance});
  const std::string heading = fmt::format("Near it: {} image(s)", count_text(std::ssize(shown)));
  page.add(heading, std::move(shown));
  return page;
}

/// On rank 0, before any work.
void check_outputs(const DuplicatesCommand& command) {
  if (!command.output.empty()) check_new_file(command.output, command.overwrite);
  if (command.html.empty()) return;
  check_new_file(command.html, command.overwrite);
  if (command.html == command.output) throw UsageError("--html and -o name the same file");
}

void write_list(const std::string& list, const std::string& file) {
  if (!file.empty()) return write_text_file(file, list);
  const bool written = std::fwrite(list.data(), 1, list.size(), stdout) == list.size() && std::fflush(stdout) == 0;
  if (!written) throw Error(fmt::format("the list cannot be written: {}", errno_text(errno)));
}

void write_page(const DuplicatesPage& page, const std::string& file, const RankResources& resources) {
  page.write(file, resources);
  if (page.left_out() == 0) return;
  fmt::print(stderr, "haloedge: {}: shows the first {} images; {} more are in the list only\n", printable(file),
             count_text(DuplicatesPage::most_images), count_text(page.left_out()));
}

}  // namespace

ExitCode run_duplicates(const DuplicatesCommand& command, const std::vector<std::string>& /*command_line*/,
                        Communicator& communicator) {
  const auto backend = kernels::make_backend(kernels::HostBackend::cpu);
  const bool first_rank = communicator.rank() == 0;
  const RankResources resources = rank_resources({}, communicator);
  std::vector<HashedImage> images;
  if (first_rank) {
    check_outputs(command);
    images = read_table(command.table);
  }
  if (!command.query.empty()) {
    if (!first_rank) return ExitCode::done;
    const Matches matches = find_matches(images, command, *backend);
    write_list(list_matches(images, matches, command), command.output);
    if (!command.html.empty()) write_page(page_of(images, matches), command.html, resources);
  } else {
    const ImageGroups groups = find_groups(images, command.distance, *backend, communicator);
    if (!first_rank) return ExitCode::done;
    write_list(list_groups(images, groups, command), command.output);
    if (!command.html.empty()) write_page(page_of(images, groups, command.distance), command.html, resources);
  }
  return ExitCode::done;
}

}  // namespace haloedge
