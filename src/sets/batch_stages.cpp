#include "core/file.hpp"
#include "edges/edge_job.hpp"
#include "kernels/edge_map.hpp"
#include "run/resources.hpp"
#include "sets/batch.hpp"
#include "sink/image_encoder.hpp"
#include "source/open_source.hpp"

namespace haloedge {

namespace {

/// Makes the edge map of a whole image that is in memory, on the calling thread. Its pixels are the same as those of an
/// EdgeJob. `out` has the size of the image.
void make_whole_edges(const kernels::Backend& backend, const EdgeSettings& settings, const CannyOptions& canny,
                      const kernels::ConstPixels& pixels, const kernels::Plane& out) {
  std::optional<kernels::NodataMask> mask;
  if (settings.nodata.is_active()) mask.emplace(pixels, settings.nodata, settings.border, settings.radius());
  if (!settings.canny) {
    kernels::edge_map(backend, pixels, settings.gray, settings.filter, settings.border, out);
    if (mask) mask->put(settings.nodata_result, out);
    return;
  }
  const kernels::BorderedPlane gray = kernels::canny_gray(backend, pixels, settings.gray, settings.canny->blur);
  const kernels::Norm norm = settings.canny->filter.norm;
  kernels::MagnitudeCounts counts(kernels::magnitude_bins);
  const auto count = [&](std::int64_t row, std::int64_t first, std::int64_t columns, std::int64_t rows) {
    kernels::count_magnitudes(norm, gray.rows(kernels::stencil_radius, row), first, columns, rows, counts);
  };
  if (needs_magnitudes(canny) && mask) {
    mask->find_data([&](std::int64_t row, std::int64_t first, std::int64_t columns) { count(row, first, columns, 1); });
  } else if (needs_magnitudes(canny)) {
    count(0, 0, out.width, out.rows);
  }
  kernels::canny_map(backend, gray, canny_filter(canny, norm, counts), out, mask ? &*mask : nullptr);
}

/// Returns the memory that the image takes once its edge map is made.
std::int64_t result_bytes(const TiledImage& edge_map) {
  return edge_map.height * edge_map.row_bytes() + encoding_bytes(edge_map);
}

class BatchStages {
 public:
  BatchStages(const BatchCommand& command, BatchOutput& output, SetRun& set_run, const ChosenBackend& backend)
      : command_(command),
        output_(output),
        set_run_(set_run),
        backend_(*backend.host),
        gate_(set_run.memory_gate(reader_threads + 2 * set_run.resources().threads + 1)) {}

  void read(SetImage& image) {
    image.source = open_image(image.outcome.file.path, {.bands = command_.set.bands});
    const ImageInfo& info = image.source->image();
    image.settings = edge_settings(command_.edge, info);
    image.edge_map =
        edge_map_image(command_.edge, image.settings, decompose(*image.source, image.settings, 1), info.metadata);
    const std::int64_t bytes = needed(image);
    image.is_large = bytes > gate_.limit() || output_.too_large_to_encode(image.edge_map);
    image.memory = gate_.borrow(image.is_large ? gate_.limit() : bytes);
  }

  void filter(SetImage& image) {
    if (image.is_large) return filter_in_bands(image);
    const TiledImage& map = image.edge_map;
    Buffer memory;
    const kernels::ConstPixels pixels = decode_image(*image.source, memory);
    image.edges = Buffer(map.height * map.row_bytes());
    make_whole_edges(backend_, image.settings, command_.edge.canny, pixels,
                     {image.edges.data(), map.row_bytes(), map.width, map.height, map.type});
    image.source.reset();
    memory = Buffer();
    image.memory.shrink_to(result_bytes(map));
  }

  void encode(SetImage& image) const {
    if (!image.made.empty()) return;
    const TiledImage& map = image.edge_map;
    image.encoded = output_.encode(image, {image.edges.data(), map.row_bytes(), map.width, map.height, map.type, 1});
    image.edges = Buffer();
  }

  void write(SetImage& image) {
    output_.keep(image);
    image.encoded = {};
    image.memory = {};
  }

 private:
  /// Returns the memory that the image takes from its decoding on.
  [[nodiscard]] std::int64_t needed(const SetImage& image) const {
    const TiledImage& map = image.edge_map;
    const std::optional<CannySettings>& canny = image.settings.canny;
    const std::int64_t canny_bytes = canny ? kernels::canny_map_bytes(map.width, map.height, canny->blur.radius()) : 0;
    const std::int64_t mask_bytes =
        image.settings.nodata.is_active()
            ? kernels::BorderedPlane::memory_bytes(map.width, map.height, map.type, image.settings.radius())
            : 0;
    return decoding_bytes(*image.source) + result_bytes(map) + canny_bytes + mask_bytes;
  }

  /// Makes the edge map of a large image. The image holds all memory, so it is processed alone.
  void filter_in_bands(SetImage& image) {
    const auto alone = make_single_communicator();
    const bool by_reference = command_.common.backend == BackendChoice::reference;
    const CommonOptions options{.backend = by_reference ? BackendChoice::reference : BackendChoice::cpu,
                                .threads = set_run_.resources().threads,
                                .memory = set_run_.resources().memory,
                                .progress = ProgressMode::off,
                                .quiet = true};
    Run run(*alone, options, {});
    run.check_cancelled = [this] { set_run_.check_cancelled(); };
    image.source.reset();
    EdgeJob job = open_edge_job([&] { return open_image(image.outcome.file.path, {.bands = command_.set.bands}); },
                                output_.temporary_for_large(), command_.edge, WriteMode::gather, run);
    plan_edge_job(job, 0, run);
    PartialFile made(job.output.output.file);
    make_edge_map(job, run);
    made.commit();
    image.made = job.output.output.file;
  }

  const BatchCommand& command_;
  BatchOutput& output_;
  SetRun& set_run_;
  const kernels::Backend& backend_;
  MemoryGate gate_;
};

}  // namespace

std::vector<SetStage> batch_stages(const BatchCommand& command, BatchOutput& output, SetRun& set_run,
                                   const ChosenBackend& backend) {
  const auto stages = std::make_shared<BatchStages>(command, output, set_run, backend);
  const int threads = set_run.resources().threads;
  return {{.name = "read", .threads = reader_threads, .work = [=](SetImage& i) { stages->read(i); }, .gives_up = true},
          {.name = "filter", .threads = threads, .work = [=](SetImage& i) { stages->filter(i); }, .gives_up = true},
          {.name = "encode", .threads = threads, .work = [=](SetImage& i) { stages->encode(i); }},
          {.name = "write", .threads = 1, .work = [=](SetImage& i) { stages->write(i); }}};
}

}  // namespace haloedge
