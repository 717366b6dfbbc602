#include "sink/output_check.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "formats/hdf5_handle.hpp"

namespace haloedge {

namespace fs = std::filesystem;

fs::path output_file(const OutputSpec& spec) { return split_hdf5_path(spec.path).file; }

OutputFormat output_format(const OutputSpec& spec) {
  const std::string text = name_ending(output_file(spec));
  const bool names_dataset = !split_hdf5_path(spec.path).dataset.empty();
  if (text == ".h5" || text == ".hdf5") {
    if (spec.compression != Compression::none && spec.compression != Compression::deflate) {
      throw UsageError(fmt::format("{}: HDF5 output takes --compression none or deflate", spec.path));
    }
    return OutputFormat::hdf5;
  }
  if (names_dataset) throw UsageError(fmt::format("{}: only .h5 and .hdf5 files hold datasets", spec.path));
  if (text == ".tif" || text == ".tiff" || text == ".btf") return OutputFormat::tiff;
  if (text == ".png") {
    if (spec.type == kernels::SampleType::f32) {
      throw UsageError(fmt::format("{}: PNG holds no float samples: use --type u8 or u16, or a .tif", spec.path));
    }
    if (spec.compression != Compression::none) {
      throw UsageError(fmt::format("{}: --compression is for TIFF and HDF5; PNG is always compressed", spec.path));
    }
    return OutputFormat::png;
  }
  if (text == ".jpg" || text == ".jpeg") {
    if (spec.type != kernels::SampleType::u8) {
      throw UsageError(fmt::format("{}: JPEG holds samples of 8 bits: use --type u8, or a .tif", spec.path));
    }
    if (spec.compression != Compression::none) {
      throw UsageError(fmt::format("{}: --compression is for TIFF and HDF5; JPEG takes --quality", spec.path));
    }
    return OutputFormat::jpeg;
  }
  throw UsageError(fmt::format(
      "{}: what kind of output is this? haloedge writes .tif, .tiff, .btf, .png, .jpg, .jpeg, .h5 and .hdf5",
      spec.path));
}

TiffImage tiff_image(const OutputSpec& spec) {
  return {.width = spec.width,
          .height = spec.height,
          .tile_columns = spec.tile_columns,
          .tile_rows = spec.tile_rows,
          .type = spec.type,
          .compression = spec.compression,
          .metadata = spec.metadata,
          .software = spec.software};
}

void check_output(const OutputSpec& spec) {
  const fs::path file = output_file(spec);
  std::error_code error;
  if (fs::equivalent(file, spec.input_file, error) && !error) {
    throw Error(fmt::format("{}: is the input itself; choose another output", file.string()));
  }
  check_new_file(file, spec.overwrite);
}

}  // namespace haloedge
