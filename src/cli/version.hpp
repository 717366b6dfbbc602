#pragma once

#include <string>

namespace haloedge {

/// The answer to --version: haloedge's own, and those of MPI, libtiff, HDF5, libjpeg-turbo, libpng and the compiler.
[[nodiscard]] std::string version_text();

}  // namespace haloedge
