#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "comm/communicator.hpp"
#include "core/row_range.hpp"
#include "formats/row_reader.hpp"
#include "source/source.hpp"
#include "source/tile_order.hpp"

namespace haloedge {

/// The input as a user names it.
struct InputSpec {
  std::string input;  ///< a file, file.h5:/dataset, or with a grid a glob pattern or @LIST
  ReadOptions read{};
  std::optional<Grid> grid;        ///< the files of the pattern or the list are the tiles of one image
  std::optional<TileOrder> order;  ///< the direction in which these files follow each other
};

/// Opens the image, whose format is recognised by its first bytes. Tile files are put together as order_by_name() and
/// open_tile_set() say. Throws Error naming the file and the formats that haloedge reads.
[[nodiscard]] std::unique_ptr<Source> open_source(const InputSpec& spec);

/// Opens the image in a file, in file.h5:/dataset or in a file.h5 with one image, whatever characters the name has.
/// Throws as open_source().
[[nodiscard]] std::unique_ptr<Source> open_image(const std::string& path, const ReadOptions& options = {});

/// Returns the options that were chosen, each as " --name value", as a user would type them.
[[nodiscard]] std::string read_options_text(const ReadOptions& options);

/// Returns the path of the file that `input` names, which may be file.h5:/dataset.
[[nodiscard]] std::string input_file(const std::string& input);

/// Returns the paths of all files that the input names: one, or with a grid those that match the pattern, sorted,
/// or those of the list, in its order. Throws Error if the folders of a pattern cannot be searched, or
/// the list cannot be read.
[[nodiscard]] std::vector<std::string> input_files(const InputSpec& spec);

/// Returns the options that put tile files together: " --grid 2x3 --order rows"; empty if there is no grid. Pure.
[[nodiscard]] std::string grid_options(const InputSpec& spec);

/// The endings of the names of image files, in small letters: ".jpg". HDF5 files are not among them.
[[nodiscard]] std::vector<std::string_view> image_endings();

/// Returns true for a file that a search of a folder takes for an image: its name has one of these endings, in small or
/// capital letters, or has an ending that says nothing (none, or one without letters), and its first bytes are those of
/// an image. Hidden files and HDF5 files count only by their ending. Returns false if the file cannot be read.
[[nodiscard]] bool is_image_file(const std::filesystem::path& path);

// The kinds of sources.

/// A page (counted from 0) of a TIFF or BigTIFF. Its blocks are decoded independently, in any order. Compressed strips
/// that are too large to be decoded whole are read from the top.
[[nodiscard]] std::unique_ptr<Source> open_tiff_source(const std::filesystem::path& path,
                                                       const ReadOptions& options = {});

/// A dataset of an HDF5 file, of two dimensions or more: see find_hdf5_axes() and Hdf5Numbers. `dataset` may be empty
/// if the file holds one image only. Each rank reads with HDF5's POSIX driver, without MPI.
[[nodiscard]] std::unique_ptr<Source> open_hdf5_source(const std::string& file, const std::string& dataset,
                                                       const ReadOptions& options = {});

/// The bands of a source of a format that has no way of its own to choose them, counted from 1; all if there are none.
/// `name` is the file's, for errors. Throws Error if the source does not have them.
[[nodiscard]] std::unique_ptr<Source> pick_bands(std::unique_ptr<Source> source, const std::string& name,
                                                 const std::vector<int>& bands);

/// An image whose rows are decoded from the top: one sequence, one task for each unit. Rows between the units that are
/// asked for are skipped.
[[nodiscard]] std::unique_ptr<Source> make_sequential_source(std::unique_ptr<RowReader> reader);

/// The image of `stored`, turned upright if its metadata has an orientation, which the result then lacks. Mirrored rows
/// and what can be decoded in any order, such as the tiles of a TIFF, are turned as they are decoded; everything else
/// is decoded as a whole when its first rows are asked for. A georeferenced image is left as it is: the georeference is
/// that of the stored pixels.
[[nodiscard]] std::unique_ptr<Source> make_upright_source(std::unique_ptr<Source> stored);

using SourceOpener = std::function<std::unique_ptr<Source>(const std::filesystem::path&)>;

/// One image of rows x columns files. The files of a grid row must have the same height, the files of a grid column the
/// same width, and all files the same kind of pixels. If the direction of the files is not known, it is the one in
/// which their sizes fit together. Throws Error, which names two of the files, if they do not fit, and UsageError,
/// which calls them `name`, if both directions fit and neither is usual. Every file is opened once for its size (twice,
/// if the direction must be found out), and again when its pixels are needed; only the files of one grid row are open
/// at a time.
[[nodiscard]] std::unique_ptr<Source> open_tile_set(const std::string& name, const TileFiles& tiles, Grid grid,
                                                    const SourceOpener& opener);

/// A source without pixels, for planning a job whose image does not exist yet: it answers as a TIFF with tiles of
/// 256 x 256 px would, and its decode() throws.
[[nodiscard]] std::unique_ptr<Source> make_stand_in_source(ImageInfo image);

/// A run of rows that one rank decodes for another one or for itself.
struct Delivery {
  RowRange rows;
  int feeder = 0;  ///< the rank that decodes them
  int owner = 0;   ///< the rank whose share they are in
};

/// Plans the deliveries, in row order: each sequence is decoded by the rank whose share has its first row, in units of
/// up to `unit_rows` rows that end where shares end. Pure.
[[nodiscard]] std::vector<Delivery> plan_deliveries(const std::vector<RowRange>& sequences,
                                                    const std::vector<RowRange>& shares, std::int64_t unit_rows);

/// A source for an image whose rows are decoded from the top, once in the whole job. `inner` is this image; every rank
/// has opened it. Each sequence is decoded by one rank, its feeder, which sends the other ranks the rows of their
/// shares. units() returns the units of the share of this rank, whatever rows it is given, and no unit may be left out.
/// Made by all ranks together. A unit of several tasks is decoded by `threads` threads.
[[nodiscard]] std::unique_ptr<Source> make_fed_source(std::unique_ptr<Source> inner, Communicator& communicator,
                                                      const std::vector<RowRange>& shares, std::int64_t unit_rows,
                                                      int threads);

/// Upper bound of what a rank holds for make_fed_source() beside what `inner` holds, if a unit has `unit_bytes`. Pure.
[[nodiscard]] std::int64_t feeding_bytes(std::int64_t unit_bytes);

}  // namespace haloedge
