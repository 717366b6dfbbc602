#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <hdf5.h>

#include "core/image.hpp"

namespace haloedge {

/// The dimensions of a dataset that are the rows, columns and channels of an image, and the part of it that is read.
struct Hdf5Axes {
  int rows = 0;
  int columns = 1;
  std::optional<int> channels{};  ///< none: one sample a pixel
  std::vector<hsize_t> size{};    ///< of all dimensions
  std::vector<hsize_t> start{};   ///< the first of each dimension that is read: not 0 for the slice only
  std::vector<int> picked{0};     ///< the channels that are read, counted from 0
  bool last_is_alpha = false;     ///< the last one of four channels is alpha

  [[nodiscard]] std::int64_t height() const { return static_cast<std::int64_t>(size[static_cast<std::size_t>(rows)]); }
  [[nodiscard]] std::int64_t width() const {
    return static_cast<std::int64_t>(size[static_cast<std::size_t>(columns)]);
  }
};

/// Finds out which dimensions of `dataset` are which, from their sizes and from what was chosen. `name` is that of the
/// dataset in errors. Throws Error if they cannot be told or there is no image in it, and UsageError if the options do
/// not fit. Pure, beside asking HDF5 for the size; lock_hdf5() must be held.
[[nodiscard]] Hdf5Axes find_hdf5_axes(hid_t dataset, const std::string& name, const ReadOptions& options);

}  // namespace haloedge
