#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "commands/commands.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "kernels/backend.hpp"
#include "measures/image_hash.hpp"
#include "run/report_file.hpp"
#include "sets/set_report.hpp"
#include "sets/set_run.hpp"
#include "source/open_source.hpp"
#include "tables/hash_table.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// An image's result: its hash, width and height.
std::string result_text(std::uint64_t hash, std::int64_t width, std::int64_t height) {
  return fmt::format("{:016x} {} {}", hash, width, height);
}

/// The stages of one rank.
class HashStages {
 public:
  explicit HashStages(const SetRun& run)
      : threads_(run.resources().threads),
        gate_(run.image_memory(reader_threads + threads_)),
        backend_(kernels::make_backend(kernels::HostBackend::cpu)) {}

  [[nodiscard]] std::vector<SetStage> stages() {
    return {
        {.name = "read", .threads = reader_threads, .work = [this](SetImage& image) { read(image); }, .gives_up = true},
        {.name = "hash", .threads = threads_, .work = [this](SetImage& image) { hash(image); }, .gives_up = true}};
  }

 private:
  void read(SetImage& image) {
    image.source = open_image(image.outcome.file.path);
    image.memory = gate_.borrow(hashing_bytes(*image.source));
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

HashedImage table_row(const Outcome& outcome) {
  HashedImage row{.file = outcome.file, .error = outcome.error};
  if (!row.error.empty()) return row;
  const std::string_view result = outcome.result;
  const std::size_t first = result.find(' ');
  const std::size_t second = result.find(' ', first + 1);
  row.hash = parse_number<std::uint64_t>(result.substr(0, first), 16).value();
  row.width = parse_number<std::int64_t>(result.substr(first + 1, second - first - 1)).value();
  row.height = parse_number<std::int64_t>(result.substr(second + 1)).value();
  return row;
}

std::vector<Outcome> known_from(const fs::path& table) {
  std::vector<Outcome> known;
  for (HashedImage& row : read_hash_table(table)) {
    known.push_back({std::move(row.file), result_text(row.hash, row.width, row.height), std::move(row.error)});
  }
  return known;
}

/// On rank 0, before any work.
void check_output(const HashCommand& command) {
  const fs::path table = command.set.output;
  check_hash_table_name(table);
  check_new_file(table, command.set.restart.overwrite || command.set.restart.resume || command.incremental);
  check_writable("--report", command.common.report);
}

void write_rows(const fs::path& table, const std::vector<Outcome>& outcomes) {
  std::vector<HashedImage> rows;
  rows.reserve(outcomes.size());
  for (const Outcome& outcome : outcomes) rows.push_back(table_row(outcome));
  write_hash_table(table, rows);
}

}  // namespace

ExitCode run_hash(const HashCommand& command, const std::vector<std::string>& command_line,
                  Communicator& communicator) {
  const fs::path table = command.set.output;
  const bool first_rank = communicator.rank() == 0;
  if (first_rank) check_output(command);
  SetTask task{
      .description = "hash\n", .output = {}, .folder = RunFolder::beside(table), .collects = true, .cost = hash_cost};
  task.name_outputs = [](std::vector<ImageFile>& files) {
    for (ImageFile& file : files) file.name.clear();  // a table's images are known by their paths
  };
  const bool goes_on = command.incremental || command.set.restart.resume;
  if (goes_on && first_rank && fs::exists(table)) task.known = [&] { return known_from(table); };
  SetRun run(command.set, command.common, std::move(task), communicator);
  HashStages stages(run);
  run.run(stages.stages());
  const std::vector<Outcome> outcomes = run.gather_outcomes();
  if (first_rank && run.totals().missing() == 0) {
    write_rows(table, outcomes);
    RunFolder::remove(RunFolder::beside(table));
  }
  return conclude_set(run, outcomes, command.set, command.common, command_line, communicator);
}

}  // namespace haloedge
