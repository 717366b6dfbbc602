#include "cli/version.hpp"

#include <fmt/format.h>
#include <hdf5.h>
#include <png.h>
#include <sqlite3.h>
#include <tiffio.h>

#include "comm/launcher.hpp"
#include "formats/row_reader.hpp"
#include "formats/zlib_stream.hpp"
#include "kernels/device_filter.hpp"
#include "run/report.hpp"

namespace haloedge {

namespace {

/// Extracts "4.5.0" from the banner of libtiff, "LIBTIFF, Version 4.5.0\nCopyright ...".
std::string tiff_version() {
  const std::string_view banner = TIFFGetVersion();
  const auto begin = banner.find_first_of("0123456789");
  return std::string(banner.substr(begin, banner.find('\n') - begin));
}

}  // namespace

std::string version_text() {
  const std::string cuda = kernels::device_build();
  return fmt::format(
      "haloedge {}\n"
      "  MPI            {}\n"
      "  libtiff        {}\n"
      "  HDF5           {}.{}.{} (parallel)\n"
      "  libjpeg-turbo  {}\n"
      "  libpng         {}\n"
      "  ISA-L          {}\n"
      "  SQLite         {}\n"
      "  OpenMP         {}\n"
      "  CUDA           {}\n"
      "  compiler       {}",
      version_number(), mpi_library_version(), tiff_version(), H5_VERS_MAJOR, H5_VERS_MINOR, H5_VERS_RELEASE,
      jpeg_version(), PNG_LIBPNG_VER_STRING, isal_version(), sqlite3_libversion(), _OPENMP,
      cuda.empty() ? "not built in" : cuda, __VERSION__);
}

}  // namespace haloedge
