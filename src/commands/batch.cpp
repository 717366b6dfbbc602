#include <filesystem>
#include <string>

#include <fmt/format.h>

#include "cli/edge_options.hpp"
#include "commands/edge_job.hpp"
#include "commands/report.hpp"
#include "commands/run_command.hpp"
#include "commands/run_setup.hpp"
#include "commands/set_report.hpp"
#include "commands/set_run.hpp"
#include "core/number_text.hpp"
#include "imageset/output_names.hpp"
#include "kernels/edge_map.hpp"
#include "sink/image_encoder.hpp"
#include "sink/image_folder.hpp"
#include "sink/output_check.hpp"
#include "source/decode_image.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

/// They wait for disks and metadata servers more than they work.
constexpr int reader_threads = 4;

std::string_view ending(FileFormat format) {
  switch (format) {
    case FileFormat::tiff:
      return ".tif";
    case FileFormat::jpeg:
      return ".jpg";
    case FileFormat::png:
      break;
  }
  return ".png";
}

/// The stages of one rank: what is done with an image between its file and its edge map's.
class BatchStages {
 public:
  BatchStages(const BatchCommand& command, const fs::path& folder, int run, const RankResources& resources,
              const ChosenBackend& backend, Communicator& communicator)
      : command_(command),
        resources_(resources),
        backend_(backend),
        communicator_(communicator),
        gate_(resources.memory - program_bytes),
        large_(folder / fmt::format("large-{}-{}{}", run, communicator.rank(), ending(command.format))),
        output_(command.set.output, folder / fmt::format("writing-{}-{}", run, communicator.rank())) {}

  [[nodiscard]] std::vector<SetStage> stages() {
    return {{"read", reader_threads, [this](SetImage& image) { read(image); }},
            {"filter", resources_.threads, [this](SetImage& image) { filter(image); }},
            {"encode", resources_.threads, [this](SetImage& image) { encode(image); }},
            {"write", 1, [this](SetImage& image) { write(image); }}};
  }

 private:
  void read(SetImage& image);
  void filter(SetImage& image);
  void filter_in_bands(SetImage& image);
  static void encode(SetImage& image);
  void write(SetImage& image);

  [[nodiscard]] std::int64_t needed(const SetImage& image) const {
    return decoding_bytes(*image.source) + result_bytes(image);
  }
  /// From the filter on.
  [[nodiscard]] static std::int64_t result_bytes(const SetImage& image) {
    const OutputSpec& output = image.output;
    return output.width * output.height * kernels::sample_bytes(output.type) + encoding_bytes(output);
  }

  const BatchCommand& command_;
  const RankResources& resources_;
  const ChosenBackend& backend_;
  Communicator& communicator_;
  MemoryGate gate_;
  fs::path large_;
  ImageFolder output_;
};

void BatchStages::read(SetImage& image) {
  image.source = open_image(image.outcome.file.path);
  const ImageInfo& info = image.source->image();
  const Decomposition decomposition = decompose(*image.source, edge_settings(command_.edge, info.type), 1);
  image.output = edge_output(command_.edge, image.outcome.file.name, decomposition, info.metadata);
  image.memory = gate_.borrow(needed(image));
}

void BatchStages::filter(SetImage& image) {
  if (needed(image) > gate_.limit()) return filter_in_bands(image);
  Buffer memory;
  const kernels::ConstPixels pixels = decode_image(*image.source, memory);
  const EdgeSettings settings = edge_settings(command_.edge, pixels.type);
  const std::int64_t row_bytes = pixels.width * kernels::sample_bytes(settings.filter.out_type);
  image.edges = Buffer(pixels.rows * row_bytes);
  kernels::edge_map(*backend_.host, pixels, settings.gray, settings.filter, settings.border,
                    {image.edges.data(), row_bytes, pixels.width, pixels.rows, settings.filter.out_type});
  image.source.reset();
  memory = Buffer();
  image.memory.shrink_to(result_bytes(image));
}

/// Of images that are larger than the memory: it has all of that for itself now.
void BatchStages::filter_in_bands(SetImage& image) {
  const auto alone = make_single_communicator();
  Profile profile(false);
  Source& source = *image.source;
  const EdgeSettings settings = edge_settings(command_.edge, source.image().type);
  const Decomposition decomposition = decompose(source, settings, 1);
  OutputSpec output = image.output;
  output.path = large_.string();
  output.overwrite = true;
  const RankPlan plan = plan_rank(source, decomposition, settings, resources_, sink_memory(output, 0), 0);
  require_memory(plan, resources_);
  const EdgeJob job{source, settings, decomposition, plan, output, WriteMode::gather, backend_, resources_.threads};
  run_edge_job(job, *alone, profile, [this](std::int64_t) { communicator_.check_peers(); });
  image.source.reset();
  image.made = large_;
}

void BatchStages::encode(SetImage& image) {
  if (!image.made.empty()) return;
  const OutputSpec& output = image.output;
  const std::int64_t row_bytes = output.width * kernels::sample_bytes(output.type);
  image.encoded = encode_image(output, {image.edges.data(), row_bytes, output.width, output.height, output.type, 1});
  image.edges = Buffer();
}

void BatchStages::write(SetImage& image) {
  const std::string& name = image.outcome.file.name;
  if (image.made.empty()) {
    image.outcome.result = std::to_string(image.encoded.size());
    output_.write(name, image.encoded);
  } else {
    image.outcome.result = std::to_string(fs::file_size(image.made));
    output_.adopt(image.made, name);
  }
  image.encoded = {};
  image.memory = {};
}

/// An output is only trusted if it has the size that was written down when it was complete.
bool has_output(const fs::path& folder, const Outcome& outcome) {
  std::error_code error;
  const auto bytes = fs::file_size(folder / outcome.file.name, error);
  return !error && parse_number<std::uintmax_t>(outcome.result) == bytes;
}

void check_command(const BatchCommand& command) {
  if (command.common.backend == BackendChoice::cuda) {
    throw UsageError(
        "--backend cuda: batch filters on the processor; decoding and encoding, which are nearly all of its work, are "
        "done there anyway");
  }
  // The formats' own rules, before any image is looked at.
  (void)output_format({.path = fmt::format("image{}", ending(command.format)),
                       .type = command.edge.type,
                       .compression = command.edge.compression});
}

/// A folder that holds other things than an earlier run of this program's is not written to unless told so.
void check_folder(const SetOptions& set, const fs::path& journals) {
  std::error_code error;
  if (set.overwrite || fs::exists(journals, error)) return;
  if (fs::exists(set.output, error) && !fs::is_directory(set.output, error)) {
    throw Error(fmt::format("{}: is no folder", set.output));
  }
  if (fs::exists(set.output, error) && !fs::is_empty(set.output, error)) {
    throw Error(fmt::format("{}: holds files already: give another folder, or --overwrite", set.output));
  }
}

}  // namespace

ExitCode run_batch(const BatchCommand& command, const std::vector<std::string>& command_line,
                   Communicator& communicator) {
  check_command(command);
  const fs::path folder = fs::path(command.set.output) / ".haloedge";
  if (communicator.rank() == 0) {
    check_writable("--report", command.common.report);
    check_folder(command.set, folder);
  }
  SetRun run(command.set, command.common,
             {.description = fmt::format("batch --format {} {}", ending(command.format).substr(1),
                                         edge_options_text(command.edge)),
              .output = command.set.output,
              .folder = folder,
              .name_outputs = [&](auto& files) { name_outputs(files, std::string(ending(command.format))); },
              .is_there = [&](const Outcome& outcome) { return has_output(command.set.output, outcome); }},
             communicator);
  const BackendChoice choice =
      command.common.backend == BackendChoice::reference ? BackendChoice::reference : BackendChoice::cpu;
  const ChosenBackend backend = choose_backend(choice, communicator);
  BatchStages stages(command, folder, run.number(), run.resources(), backend, communicator);
  run.run(stages.stages());
  return conclude_set(run, command.set, command.common, command_line, folder / "failures.csv", communicator);
}

}  // namespace haloedge
