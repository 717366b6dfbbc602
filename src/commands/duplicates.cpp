#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "commands/run_command.hpp"
#include "core/csv.hpp"
#include "core/file.hpp"
#include "core/size_text.hpp"
#include "core/system.hpp"
#include "core/text_file.hpp"
#include "imageset/duplicate_groups.hpp"
#include "imageset/hash_table.hpp"
#include "imageset/image_hash.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

using nlohmann::json;
using Groups = std::vector<std::vector<std::uint32_t>>;

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
Groups find_groups(const std::vector<HashedImage>& images, int distance, const kernels::Backend& backend,
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
  return communicator.rank() == 0 ? linked_groups(hashes.size(), links) : Groups{};
}

json to_json(const HashedImage& image) {
  return {{"path", image.file.path},
          {"hash", fmt::format("{:016x}", image.hash)},
          {"width", image.width},
          {"height", image.height},
          {"bytes", image.file.bytes}};
}

std::string csv_columns(const HashedImage& image) {
  return fmt::format("{},{:016x},{},{},{}\n", csv_field(image.file.path), image.hash, image.width, image.height,
                     image.file.bytes);
}

std::string text_line(const HashedImage& image) {
  return fmt::format("{}  ({} x {}, {})\n", image.file.path, image.width, image.height, size_text(image.file.bytes));
}

/// File names need not be UTF-8, which JSON must be.
std::string dump(const json& value) { return value.dump(2, ' ', false, json::error_handler_t::replace) + '\n'; }

std::string list_groups(const std::vector<HashedImage>& images, const Groups& groups,
                        const DuplicatesCommand& command) {
  if (command.format == ListFormat::json) {
    json list = json::array();
    for (const auto& group : groups) {
      json members = json::array();
      for (const std::uint32_t place : group) members.push_back(to_json(images[place]));
      list.push_back(members);
    }
    return dump({{"distance", command.distance}, {"images", images.size()}, {"groups", list}});
  }
  const bool csv = command.format == ListFormat::csv;
  std::string text = csv ? "group,path,hash,width,height,bytes\n" : "";
  std::size_t grouped = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    grouped += groups[i].size();
    if (!csv) text += fmt::format("{} images:\n", groups[i].size());
    for (const std::uint32_t place : groups[i]) {
      text += csv ? fmt::format("{},{}", i + 1, csv_columns(images[place])) : "  " + text_line(images[place]);
    }
  }
  if (!csv) {
    text +=
        fmt::format("{} group(s) of {} images, among {} (distance {})\n", count_text(std::ssize(groups)),
                    count_text(static_cast<std::int64_t>(grouped)), count_text(std::ssize(images)), command.distance);
  }
  return text;
}

/// What is near an image, the nearest first.
std::string list_matches(const std::vector<HashedImage>& images, const DuplicatesCommand& command,
                         const kernels::Backend& backend) {
  const auto source = open_image(command.query);
  const std::uint64_t hash = image_hash(*source, backend, available_memory() / 2);
  std::vector<std::pair<int, const HashedImage*>> matches;
  for (const HashedImage& image : images) {
    const int distance = std::popcount(image.hash ^ hash);
    if (distance <= command.distance) matches.emplace_back(distance, &image);
  }
  std::stable_sort(matches.begin(), matches.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (command.format == ListFormat::json) {
    json list = json::array();
    for (const auto& [distance, image] : matches) {
      list.push_back(to_json(*image));
      list.back()["distance"] = distance;
    }
    return dump({{"query", command.query}, {"hash", fmt::format("{:016x}", hash)}, {"matches", list}});
  }
  const bool csv = command.format == ListFormat::csv;
  std::string text = csv ? "distance,path,hash,width,height,bytes\n" : "";
  for (const auto& [distance, image] : matches) {
    text += csv ? fmt::format("{},{}", distance, csv_columns(*image))
                : fmt::format("{:>2}  {}", distance, text_line(*image));
  }
  if (!csv) text += fmt::format("{} image(s) near {}, among {}\n", matches.size(), command.query, images.size());
  return text;
}

}  // namespace

void run_duplicates(const DuplicatesCommand& command, Communicator& communicator) {
  const auto backend = kernels::make_backend(kernels::HostBackend::openmp);
  std::vector<HashedImage> images;
  if (communicator.rank() == 0) {
    if (!command.output.empty()) check_new_file(command.output, command.overwrite);
    images = read_table(command.table);
  }
  std::string list;
  if (!command.query.empty()) {
    if (communicator.rank() == 0) list = list_matches(images, command, *backend);
  } else {
    const Groups groups = find_groups(images, command.distance, *backend, communicator);
    if (communicator.rank() == 0) list = list_groups(images, groups, command);
  }
  if (communicator.rank() != 0) return;
  if (command.output.empty()) {
    const bool written = std::fwrite(list.data(), 1, list.size(), stdout) == list.size() && std::fflush(stdout) == 0;
    if (!written) throw Error(fmt::format("the list cannot be written: {}", errno_text(errno)));
  } else {
    write_text_file(command.output, list);
  }
}

}  // namespace haloedge
