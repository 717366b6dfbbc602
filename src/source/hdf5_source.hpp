#pragma once

#include <memory>
#include <string>

#include "source/source.hpp"

namespace haloedge {

/// A dataset of an HDF5 file: 2-D, or 3-D with 1, 3 or 4 channels last, of 8 or 16-bit unsigned or 32-bit float
/// numbers. `dataset` may be empty if the file holds one image only. Each rank reads with HDF5's POSIX driver, without
/// MPI.
[[nodiscard]] std::unique_ptr<Source> open_hdf5_source(const std::string& file, const std::string& dataset);

}  // namespace haloedge
