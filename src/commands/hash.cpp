#include <charconv>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "commands/run_command.hpp"
#include "commands/set_report.hpp"
#include "commands/set_run.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "imageset/hash_table.hpp"
#include "imageset/image_hash.hpp"
#include "kernels/backend.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// They wait for disks and metadata servers more than they work.
constexpr int reader_threads = 4;

/// The stages of one rank. An image's result is its hash, width and height.
class HashStages {
 public:
  explicit HashStages(const RankResources& resources)
      : threads_(resources.threads),
        gate_(resources.memory - program_bytes),
        backend_(kernels::make_backend(kernels::HostBackend::openmp)) {}

  [[nodiscard]] std::vector<SetStage> stages() {
    return {{"read", reader_threads, [this](SetImage& image) { read(image); }},
            {"hash", threads_, [this](SetImage& image) { hash(image); }},
            {"write", 1, [](SetImage&) {}}};
  }

 private:
  void read(SetImage& image) {
    image.source = open_image(image.outcome.file.path);
    image.memory = gate_.borrow(hashing_bytes(*image.source));
    File::open_to_read(image.outcome.file.path).expect_reading();
  }

  void hash(SetImage& image) {
    const ImageInfo& info = image.source->image();
    image.outcome.result =
        fmt::format("{:016x} {} {}", image_hash(*image.source, *backend_, gate_.limit()), info.width, info.height);
    image.source.reset();
    image.memory = {};
  }

  int threads_;
  MemoryGate gate_;
  std::unique_ptr<kernels::Backend> backend_;
};

HashedImage table_row(Outcome outcome) {
  HashedImage row{.file = std::move(outcome.file), .error = std::move(outcome.error)};
  if (outcome.result.empty()) return row;
  const std::string_view result = outcome.result;
  const std::size_t first = result.find(' ');
  const std::size_t second = result.find(' ', first + 1);
  row.hash = parse_number<std::uint64_t>(result.substr(0, first), 16).value();
  row.width = parse_number<std::int64_t>(result.substr(first + 1, second - first - 1)).value();
  row.height = parse_number<std::int64_t>(result.substr(second + 1)).value();
  return row;
}

void check_table(const fs::path& table, bool overwrite) {
  if (table.extension() != ".csv") throw UsageError(fmt::format("{}: tables of hashes end in .csv", table.string()));
  check_new_file(table, overwrite);
}

}  // namespace

ExitCode run_hash(const HashCommand& command, const std::vector<std::string>& command_line,
                  Communicator& communicator) {
  const fs::path table = command.set.output;
  const fs::path folder = table.parent_path() / fmt::format(".{}.run", table.filename().string());
  if (communicator.rank() == 0) check_table(table, command.set.overwrite || command.set.resume);
  SetRun run(command.set, command.common, {.description = "hash\n", .output = {}, .folder = folder}, communicator);
  HashStages stages(run.resources());
  run.run(stages.stages());
  std::vector<Outcome> outcomes = run.gather_outcomes();
  if (communicator.rank() == 0 && run.totals().missing() == 0) {
    std::vector<HashedImage> rows;
    rows.reserve(outcomes.size());
    for (Outcome& outcome : outcomes) rows.push_back(table_row(std::move(outcome)));
    write_hash_csv(table, rows);
    fs::remove_all(folder);
  }
  return conclude_set(run, command.set, command.common, command_line, {}, communicator);
}

}  // namespace haloedge
