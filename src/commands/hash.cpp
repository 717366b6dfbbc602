#include <filesystem>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/ranges.h>

#include "commands/commands.hpp"
#include "core/file.hpp"
#include "kernels/backend.hpp"
#include "measures/image_hash.hpp"
#include "run/named_files.hpp"
#include "sets/image_list.hpp"
#include "sets/set_run.hpp"
#include "source/open_source.hpp"
#include "tables/image_rows.hpp"

namespace haloedge {

namespace {

/// The result of an image in journals: the values of hash_result_columns(), separated by spaces.
std::string result_text(const HashedImage& image) {
  return fmt::format("{}", fmt::join(hash_result_columns().texts(image), " "));
}

HashedImage table_row(const Outcome& outcome) {
  HashedImage row{.file = outcome.file, .error = outcome.error};
  if (!row.error.empty()) return row;
  std::istringstream result(outcome.result);
  const std::vector<std::string> texts{std::istream_iterator<std::string>(result), {}};
  hash_result_columns().fill_from_texts(row, texts);
  return row;
}

/// The stages of `hash` on one rank.
class HashStages {
 public:
  HashStages(const HashCommand& command, const SetRun& set_run)
      : command_(command),
        threads_(set_run.resources().threads),
        gate_(set_run.memory_gate(reader_threads + threads_)),
        backend_(kernels::make_backend(kernels::HostBackend::cpu)) {}

  [[nodiscard]] std::vector<SetStage> stages() {
    return {
        {.name = "read", .threads = reader_threads, .work = [this](SetImage& image) { read(image); }, .gives_up = true},
        {.name = "hash", .threads = threads_, .work = [this](SetImage& image) { hash(image); }, .gives_up = true}};
  }

 private:
  void read(SetImage& image) {
    image.source = open_image(image.outcome.file.path, {.bands = command_.set.bands});
    image.memory = gate_.borrow(hashing_bytes(*image.source));
  }

  void hash(SetImage& image) {
    const ImageInfo& info = image.source->image();
    const auto [hash, flat] = image_hash(*image.source, *backend_, gate_.limit());
    image.outcome.result = result_text({.hash = hash, .width = info.width, .height = info.height, .flat = flat});
    image.source.reset();
    image.memory = {};
  }

  const HashCommand& command_;
  int threads_;
  MemoryGate gate_;
  std::unique_ptr<kernels::Backend> backend_;
};

std::vector<Outcome> known_from(const std::filesystem::path& table) {
  std::vector<Outcome> known;
  for (HashedImage& row : hash_table().read(table)) {
    std::string result = result_text(row);
    known.push_back({std::move(row.file), std::move(result), std::move(row.error)});
  }
  return known;
}

/// Throws UsageError or Error if the outputs must not be written. For rank 0, before any work.
void check_output(const HashCommand& command) {
  hash_table().check_name(command.set.output);
  check_named_files(named_inputs(command.set), {{"-o", command.set.output}}, command.common);
  check_new_file(command.set.output,
                 command.set.restart.overwrite || command.set.restart.resume || command.incremental);
}

void write_rows(const std::filesystem::path& table, const std::vector<Outcome>& outcomes) {
  std::vector<HashedImage> rows;
  rows.reserve(outcomes.size());
  for (const Outcome& outcome : outcomes) rows.push_back(table_row(outcome));
  hash_table().write(table, rows);
}

}  // namespace

ExitCode run_hash(const HashCommand& command, Run& run) {
  const std::filesystem::path table = command.set.output;
  if (run.is_first_rank()) check_output(command);
  // The journals of a run have the columns of its table.
  SetTask task{.description = fmt::format("hash{}\ntable version {}\n", read_options_text({.bands = command.set.bands}),
                                          hash_table().version()),
               .output = {},
               .folder = RunFolder::beside(table),
               .collects = true,
               .cost = hash_cost,
               .name_outputs = [](std::vector<ImageFile>& files) {  // the rows of a table have paths, no names
                 for (ImageFile& file : files) file.name.clear();
               }};
  const bool goes_on = command.incremental || command.set.restart.resume;
  if (goes_on && !command.set.bands.empty() && run.is_first_rank() && std::filesystem::exists(table)) {
    throw UsageError(
        fmt::format("--band: {} does not say of which bands its hashes are, so that no row can be kept: make "
                    "a new table",
                    table.string()));
  }
  if (goes_on && run.is_first_rank() && std::filesystem::exists(table)) task.known = [&] { return known_from(table); };
  SetRun set_run(command.set, std::move(task), run);
  HashStages stages(command, set_run);
  set_run.run(stages.stages());
  const std::vector<Outcome> outcomes = set_run.gather_outcomes();
  if (run.is_first_rank() && set_run.totals().missing() == 0) {
    write_rows(table, outcomes);
    RunFolder::remove(RunFolder::beside(table));
  }
  return set_run.conclude(outcomes);
}

}  // namespace haloedge
