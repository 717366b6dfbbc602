#include <algorithm>
#include <filesystem>
#include <string>

#include <fmt/format.h>

#include "commands/commands.hpp"
#include "core/whole_file.hpp"
#include "edges/edge_job.hpp"
#include "edges/options.hpp"
#include "kernels/edge_map.hpp"
#include "run/report_file.hpp"
#include "sets/batch_output.hpp"
#include "sets/output_names.hpp"
#include "sets/set_report.hpp"
#include "sets/set_run.hpp"
#include "sink/image_encoder.hpp"
#include "sink/output.hpp"
#include "source/open_source.hpp"
#include "source/source.hpp"

namespace haloedge {

namespace {

/// The stages of one rank: what is done with an image between its file and its edge map's.
class BatchStages {
 public:
  BatchStages(const BatchCommand& command, BatchOutput& output, const ChosenBackend& backend, SetRun& run)
      : command_(command),
        output_(output),
        backend_(backend),
        run_(run),
        threads_(run.resources().threads),
        gate_(run.image_memory(reader_threads + 2 * threads_ + 1)) {}

  [[nodiscard]] std::vector<SetStage> stages() {
    return {
        {.name = "read", .threads = reader_threads, .work = [this](SetImage& image) { read(image); }, .gives_up = true},
        {.name = "filter", .threads = threads_, .work = [this](SetImage& image) { filter(image); }, .gives_up = true},
        {"encode", threads_, [this](SetImage& image) { encode(image); }},
        {"write", 1, [this](SetImage& image) { write(image); }}};
  }

 private:
  void read(SetImage& image);
  void filter(SetImage& image);
  void make_edges(const kernels::ConstPixels& pixels, const kernels::Plane& out) const;
  void filter_in_bands(SetImage& image);
  void encode(SetImage& image) const;
  void write(SetImage& image);

  [[nodiscard]] std::int64_t needed(const SetImage& image) const {
    const bool is_canny = command_.edge.op == kernels::Operator::canny;
    const TiledImage& output = image.edge_map;
    return decoding_bytes(*image.source) + result_bytes(image) +
           (is_canny ? kernels::canny_map_bytes(output.width, output.height,
                                                kernels::fixed_gaussian(command_.edge.canny.sigma).radius())
                     : 0);
  }
  /// From the filter on.
  [[nodiscard]] static std::int64_t result_bytes(const SetImage& image) {
    const TiledImage& output = image.edge_map;
    return output.width * output.height * kernels::sample_bytes(output.type) + encoding_bytes(output);
  }

  [[nodiscard]] bool is_large(const SetImage& image) const {
    return needed(image) > gate_.limit() || output_.wants_bands(image.edge_map);
  }

  const BatchCommand& command_;
  BatchOutput& output_;
  const ChosenBackend& backend_;
  SetRun& run_;
  int threads_;
  MemoryGate gate_;
};

void BatchStages::read(SetImage& image) {
  image.source = open_image(image.outcome.file.path);
  const ImageInfo& info = image.source->image();
  const Decomposition decomposition = decompose(*image.source, edge_settings(command_.edge, info.type), 1);
  image.edge_map = edge_map_image(command_.edge, decomposition, info.metadata);
  image.memory = gate_.borrow(is_large(image) ? gate_.limit() : needed(image));
}

void BatchStages::filter(SetImage& image) {
  if (is_large(image)) return filter_in_bands(image);
  Buffer memory;
  const kernels::ConstPixels pixels = decode_image(*image.source, memory);
  const kernels::SampleType type = image.edge_map.type;
  const std::int64_t row_bytes = pixels.width * kernels::sample_bytes(type);
  image.edges = Buffer(pixels.rows * row_bytes);
  make_edges(pixels, {image.edges.data(), row_bytes, pixels.width, pixels.rows, type});
  image.source.reset();
  memory = Buffer();
  image.memory.shrink_to(result_bytes(image));
}

void BatchStages::make_edges(const kernels::ConstPixels& pixels, const kernels::Plane& out) const {
  const kernels::Backend& backend = *backend_.host;
  const EdgeSettings settings = edge_settings(command_.edge, pixels.type);
  if (!settings.canny) {
    return kernels::edge_map(backend, pixels, settings.gray, settings.filter, settings.border, out);
  }
  const kernels::BorderedPlane gray = kernels::canny_gray(backend, pixels, settings.gray, settings.canny->blur);
  const kernels::Norm norm = settings.canny->filter.norm;
  kernels::MagnitudeCounts counts(kernels::magnitude_bins);
  if (needs_magnitudes(command_.edge.canny)) {
    kernels::count_magnitudes(norm, gray.rows(kernels::stencil_radius), 0, out.width, out.rows, counts);
  }
  kernels::canny_map(backend, gray, canny_filter(command_.edge.canny, norm, counts), out);
}

/// Of images that are larger than the memory: it has all of that for itself now.
void BatchStages::filter_in_bands(SetImage& image) {
  const auto alone = make_single_communicator();
  Profile profile(false);
  Source& source = *image.source;
  EdgeSettings settings = edge_settings(command_.edge, source.image().type);
  const Decomposition decomposition = decompose(source, settings, 1);
  const OutputSpec output =
      edge_output(command_.edge, parse_output(output_.aside_for_large()), decomposition, source.image().metadata);
  const RankResources& resources = run_.resources();  // all other threads have nothing to do
  if (settings.canny) {
    settings.canny->filter = find_canny_filter(
        command_.edge.canny, settings, [&] { return open_image(image.outcome.file.path); }, decomposition, resources,
        backend_, *alone, profile, [this](std::int64_t) { run_.look_up(); });
  }
  const auto [plan, candidates] = plan_job(source, decomposition, settings, resources, output, 0);
  const EdgeJob job{source, settings, decomposition, plan, output, backend_, threads_, candidates};
  PartialFile made(output.output.file);
  run_edge_job(job, *alone, profile, [this](std::int64_t) { run_.look_up(); });
  made.commit();
  image.source.reset();
  image.made = output.output.file;
}

void BatchStages::encode(SetImage& image) const {
  if (!image.made.empty()) return;
  const TiledImage& output = image.edge_map;
  const std::int64_t row_bytes = output.width * kernels::sample_bytes(output.type);
  image.encoded = output_.encode(image, {image.edges.data(), row_bytes, output.width, output.height, output.type, 1});
  image.edges = Buffer();
}

void BatchStages::write(SetImage& image) {
  output_.keep(image);
  image.encoded = {};
  image.memory = {};
}

void check_command(const BatchCommand& command, const BatchOutput& output) {
  if (command.common.backend == BackendChoice::cuda) {
    throw UsageError(
        "--backend cuda: batch filters on the processor; decoding and encoding, which are nearly all of its work, are "
        "done there anyway");
  }
  // The formats' own rules, before any image is looked at.
  const std::string name = output.ending().empty() ? command.set.output : fmt::format("image{}", output.ending());
  check_format(parse_output(name).format, name, command.edge.type, command.edge.compression);
}

}  // namespace

ExitCode run_batch(const BatchCommand& command, const std::vector<std::string>& command_line,
                   Communicator& communicator) {
  const bool first_rank = communicator.rank() == 0;
  const std::unique_ptr<BatchOutput> output = make_batch_output(command);
  check_command(command, *output);
  if (first_rank) check_writable("--report", command.common.report);
  const bool to_do = !first_rank || output->check();
  if (communicator.sum(to_do ? 0 : 1) > 0) {
    return tell_complete(command.set, command.common, output->failures_file(), communicator);
  }
  SetRun run(command.set, command.common,
             {.description = fmt::format("batch {} {}\n", output->ending(), edge_options_text(command.edge)),
              .output = command.set.output,
              .folder = output->run_folder(),
              .collects = output->collects(),
              .cost = edge_map_cost,
              .name_outputs =
                  [&](std::vector<ImageFile>& files) {
                    check_apart(files, command.set.output);
                    name_outputs(files, output->ending());
                  },
              .is_there = [&](const Outcome& outcome) { return output->has(outcome); }},
             communicator);
  output->begin(run.number(), communicator.rank());
  const BackendChoice choice =
      command.common.backend == BackendChoice::reference ? BackendChoice::reference : BackendChoice::cpu;
  const ChosenBackend backend = choose_backend(choice, communicator);
  BatchStages stages(command, *output, backend, run);
  run.run(stages.stages());
  const std::vector<Outcome> outcomes = run.gather_outcomes();
  if (first_rank) {
    list_failures(outcomes, output->failures_file());  // before the output appears: it is not to seem all well
    if (run.totals().missing() == 0) output->complete(outcomes, [&] { run.look_up_alone(); });
  }
  return conclude_set(run, outcomes, command.set, command.common, command_line, communicator);
}

}  // namespace haloedge
