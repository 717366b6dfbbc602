#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/row_range.hpp"
#include "formats/row_writer.hpp"
#include "run/run_folder.hpp"

namespace haloedge {

enum class OutputFormat : std::uint8_t { tiff, png, jpeg, hdf5 };

/// The usual ending of the names of files of this format: ".tif", ".png", ".jpg" or ".h5".
[[nodiscard]] std::string usual_ending(OutputFormat format);

/// The format of a file with this name, from its ending, in small or capital letters; nothing for other endings.
[[nodiscard]] std::optional<OutputFormat> format_of_name(const std::filesystem::path& file);

/// The dataset of an HDF5 output if the user names none.
inline constexpr const char* default_dataset = "/edges";

/// An output that a user names: file.tif, file.png, file.jpg or file.h5:/dataset.
struct Output {
  std::string name;  ///< the output as it was typed, and as errors call it
  std::filesystem::path file;
  std::string dataset{};  ///< dataset in an HDF5 file; empty for other formats
  OutputFormat format = OutputFormat::tiff;
};

/// Parses the name of an output. Throws UsageError if no format has its ending, or if it names a dataset in a file that
/// is not HDF5. Pure.
[[nodiscard]] Output parse_output(const std::string& typed);

/// Throws UsageError, whose text ends with `advice`, if the name of an output that is a folder is that of a file or of
/// a dataset: it has the ending of an output file, or is file.h5:/dataset. Pure.
void check_folder_name(const std::string& typed, std::string_view advice);

/// Throws UsageError, calling the output `name`, if the format cannot hold samples of this type or with this
/// compression. Pure.
void check_format(OutputFormat format, const std::string& name, kernels::SampleType type, Compression compression);

/// Throws Error if the output must not or cannot be written: as check_new_file(), and for an HDF5 file that exists, to
/// which a dataset is added, as has_dataset(). `overwrite` allows to replace the file, or the dataset. For one rank.
void check_output(const Output& output, bool overwrite);

/// An output that is to be made: the place, the picture, and how the ranks of this run write it.
struct OutputSpec {
  Output output;
  TiledImage image;
  bool together = false;             ///< all ranks write into the file; else rank 0 writes what it gathers from them
  bool tiles_come_in_order = false;  ///< one rank makes the tiles from the top down, and rows are written as they come
  std::vector<RowRange> shares{};    ///< the rows of each rank
  std::optional<RunPlace> run{};     ///< where finished tiles are recorded, so that another run can resume
  FinishedRows finished{};           ///< the rows of tiles that earlier runs have kept there
};

}  // namespace haloedge
