#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>

#include "edges/detector.hpp"
#include "edges/options.hpp"
#include "run/run.hpp"
#include "sink/output.hpp"
#include "sink/sink.hpp"

namespace haloedge {

/// One edge map to be made, with all that is decided before the first pixel. `edges`, a large image of `batch` and
/// `plan` use it in the same way.
struct EdgeJob {
  EdgeOptions options;
  ImageOpener open;
  std::unique_ptr<Source> source;
  std::unique_ptr<Detector> detector;
  bool is_fed = false;  ///< ranks get rows from the decoders of other ranks
  OutputSpec output;
  Decomposition decomposition{};
  RankPlan plan{};  ///< of this rank

  /// True if finished tiles are kept, so that another run can continue. Canny's are not, because its edges are not
  /// known before the whole image is read.
  [[nodiscard]] bool keeps_tiles() const {
    return options.op != kernels::Operator::canny && output.output.format == OutputFormat::tiff;
  }
};

/// Returns the error that ends a run which was asked to stop by `reason`. It is Stopped only for a job that can be
/// continued, so that job scripts do not put any other back into the queue.
[[nodiscard]] std::exception_ptr stop_error(const EdgeJob& job, const std::string& reason);

/// Parses the name of an edge map. Throws UsageError if its format cannot hold what `options` ask for. Pure.
[[nodiscard]] Output parse_edge_output(const std::string& typed, const EdgeOptions& options);

/// Describes the edge map as a tiled image: size, tiles, samples, compression, metadata. It does not depend on the
/// ranks except by the height of tiles in `decomposition`. Pure.
[[nodiscard]] TiledImage edge_map_image(const EdgeOptions& options, const EdgeSettings& settings,
                                        const Decomposition& decomposition, const Metadata& metadata);

/// Begins a job: opens the image with `open`, chooses the backend of `run`, and makes the detector. `output` is what
/// the user typed, and `write` says who writes it. Collective. Throws Error, and UsageError if the options do not fit
/// the output.
[[nodiscard]] EdgeJob open_edge_job(ImageOpener open, const std::string& output, const EdgeOptions& options,
                                    WriteMode write, Run& run);

/// Divides the image over `ranks` ranks, and completes `job.output`. Rows of tiles that earlier runs have finished are
/// not made again. Not collective.
void decompose_job(EdgeJob& job, int ranks, const FinishedRows& finished = {});

/// Plans the work of `rank`, after decompose_job(). Canny's candidates are kept on the disk if the memory is too small
/// for them. If even that does not fit, the plan says what it needs. Pure.
[[nodiscard]] RankPlan plan_rank(const EdgeJob& job, const RankResources& resources, int rank);

/// The rows of a unit if the ranks send each other decoded rows: see make_fed_source(). Pure.
[[nodiscard]] std::int64_t fed_unit_rows(const ImageInfo& image, const Decomposition& decomposition,
                                         const RankResources& resources);

/// Completes the job: divides the image over the ranks, completes the detector's settings, and makes this rank's plan.
/// `tile_rows` is the height of the tiles that earlier runs have kept in `job.output.run`, 0 if there are none.
/// Collective. Throws Error if there is too little memory, and what sources throw.
void plan_edge_job(EdgeJob& job, std::int64_t tile_rows, Run& run);

/// Makes the edge map, from its source to its sink, under the output's partial name. Shows the progress in `run`.
/// Collective. Throws what source, sink and kernels throw; errors also say how to continue if tiles are kept.
void make_edge_map(EdgeJob& job, Run& run);

/// Gathers what the ranks did, and writes the trace, the report, whose keys the man page describes, and on standard
/// output one line: "edges.tif: 12,000 x 8,000 px in 1.2 s, 80 Mpx/s; decode 51 %, gray 9 %, ...". Collective. Throws
/// Error.
void report_edge_map(const EdgesCommand& command, const EdgeJob& job, Run& run);

}  // namespace haloedge
