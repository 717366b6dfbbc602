#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <new>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "commands/run_command.hpp"
#include "commands/run_setup.hpp"
#include "core/fields.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "core/parallel.hpp"
#include "core/size_text.hpp"
#include "imageset/assignment.hpp"
#include "imageset/hash_table.hpp"
#include "imageset/image_hash.hpp"
#include "imageset/image_list.hpp"
#include "kernels/backend.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// An image that this rank hashes, and what came of it.
struct Job {
  std::int64_t number = 0;  ///< in the list
  std::string path;
  std::uint64_t hash = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::string error{};
};

void check_table(const fs::path& table, bool overwrite) {
  if (table.extension() != ".csv") throw UsageError(fmt::format("{}: tables of hashes end in .csv", table.string()));
  check_new_file(table, overwrite);
}

/// Each rank's part of rank 0's list. Collective.
std::vector<Job> deal_out(const std::vector<ImageFile>& list, Communicator& communicator) {
  // Opening a file costs about as much as decoding this many bytes of it.
  constexpr std::int64_t opening = 16 << 10;
  std::vector<std::int64_t> costs;
  costs.reserve(list.size());
  for (const ImageFile& file : list) costs.push_back(file.bytes + opening);
  const std::vector<int> part_of = assign(costs, communicator.size());
  std::vector<FieldWriter> parts(static_cast<std::size_t>(communicator.size()));
  for (std::size_t i = 0; i < list.size(); ++i) {
    FieldWriter& part = parts.at(static_cast<std::size_t>(part_of[i]));
    part.add(std::to_string(i));
    part.add(list[i].path);
  }
  std::vector<std::string> texts;
  texts.reserve(parts.size());
  for (const FieldWriter& part : parts) texts.push_back(part.text());
  const std::string mine = communicator.scatter(texts);
  std::vector<Job> jobs;
  for (FieldReader reader(mine); !reader.at_end();) {
    const auto number = parse_number<std::int64_t>(reader.next()).value();
    jobs.push_back({.number = number, .path = std::string(reader.next())});
  }
  return jobs;
}

/// A broken image is a line in the table, not the end of the run.
void do_job(Job& job, const kernels::Backend& backend, std::int64_t memory) {
  try {
    const auto source = open_image(job.path);
    job.width = source->image().width;
    job.height = source->image().height;
    job.hash = image_hash(*source, backend, memory);
  } catch (const std::bad_alloc&) {
    job.error = fmt::format("{}: the system gives no more memory", job.path);
  } catch (const Error& error) {
    job.error = error.what();
  } catch (const std::exception& error) {
    job.error = fmt::format("{}: {}", job.path, error.what());
  }
}

void do_jobs(std::vector<Job>& jobs, const kernels::Backend& backend, const RankResources& resources,
             Communicator& communicator) {
  const std::int64_t memory = resources.memory / resources.threads;
  run_tasks(resources.threads, std::ssize(jobs), [&](std::int64_t task, int) {
    communicator.check_peers();
    do_job(jobs[static_cast<std::size_t>(task)], backend, memory);
  });
}

/// The whole table on rank 0, in the list's order; empty elsewhere. Collective.
std::vector<HashedImage> collect(const std::vector<Job>& jobs, std::vector<ImageFile> list,
                                 Communicator& communicator) {
  FieldWriter mine;
  for (const Job& job : jobs) {
    mine.add(std::to_string(job.number));
    mine.add(fmt::format("{:x}", job.hash));
    mine.add(std::to_string(job.width));
    mine.add(std::to_string(job.height));
    mine.add(job.error);
  }
  std::vector<HashedImage> table(list.size());
  for (const std::string& part : communicator.gather(mine.text())) {
    for (FieldReader reader(part); !reader.at_end();) {
      HashedImage& row = table.at(parse_number<std::size_t>(reader.next()).value());
      row.hash = parse_number<std::uint64_t>(reader.next(), 16).value();
      row.width = parse_number<std::int64_t>(reader.next()).value();
      row.height = parse_number<std::int64_t>(reader.next()).value();
      row.error = reader.next();
    }
  }
  for (std::size_t i = 0; i < list.size(); ++i) table[i].file = std::move(list[i]);
  return table;
}

void tell_failures(const std::vector<HashedImage>& table, std::int64_t failed) {
  constexpr std::int64_t most_told = 20;
  std::int64_t told = 0;
  for (const HashedImage& image : table) {
    if (image.error.empty() || told == most_told) continue;
    ++told;
    fmt::print(stderr, "haloedge: {}\n", image.error);
  }
  if (failed > told) fmt::print(stderr, "haloedge: and {} more, in the table's column error\n", failed - told);
}

}  // namespace

ExitCode run_hash(const HashCommand& command, Communicator& communicator) {
  const auto begin = std::chrono::steady_clock::now();
  const bool first_rank = communicator.rank() == 0;
  std::vector<ImageFile> list;
  if (first_rank) {
    check_table(command.output, command.overwrite);
    list = list_images(command.inputs);
  }
  std::vector<Job> jobs = deal_out(list, communicator);
  const RankResources resources = rank_resources(command.common, communicator);
  const auto backend = kernels::make_backend(kernels::HostBackend::openmp);
  do_jobs(jobs, *backend, resources, communicator);

  const std::int64_t failed =
      communicator.sum(std::count_if(jobs.begin(), jobs.end(), [](const Job& job) { return !job.error.empty(); }));
  const std::vector<HashedImage> table = collect(jobs, std::move(list), communicator);
  if (first_rank) {
    write_hash_csv(command.output, table);
    tell_failures(table, failed);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (!command.common.quiet) {
      fmt::print("{}: {} image(s) in {:.2f} s, {:.0f} images/s; {} failed\n", command.output,
                 count_text(std::ssize(table)), seconds, static_cast<double>(table.size()) / seconds,
                 count_text(failed));
    }
  }
  return failed > 0 ? ExitCode::some_images_failed : ExitCode::done;
}

}  // namespace haloedge
