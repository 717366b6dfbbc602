#pragma once

#include <string>
#include <string_view>

namespace haloedge {

/// "0.1.0"
[[nodiscard]] std::string_view version_number();

/// The answer to --version: haloedge's own, and those of MPI, libtiff, HDF5, libjpeg-turbo, libpng and the compiler.
[[nodiscard]] std::string version_text();

}  // namespace haloedge
