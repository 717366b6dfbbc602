#include "sets/batch_stages.hpp"

#include "core/whole_file.hpp"
#include "edges/edge_job.hpp"
#include "edges/options.hpp"
#include "edges/whole_edges.hpp"
#include "kernels/edge_map.hpp"
#include "sink/image_encoder.hpp"
#include "sink/output.hpp"
#include "source/open_source.hpp"
#include "source/source.hpp"

namespace haloedge {

namespace {

/// Returns the memory that the image takes once its edge map is made.
std::int64_t result_bytes(const SetImage& image) {
  const TiledImage& output = image.edge_map;
  return output.width * output.height * kernels::sample_bytes(output.type) + encoding_bytes(output);
}

}  // namespace

BatchStages::BatchStages(const BatchCommand& command, BatchOutput& output, const ChosenBackend& backend, SetRun& run)
    : command_(command),
      output_(output),
      backend_(backend),
      run_(run),
      threads_(run.resources().threads),
      gate_(run.memory_gate(reader_threads + 2 * threads_ + 1)) {}

std::vector<SetStage> BatchStages::stages() {
  return {
      {.name = "read", .threads = reader_threads, .work = [this](SetImage& image) { read(image); }, .gives_up = true},
      {.name = "filter", .threads = threads_, .work = [this](SetImage& image) { filter(image); }, .gives_up = true},
      {"encode", threads_, [this](SetImage& image) { encode(image); }},
      {"write", 1, [this](SetImage& image) { write(image); }}};
}

std::int64_t BatchStages::needed(const SetImage& image) const {
  const EdgeSettings settings = edge_settings(command_.edge, image.source->image().type);
  return decoding_bytes(*image.source) + result_bytes(image) +
         whole_edges_bytes(settings, image.edge_map.width, image.edge_map.height);
}

bool BatchStages::is_large(const SetImage& image) const {
  return needed(image) > gate_.limit() || output_.wants_bands(image.edge_map);
}

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
  make_whole_edges(*backend_.host, command_.edge, pixels,
                   {image.edges.data(), row_bytes, pixels.width, pixels.rows, type});
  image.source.reset();
  memory = Buffer();
  image.memory.shrink_to(result_bytes(image));
}

/// Makes the edge map of an image that is larger than the memory. The image holds all memory, so it is processed alone.
void BatchStages::filter_in_bands(SetImage& image) {
  const auto alone = make_single_communicator();
  Run run(*alone, run_.options_alone(), {});
  run.check_cancelled = [this] { run_.check_cancelled(); };
  image.source.reset();
  EdgeJob job = open_edge_job([&] { return open_image(image.outcome.file.path); }, output_.aside_for_large(),
                              command_.edge, WriteMode::gather, run);
  plan_edge_job(job, 0, run);
  PartialFile made(job.output.output.file);
  make_edge_map(job, run);
  made.commit();
  image.made = job.output.output.file;
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

}  // namespace haloedge
