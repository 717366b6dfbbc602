#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sets/options.hpp"
#include "sets/set_run.hpp"

namespace haloedge {

/// Where the edge maps of a set go: a folder with a file an image, or one HDF5 file with a dataset an image.
class BatchOutput {
 public:
  BatchOutput() = default;
  BatchOutput(const BatchOutput&) = delete;
  BatchOutput& operator=(const BatchOutput&) = delete;
  virtual ~BatchOutput() = default;

  /// Where a run keeps its journals and what is not complete yet.
  [[nodiscard]] virtual std::filesystem::path run_folder() const = 0;
  /// Where failures are listed.
  [[nodiscard]] virtual std::filesystem::path failures_file() const = 0;
  /// Of files, taking the place of the images' own; empty where those stay.
  [[nodiscard]] virtual std::string ending() const = 0;
  /// On rank 0, before anything else: throws Error, UsageError if it must not be written. False if --resume finds it
  /// complete.
  [[nodiscard]] virtual bool check() const = 0;
  /// Whether rank 0 wants to know of all images in the end.
  [[nodiscard]] virtual bool collects() const = 0;
  /// On rank 0: whether what the journal tells of is there.
  [[nodiscard]] virtual bool has(const Outcome& outcome) const = 0;

  /// On every rank, before the calls below.
  virtual void begin(int run, int rank) = 0;
  /// Whether an edge map is too large to be kept whole, however much memory there is.
  [[nodiscard]] virtual bool wants_bands(const TiledImage& edge_map) const = 0;
  /// The file, with dataset where it has some, that an image that is larger than the memory is written to first.
  [[nodiscard]] virtual std::string aside_for_large() const = 0;
  /// Thread-safe.
  [[nodiscard]] virtual std::vector<std::byte> encode(const SetImage& image,
                                                      const kernels::ConstPixels& edges) const = 0;
  /// Keeps an image that is encoded, or made aside; gives its outcome a result. For one thread.
  virtual void keep(SetImage& image) = 0;

  /// On rank 0, when no image is missing, with all outcomes in order. `check_cancelled` is called now and then; what it
  /// throws ends the work, which can be begun again.
  virtual void complete(const std::vector<Outcome>& outcomes, const std::function<void()>& check_cancelled) = 0;
};

/// By the output's name: .h5 and .hdf5 are files, all else folders. `command` must outlive it.
[[nodiscard]] std::unique_ptr<BatchOutput> make_batch_output(const BatchCommand& command);

}  // namespace haloedge
