#include <algorithm>
#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include "core/number_text.hpp"
#include "formats/tiff_layout.hpp"
#include "kernels/arithmetic.hpp"
#include "kernels/edge_map.hpp"
#include "measures/depth_levels.hpp"
#include "measures/gray_statistics.hpp"
#include "run/report.hpp"
#include "sets/image_names.hpp"
#include "sets/score.hpp"
#include "sink/image_encoder.hpp"
#include "source/open_source.hpp"
#include "source/source.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;
using kernels::SampleType;

/// Adds the lifetime of this object to the working time of an image.
class Stopwatch {
 public:
  explicit Stopwatch(double& seconds) : seconds_(seconds) {}
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() { seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }

 private:
  double& seconds_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// Returns the memory as a plane of the size of the image with one byte a pixel.
kernels::Plane byte_plane(const Buffer& memory, const ImageInfo& image) {
  return {memory.data(), image.width, image.width, image.height, SampleType::u8};
}

TiledImage map_image(const ImageInfo& features) {
  constexpr std::int64_t largest_tile = 256;
  return {.width = features.width,
          .height = features.height,
          .tile_rows = fitting_tile_side(largest_tile, features.height),
          .tile_columns = fitting_tile_side(largest_tile, features.width),
          .type = SampleType::f32,
          .software = program_version()};
}

// Upper bounds of the memory that the steps of a score hold.

std::int64_t pixels_of(const ImageInfo& image) { return image.width * image.height; }

/// Returns the memory that finding the edges of 8-bit pixels takes beside the pixels.
std::int64_t edge_finding_bytes(const ImageInfo& image) {
  return kernels::canny_map_bytes(image.width, image.height, 0) + pixels_of(image);
}

/// Returns the memory that the steps from the file of a depth map to the edges of its levels take.
std::int64_t depth_bytes(const Source& depth) {
  const ImageInfo& image = depth.image();
  const std::int64_t gray = image.channels > 1 ? pixels_of(image) * kernels::sample_bytes(image.type) : 0;
  return decoding_bytes(depth) + gray + pixels_of(image) + depth_levels_bytes(image.type, pixels_of(image)) +
         edge_finding_bytes(image);
}

/// Returns the memory that the steps from edges to the file of a congestion map take beside the edges. `weights` is the
/// number of weights of the Gaussian.
std::int64_t map_bytes(const TiledImage& map, std::int64_t weights) {
  constexpr std::int64_t lines = 4;  // beside the rows that the Gaussian reads
  const std::int64_t rows_held = (weights + lines) * (map.width + weights);
  return (map.width * map.height + rows_held) * kernels::sample_bytes(SampleType::f32) + encoding_bytes(map);
}

class ScoreStages {
 public:
  ScoreStages(const ScoreCommand& command, const ScoreOutput& output, SetRun& set_run)
      : command_(command),
        has_maps_(output.has_maps()),
        set_run_(set_run),
        backend_(kernels::make_backend(kernels::HostBackend::cpu)),
        gate_(set_run.memory_gate(reader_threads + 2 * set_run.resources().threads + 2)),
        filter_(kernels::canny_filter(command.norm, command.low, command.high)),
        weights_(congestion_weights(command.sigma)) {}

  void read(SetImage& image) {
    std::int64_t bytes = 0;
    {
      const Stopwatch watch(image.seconds);
      const ImageFile& file = image.outcome.file;
      image.source = open_image(file.path, {.bands = command_.set.bands});
      const ImageInfo& photo = image.source->image();
      if (photo.type != SampleType::u8) throw Error("has samples of more than 8 bits, which score does not support");
      if (!command_.depth.empty()) {
        // The image may already have the name of its map. The folder in that name and the name of the file are
        // unchanged.
        const fs::path name = fs::path(file.name).parent_path() / fs::path(file.path).filename();
        image.depth = open_image(find_depth_map(command_.depth, name).string());
      }
      image.edge_map = map_image(image.depth ? image.depth->image() : photo);
      bytes = std::max(image.source->working_bytes(1) + edge_finding_bytes(photo), feature_bytes(image));
      require(bytes);
    }
    image.memory = gate_.borrow(bytes);  // outside the watch: waiting for memory is not work
  }

  void find_edges(SetImage& image) const {
    const Stopwatch watch(image.seconds);
    const ImageInfo photo = image.source->image();
    kernels::BorderedPlane gray(photo.width, photo.height, photo.type, kernels::canny_radius);
    // Each part is converted to gray while its pixels are in the cache.
    decode_parts(*image.source, [&](std::int64_t row, std::int64_t column, const kernels::ConstPixels& pixels) {
      kernels::Plane part = gray.plane();
      part.data += row * part.row_bytes + column;
      part.width = pixels.width;
      part.rows = pixels.rows;
      backend_->gray(pixels, command_.gray, part);
    });
    gray.fill_border(kernels::Border::nearest);
    image.source.reset();
    Buffer memory(photo.width * photo.height);
    const kernels::Plane edges = byte_plane(memory, photo);
    kernels::canny_map(*backend_, gray, filter_, edges);
    image.score.width = photo.width;
    image.score.height = photo.height;
    const PhotoEdges measured{gray, {edges.data, edges.row_bytes, edges.width, edges.rows}, command_.norm};
    for (std::size_t i = 0; i < photo_measures.size(); ++i) {
      image.score.measures[i] = photo_measures[i].compute(measured);
    }
    if (!image.depth) image.edges = std::move(memory);
    image.memory.shrink_to(feature_bytes(image));
  }

  void measure_congestion(SetImage& image) const {
    const Stopwatch watch(image.seconds);
    if (image.depth) image.edges = depth_edges(image);
    const TiledImage& map = image.edge_map;
    const kernels::ConstPixels features{image.edges.data(), map.width, map.width, map.height, SampleType::u8, 1};
    image.score.score = mean_congestion(features, weights_);
    if (has_maps_) {
      const Buffer memory(map.height * map.row_bytes());
      congestion_map(features, weights_, {memory.data(), map.row_bytes(), map.width, map.height, map.type});
      image.encoded = encode_image(OutputFormat::tiff, image.outcome.file.name, map,
                                   {memory.data(), map.row_bytes(), map.width, map.height, map.type, 1});
    }
    image.edges = Buffer();
    image.memory.shrink_to(std::ssize(image.encoded));
  }

 private:
  /// Finds the edges between the levels of the depth map.
  [[nodiscard]] Buffer depth_edges(SetImage& image) const {
    const ImageInfo depth = image.depth->image();
    Buffer memory;
    kernels::ConstPixels pixels = decode_image(*image.depth, memory);
    image.depth.reset();
    Buffer gray;
    if (depth.channels > 1) {
      const std::int64_t row_bytes = depth.width * kernels::sample_bytes(depth.type);
      gray = Buffer(depth.height * row_bytes);
      backend_->gray(pixels, command_.gray, {gray.data(), row_bytes, depth.width, depth.height, depth.type});
      pixels = {gray.data(), row_bytes, depth.width, depth.height, depth.type, 1};
    }
    Buffer edges(depth.width * depth.height);
    const kernels::Plane plane = byte_plane(edges, depth);
    depth_levels(pixels, command_.clusters, plane, [this] { set_run_.check_cancelled(); });
    const kernels::ConstPixels levels{plane.data, plane.row_bytes, plane.width, plane.rows, plane.type, 1};
    kernels::canny_map(*backend_, kernels::canny_gray(*backend_, levels, command_.gray, {}), filter_, plane);
    return edges;
  }

  /// Returns the memory that an image holds once the edges of the photo are found.
  [[nodiscard]] std::int64_t feature_bytes(const SetImage& image) const {
    const std::int64_t map = has_maps_ ? map_bytes(image.edge_map, std::ssize(weights_)) : 0;
    const std::int64_t bytes = image.edge_map.width * image.edge_map.height + map;
    return image.depth ? std::max(bytes, depth_bytes(*image.depth)) : bytes;
  }

  /// Throws Error if the image needs more memory than there is.
  void require(std::int64_t bytes) const {
    if (bytes <= gate_.limit()) return;
    const std::int64_t whole = set_run_.resources().memory - gate_.limit() + bytes;
    throw Error(fmt::format("needs {} of memory, but only {} are available: run with --memory {}M or more",
                            size_text(bytes), size_text(gate_.limit()), (whole >> 20) + 1));
  }

  const ScoreCommand& command_;
  bool has_maps_;
  SetRun& set_run_;
  std::unique_ptr<kernels::Backend> backend_;
  MemoryGate gate_;
  kernels::CannyFilter filter_;
  std::vector<float> weights_;
};

}  // namespace

std::vector<SetStage> score_stages(const ScoreCommand& command, ScoreOutput& output, ScoreWriter& writer,
                                   SetRun& set_run) {
  const auto stages = std::make_shared<ScoreStages>(command, output, set_run);
  const int threads = set_run.resources().threads;
  std::vector<SetStage> list{
      {.name = "read", .threads = reader_threads, .work = [=](SetImage& i) { stages->read(i); }, .gives_up = true},
      {.name = "canny", .threads = threads, .work = [=](SetImage& i) { stages->find_edges(i); }, .gives_up = true},
      {.name = "congestion",
       .threads = threads,
       .work = [=](SetImage& i) { stages->measure_congestion(i); },
       .gives_up = true},
  };
  if (output.has_maps()) {
    list.push_back({"maps", 1, [&output](SetImage& image) {
                      output.write_map(image.outcome.file.name, image.encoded);
                      image.encoded = {};
                      image.memory = {};
                    }});
  }
  const auto hand_over = [&writer](const SetImage& image) {
    const Outcome& outcome = image.outcome;
    writer.add({.file = outcome.file, .score = image.score, .seconds = image.seconds, .error = outcome.error});
  };
  list.push_back({.name = "database", .threads = 1, .work = hand_over, .takes_failed = true});
  return list;
}

}  // namespace haloedge
