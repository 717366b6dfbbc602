#include "run/run.hpp"

#include <utility>

namespace haloedge {

namespace {

/// Returns the options once all ranks have come here, so that their clocks start together. Collective.
const CommonOptions& begin_together(const CommonOptions& options, Communicator& communicator) {
  communicator.barrier();
  return options;
}

}  // namespace

Run::Run(Communicator& job_communicator, const CommonOptions& common_options, std::vector<std::string> typed)
    : communicator(job_communicator),
      options(begin_together(common_options, communicator)),
      command_line(std::move(typed)),
      resources(rank_resources(options, communicator)),
      trace(!options.trace.empty()) {}

void Run::choose_backend(const std::string& why_processor_only, double saved_seconds) {
  backend = haloedge::choose_backend(options.backend, why_processor_only, saved_seconds, communicator);
  resources.device = backend.device;
}

void Run::show_rows_done(std::int64_t rows, std::int64_t row_pixels) {
  progress.emplace(options, communicator, Progress::row_line(rows, row_pixels));
}

void Run::advance(std::int64_t rows_done) {
  if (check_cancelled) check_cancelled();
  if (progress) progress->update({0, rows_done, earlier_rows});
}

void Run::finish_progress(std::int64_t rows_done) {
  if (progress) progress->finish({0, rows_done, earlier_rows});
}

}  // namespace haloedge
