#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "run/resources.hpp"
#include "sets/options.hpp"
#include "sets/set_run.hpp"

/// The output and the stages of `batch`, which makes an edge map of each image of a set.
namespace haloedge {

/// The output of `batch`: a folder with one file for each edge map, or one HDF5 file with one dataset for each.
class BatchOutput {
 public:
  /// `command` must outlive it.
  explicit BatchOutput(const BatchCommand& command) : command_(command) {}
  BatchOutput(const BatchOutput&) = delete;
  BatchOutput& operator=(const BatchOutput&) = delete;
  virtual ~BatchOutput() = default;

  /// The folder of the journals and of incomplete files.
  [[nodiscard]] virtual std::filesystem::path run_folder() const = 0;
  /// The ending of an output, which replaces the ending of its image; empty if the name is not changed.
  [[nodiscard]] virtual std::string ending() const = 0;
  /// Throws Error or UsageError if the output must not be written. Returns false if --resume finds it complete. Called
  /// first, on rank 0.
  [[nodiscard]] virtual bool check() const = 0;
  /// The options that decide the results, for check_same_job().
  [[nodiscard]] std::string description() const;
  /// Returns true if complete() needs the outcomes of all images.
  [[nodiscard]] virtual bool collects() const = 0;
  /// Returns true if the output that a journal names is there. Called on rank 0, by many threads.
  [[nodiscard]] virtual bool has(const Outcome& outcome) const = 0;

  /// Reports on rank 0 that --resume found nothing to do, except the images whose failures are listed. Returns the exit
  /// code. Collective.
  [[nodiscard]] ExitCode report_complete(Run& run) const;

  /// Called on every rank, before the functions below.
  virtual void begin(int run, int rank) = 0;
  /// Returns true if an edge map is too large for encode(), however much memory there is.
  [[nodiscard]] virtual bool too_large_to_encode(const TiledImage& edge_map) const = 0;
  /// The file, and in an HDF5 file the dataset, in which the edge map of a large image is made before keep().
  [[nodiscard]] virtual std::string temporary_for_large() const = 0;
  /// Encodes an edge map in the form in which keep() puts it into the output. Thread-safe.
  [[nodiscard]] virtual std::vector<std::byte> encode(const SetImage& image,
                                                      const kernels::ConstPixels& edges) const = 0;
  /// Puts an edge map, which is encoded or a complete file, into the output, and sets the result of its outcome. For
  /// one thread.
  virtual void keep(SetImage& image) = 0;

  /// Writes the path and the reason of each failure into a file, or removes the file if there are none. For rank 0.
  /// Throws Error.
  void list_failures(const std::vector<Outcome>& outcomes) const;
  /// Completes the output. Called on rank 0, when no image is missing, with all outcomes in the order of their paths.
  /// `check_cancelled` is called now and then and ends the work by an exception; a later run can do it again.
  virtual void complete(const std::vector<Outcome>& outcomes, const std::function<void()>& check_cancelled) = 0;

 protected:
  [[nodiscard]] const BatchCommand& command() const { return command_; }
  /// The file that lists the failures.
  [[nodiscard]] virtual std::filesystem::path failures_file() const = 0;

 private:
  const BatchCommand& command_;
};

/// Makes an HDF5 output if the name of the output ends in .h5 or .hdf5, else a folder. `command` must outlive it.
[[nodiscard]] std::unique_ptr<BatchOutput> make_batch_output(const BatchCommand& command);

/// The stages of `batch` on one rank, which bring an image from its file to the file of its edge map. `backend` must be
/// one for the processor. The arguments must outlive the stages.
[[nodiscard]] std::vector<SetStage> batch_stages(const BatchCommand& command, BatchOutput& output, SetRun& set_run,
                                                 const ChosenBackend& backend);

}  // namespace haloedge
