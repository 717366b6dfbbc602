#include "sets/duplicates.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <filesystem>
#include <limits>

#include <fmt/format.h>

#include "commands/commands.hpp"
#include "core/file.hpp"
#include "measures/image_hash.hpp"
#include "run/named_files.hpp"
#include "sets/options.hpp"
#include "source/open_source.hpp"
#include "tables/image_rows.hpp"

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

/// Reads the images that are compared from a table: those that have a hash and, unless `with_flat`, are not flat.
ComparedImages read_table(const std::string& path, bool with_flat) {
  std::vector<HashedImage> images = hash_table().read(path);
  std::erase_if(images, [](const HashedImage& image) { return !image.error.empty(); });
  const std::size_t flat = with_flat ? 0 : std::erase_if(images, [](const HashedImage& image) { return image.flat; });
  if (images.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(fmt::format("{}: contains more than 2^32 images: divide the table", path));
  }
  return {std::move(images), static_cast<std::int64_t>(flat)};
}

/// Finds the groups of near-duplicates. Every rank does a part of the work; the result is on rank 0. Collective.
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

/// Returns true if two paths are the same, however they are written. Links to a file are other images.
bool is_same_path(const std::string& a, const std::string& b) {
  const auto plain = [](const std::string& path) { return std::filesystem::absolute(path).lexically_normal(); };
  return plain(a) == plain(b);
}

/// Hashes the query. Throws Error if it is flat, unless flat images are compared, too.
HashedImage hash_query(const DuplicatesCommand& command, const kernels::Backend& backend) {
  const auto source = open_image(command.query);
  const auto [hash, flat] = image_hash(*source, backend, usual_memory(1));
  if (flat && !command.flat) {
    throw Error(fmt::format(
        "--query {}: is flat: nothing in it changes from left to right, so that its hash is 0 whatever it shows: add "
        "--flat to list the images whose hashes are near that",
        command.query));
  }
  return {.file = {.path = command.query, .bytes = File::open_to_read(input_file(command.query)).size()},
          .hash = hash,
          .width = source->image().width,
          .height = source->image().height,
          .flat = flat};
}

/// Finds the images that are near the query, without the query itself.
Matches find_matches(const std::vector<HashedImage>& images, const DuplicatesCommand& command,
                     const kernels::Backend& backend) {
  Matches matches{.query = hash_query(command, backend)};
  for (const HashedImage& image : images) {
    const int distance = std::popcount(image.hash ^ matches.query.hash);
    if (distance > command.distance || (distance == 0 && is_same_path(image.file.path, command.query))) continue;
    matches.nearest_first.push_back({distance, &image});
  }
  std::ranges::stable_sort(matches.nearest_first, {}, &Matches::Match::distance);
  return matches;
}

/// Throws UsageError or Error if an output must not be written. For rank 0, before any work.
void check_outputs(const DuplicatesCommand& command) {
  check_named_files({command.table, input_file(command.query)}, {{"-o", command.output}, {"--html", command.html}}, {});
  if (!command.output.empty()) check_new_file(command.output, command.overwrite);
  if (!command.html.empty()) check_new_file(command.html, command.overwrite);
}

}  // namespace

ExitCode run_duplicates(const DuplicatesCommand& command, Run& run) {
  const auto backend = kernels::make_backend(kernels::HostBackend::cpu);
  ComparedImages compared;
  if (run.is_first_rank()) {
    check_outputs(command);
    compared = read_table(command.table, command.flat);
  }
  if (!command.query.empty()) {
    if (!run.is_first_rank()) return ExitCode::done;
    const Matches matches = find_matches(compared.images, command, *backend);
    write_duplicates(compared, matches, command, run.resources);
  } else {
    const ImageGroups groups = find_groups(compared.images, command.distance, *backend, run.communicator);
    if (!run.is_first_rank()) return ExitCode::done;
    write_duplicates(compared, groups, command, run.resources);
  }
  return ExitCode::done;
}

}  // namespace haloedge
