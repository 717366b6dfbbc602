#include "commands/version.hpp"

#include <fmt/format.h>
#include <hdf5.h>
#include <jpeglib.h>
#include <png.h>
#include <tiffvers.h>

#include "comm/launcher.hpp"

namespace haloedge {

std::string_view version_number() { return HALOEDGE_VERSION; }

std::string version_text() {
  return fmt::format(
      "haloedge {}\n"
      "  MPI            {}\n"
      "  libtiff        {}\n"
      "  HDF5           {}.{}.{} (parallel)\n"
      "  libjpeg-turbo  {}\n"
      "  libpng         {}\n"
      "  OpenMP         {}\n"
      "  CUDA           not built in\n"
      "  compiler       {}",
      version_number(), mpi_library_version(), TIFFLIB_VERSION_STR_MAJ_MIN_MIC, H5_VERS_MAJOR, H5_VERS_MINOR,
      H5_VERS_RELEASE, HALOEDGE_JPEG_VERSION, PNG_LIBPNG_VER_STRING, _OPENMP, __VERSION__);
}

}  // namespace haloedge
