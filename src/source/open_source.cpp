#include "source/open_source.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/buffer.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/number_text.hpp"
#include "formats/hdf5_handle.hpp"
#include "formats/optional_readers.hpp"
#include "formats/row_reader.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t magic_bytes = 18;
/// Files up to this size are read as a whole with their header. For larger files, the system is asked to read the
/// beginning ahead, while other images of a set are decoded.
constexpr std::int64_t read_at_once = std::int64_t{64} << 10;
constexpr std::int64_t soon_read = std::int64_t{1} << 20;

/// Returns the first bytes of a file.
std::string first_bytes(const File& file) {
  std::string magic(std::min<std::size_t>(magic_bytes, static_cast<std::size_t>(file.size())), '\0');
  file.read_at(0, std::as_writable_bytes(std::span(magic)));
  return magic;
}

/// Opens a file, and reads its first bytes.
std::pair<File, std::string> open_to_look(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    throw Error(fmt::format("{}: does not exist{}", path, missing_slash_advice(path)));
  }
  if (!fs::status_known(status)) throw Error(fmt::format("{}: cannot open: {}", path, error.message()));
  if (fs::is_directory(status)) {
    throw Error(
        fmt::format("{}: is a folder, not an image: batch, hash and score take folders; if its files are the "
                    "tiles of one image, edges, info and plan take a quoted pattern of them with --grid RxC",
                    path));
  }
  if (!fs::is_regular_file(status)) throw Error(fmt::format("{}: is not a regular file", path));
  File file = File::open_to_read(path);
  const std::int64_t size = file.size();
  if (size == 0) throw Error(fmt::format("{}: is empty", path));
  if (size > read_at_once) file.expect_reading(soon_read);
  std::string magic = first_bytes(file);
  return {std::move(file), std::move(magic)};
}

class SequentialSource final : public Source {
 public:
  explicit SequentialSource(std::unique_ptr<RowReader> reader)
      : reader_(std::move(reader)), piece_rows_(std::max<std::int64_t>(1, piece_bytes / row_bytes())) {}

  [[nodiscard]] const ImageInfo& image() const override { return reader_->image(); }
  [[nodiscard]] std::vector<RowRange> sequences() const override { return {{0, image().height}}; }
  [[nodiscard]] std::vector<RowRange> units(RowRange rows, std::int64_t target_rows) const override {
    return cut_between_blocks(rows, 1, target_rows);
  }

  void decode(RowRange unit, std::int64_t, const PixelConsumer& consume) override {
    if (piece_.size() == 0) piece_ = Buffer(piece_rows_ * row_bytes());
    if (next_row_ < unit.begin) reader_->skip(unit.begin - next_row_);
    for (next_row_ = unit.begin; next_row_ < unit.end;) {
      const std::int64_t rows = std::min(piece_rows_, unit.end - next_row_);
      reader_->read(piece_.data(), row_bytes(), rows);
      consume(next_row_, 0, {piece_.data(), row_bytes(), image().width, rows, image().type, image().channels});
      next_row_ += rows;
    }
  }

  [[nodiscard]] std::int64_t working_bytes(int) const override {
    constexpr std::int64_t skipped_row = 1;
    return reader_->working_bytes() + (piece_rows_ + skipped_row) * row_bytes();
  }

 private:
  /// Decoded rows are passed on in pieces of about this size, which are then still in the cache.
  static constexpr std::int64_t piece_bytes = std::int64_t{256} << 10;

  [[nodiscard]] std::int64_t row_bytes() const { return image().row_bytes(); }

  std::unique_ptr<RowReader> reader_;
  std::int64_t piece_rows_;
  Buffer piece_;
  std::int64_t next_row_ = 0;
};

/// The kind of parts into which the files of a format are divided, if they may hold several images.
enum class Parts : std::uint8_t { none, pages, datasets };

/// A file of a known format that is to be opened as an image.
struct Opening {
  std::string path;
  std::string dataset;  ///< empty: the only dataset
  ReadOptions read;
  File file;
};

/// A format that haloedge reads.
struct InputFormat {
  std::string_view name;
  std::vector<std::string_view> heads;  ///< the first bytes of its files; "?" stands for any byte
  /// The endings of file names, in small letters. Files without them are not found in folders.
  std::vector<std::string_view> endings;
  Parts parts;
  std::function<std::unique_ptr<Source>(Opening)> open;  ///< empty if its library is not in this build
  std::string library{};                                 ///< the library, if it is optional
};

/// The entry of a format whose library is optional.
InputFormat optional_format(std::string_view name, std::vector<std::string_view> heads,
                            std::vector<std::string_view> endings, const OptionalReader& reader) {
  InputFormat format{name, std::move(heads), std::move(endings), Parts::none, nullptr, reader.library};
  if (reader.open != nullptr) {
    format.open = [open = reader.open](Opening of) {
      return make_sequential_source(open(of.path, std::move(of.file)));
    };
  }
  return format;
}

using namespace std::string_view_literals;

const std::array input_formats{
    InputFormat{"HDF5",
                {"\x89HDF\r\n\x1a\n"sv},
                {},
                Parts::datasets,
                [](Opening of) { return open_hdf5_source(of.path, of.dataset, of.read); }},
    optional_format("HEIF", {"????ftypheic"sv, "????ftypheix"sv, "????ftypheim"sv, "????ftypheis"sv, "????ftypmif1"sv},
                    {".heic", ".heif"}, heif_reader()),
    optional_format("AVIF", {"????ftypavif"sv}, {".avif"}, heif_reader()),
    optional_format("JPEG 2000", {"\0\0\0\x0cjP  \r\n\x87\n"sv, "\xff\x4f\xff\x51"sv},
                    {".jp2", ".j2k", ".j2c", ".jpf", ".jpx"}, jpeg2000_reader()),
    optional_format("GIF", {"GIF87a"sv, "GIF89a"sv}, {".gif"}, gif_reader()),
    InputFormat{"BMP",
                // The size of the second header is behind the first one.
                {"BM????????????\x0c\0\0\0"sv, "BM????????????\x28\0\0\0"sv, "BM????????????\x34\0\0\0"sv,
                 "BM????????????\x38\0\0\0"sv, "BM????????????\x6c\0\0\0"sv, "BM????????????\x7c\0\0\0"sv},
                {".bmp"},
                Parts::none,
                [](Opening of) { return make_sequential_source(open_bmp(of.path, std::move(of.file))); }},
    optional_format("WebP", {"RIFF????WEBP"sv}, {".webp"}, webp_reader()),
    InputFormat{"JPEG",
                {"\xff\xd8\xff"sv},
                {".jpg", ".jpeg", ".jpe", ".jfif"},
                Parts::none,
                [](Opening of) { return make_sequential_source(open_jpeg(of.path, std::move(of.file))); }},
    InputFormat{"PNG",
                {"\x89PNG\r\n\x1a\n"sv},
                {".png"},
                Parts::none,
                [](Opening of) { return make_sequential_source(open_png(of.path)); }},
    InputFormat{"TIFF, BigTIFF",
                {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv},
                {".tif", ".tiff", ".btf", ".svs"},
                Parts::pages,
                [](Opening of) { return open_tiff_source(of.path, of.read); }},
};

bool starts_with(std::string_view bytes, std::string_view head) {
  return bytes.size() >= head.size() &&
         std::ranges::equal(head, bytes.substr(0, head.size()),
                            [](char wanted, char byte) { return wanted == '?' || wanted == byte; });
}

/// Returns the format of a file with these first bytes; null if haloedge does not read it.
const InputFormat* format_of(std::string_view first_bytes) {
  const auto* const format = std::ranges::find_if(input_formats, [=](const InputFormat& known) {
    return std::ranges::any_of(known.heads, [=](std::string_view head) { return starts_with(first_bytes, head); });
  });
  return format == input_formats.end() ? nullptr : format;
}

/// Returns the names of the formats that this build reads as a text: "TIFF, BigTIFF, PNG, JPEG or HDF5".
std::string format_names() {
  std::vector<std::string_view> names;
  for (const InputFormat& format : input_formats) {
    if (format.open) names.insert(names.begin(), format.name);
  }
  const std::string_view last = names.back();
  names.pop_back();
  return fmt::format("{} or {}", fmt::join(names, ", "), last);
}

/// Returns what to do with a file of an unknown format, judging by its name; empty if that says nothing.
std::string unknown_format_advice(const std::string& path) {
  constexpr std::array<std::string_view, 12> gdal{".vrt", ".img", ".nc",  ".hdr", ".dat", ".bil",
                                                  ".bip", ".bsq", ".asc", ".ecw", ".sid", ".grib"};
  const std::string ending = name_ending(path);
  if (std::ranges::find(gdal, ending) != gdal.end()) return ": convert it with gdal_translate";
  if (ending == ".txt" || ending == ".lst" || ending == ".list") {
    return fmt::format(": to read a list of paths, batch, hash and score take @{}", path);
  }
  return "";
}

/// Throws UsageError if a part of the file was chosen, but files of its format have no such parts.
void check_parts(const std::string& path, Parts parts, const ReadOptions& read) {
  if (read.page.value_or(0) != 0 && parts != Parts::pages) {
    throw UsageError(fmt::format("--page {}: {} is not a TIFF, and only TIFFs have pages", *read.page, path));
  }
  if (parts == Parts::datasets) return;
  if (read.slice) {
    throw UsageError(
        fmt::format("--slice {}: {} is not an HDF5 file: the images of a TIFF are its pages, which --page "
                    "chooses, and other files hold one image",
                    *read.slice, path));
  }
  if (!read.axes.empty()) {
    throw UsageError(
        fmt::format("--axes {}: {} is not an HDF5 file, and the dimensions of others are known", read.axes, path));
  }
}

std::unique_ptr<Source> open_file(const std::string& input, const ReadOptions& read) {
  const Hdf5Place place = split_hdf5_path(input);
  const bool names_dataset = !place.dataset.empty() && !fs::exists(input);
  const std::string& path = names_dataset ? place.file : input;
  auto [file, magic] = open_to_look(path);
  const InputFormat* format = format_of(magic);
  if (format == nullptr && has_hdf5_signature(file)) {
    format = std::ranges::find(input_formats, Parts::datasets, &InputFormat::parts);
  }
  const bool is_known = format != nullptr;
  const Parts parts = is_known ? format->parts : Parts::none;
  if (names_dataset && parts != Parts::datasets) throw Error(fmt::format("{}: {} is not an HDF5 file", input, path));
  if (is_known) check_parts(path, parts, read);
  if (!is_known) {
    throw Error(fmt::format("{}: is not a {} file, judging by its first bytes{}", path, format_names(),
                            unknown_format_advice(path)));
  }
  if (!format->open) {
    throw Error(fmt::format("{}: is a {} file, which this haloedge cannot read: it was built without {}", path,
                            format->name, format->library));
  }
  std::unique_ptr<Source> source =
      make_upright_source(format->open({path, names_dataset ? place.dataset : "", read, std::move(file)}));
  return parts == Parts::none ? pick_bands(std::move(source), path, read.bands) : std::move(source);
}

}  // namespace

std::vector<std::string_view> image_endings() {
  std::vector<std::string_view> endings;
  for (const InputFormat& format : input_formats) {
    if (!format.open) continue;
    endings.insert(endings.end(), format.endings.begin(), format.endings.end());
  }
  return endings;
}

bool is_image_file(const fs::path& path) {
  const std::string ending = name_ending(path);
  const bool is_known = std::ranges::any_of(input_formats, [&](const InputFormat& format) {
    return format.open && std::ranges::find(format.endings, ending) != format.endings.end();
  });
  const bool ending_speaks = std::ranges::any_of(ending, [](unsigned char c) { return std::isalpha(c) != 0; });
  if (is_known || ending_speaks || path.filename().string().starts_with('.')) return is_known;
  try {
    const InputFormat* const format = format_of(first_bytes(File::open_to_read(path)));
    return format != nullptr && format->open && format->parts != Parts::datasets;
  } catch (const Error&) {
    return false;
  }
}

std::unique_ptr<Source> make_sequential_source(std::unique_ptr<RowReader> reader) {
  return std::make_unique<SequentialSource>(std::move(reader));
}

std::unique_ptr<Source> open_image(const std::string& path, const ReadOptions& options) {
  return open_file(path, options);
}

std::string read_options_text(const ReadOptions& options) {
  std::string text;
  if (options.page) text += fmt::format(" --page {}", *options.page);
  if (options.slice) text += fmt::format(" --slice {}", *options.slice);
  if (!options.axes.empty()) text += fmt::format(" --axes {}", options.axes);
  if (!options.bands.empty()) text += fmt::format(" --band {}", fmt::join(options.bands, ","));
  return text;
}

std::string input_file(const std::string& input) {
  std::error_code unknown;  // an input that cannot be examined counts as missing
  return fs::exists(input, unknown) ? input : split_hdf5_path(input).file;
}

std::vector<std::string> input_files(const InputSpec& spec) {
  if (!spec.grid) return {input_file(spec.input)};
  if (is_path_list(spec.input)) return read_path_list(spec.input.substr(1));
  std::vector<std::string> files = files_matching(spec.input);
  std::ranges::sort(files);
  return files;
}

std::string grid_options(const InputSpec& spec) {
  if (!spec.grid) return "";
  return fmt::format(" --grid {}x{}{}", spec.grid->rows, spec.grid->columns,
                     spec.order ? " --order " + order_name(*spec.order) : "");
}

std::unique_ptr<Source> open_source(const InputSpec& spec) {
  const bool is_list = is_path_list(spec.input);
  if (!spec.grid) {
    const bool is_pattern = is_list || spec.input.find_first_of("*?[") != std::string::npos;
    std::error_code unknown;  // opening the input reports the error
    if (is_pattern && !fs::exists(spec.input, unknown)) {
      throw UsageError(fmt::format(
          "{}: only edges, info and plan read {} of tile files, which needs --grid RxC to say how the files form one "
          "image",
          spec.input, is_list ? "a list" : "a pattern"));
    }
    return open_file(spec.input, spec.read);
  }
  const Grid grid = *spec.grid;
  std::vector<std::string> files = input_files(spec);
  const auto wanted = static_cast<std::size_t>(grid.rows) * static_cast<std::size_t>(grid.columns);
  if (files.size() != wanted) {
    throw UsageError(fmt::format("{}: {} {}, but --grid {}x{} needs {}{}", spec.input, is_list ? "lists" : "matches",
                                 count_text(std::ssize(files), "file"), grid.rows, grid.columns, wanted,
                                 !is_list && files.size() == 1 ? " (is the pattern quoted?)" : ""));
  }
  const TileFiles tiles = is_list ? order_as_listed(std::move(files), grid, spec.order)
                                  : order_by_name(spec.input, std::move(files), grid, spec.order);
  return open_tile_set(spec.input, tiles, grid,
                       [read = spec.read](const fs::path& path) { return open_file(path.string(), read); });
}

}  // namespace haloedge
