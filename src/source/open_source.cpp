#include "source/open_source.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <strings.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "formats/hdf5_handle.hpp"
#include "formats/row_reader.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t magic_bytes = 8;
/// Smaller files are read as a whole with their header. Of larger ones, the system is asked to read the beginning
/// ahead, while other images of a set are decoded.
constexpr std::int64_t read_at_once = std::int64_t{64} << 10;
constexpr std::int64_t soon_read = std::int64_t{1} << 20;

/// A file and its first bytes.
struct OpenedFile {
  File file;
  std::string magic;
};

OpenedFile open_to_look(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) throw Error(fmt::format("{}: there is no such file", path));
  if (fs::is_directory(status)) throw Error(fmt::format("{}: is a folder, not an image", path));
  if (!fs::is_regular_file(status)) throw Error(fmt::format("{}: is not a regular file", path));
  File file = File::open_to_read(path);
  const std::int64_t size = file.size();
  if (size == 0) throw Error(fmt::format("{}: is empty", path));
  if (size > read_at_once) file.expect_reading(soon_read);
  std::string magic(std::min<std::size_t>(magic_bytes, static_cast<std::size_t>(size)), '\0');
  file.read_at(0, std::as_writable_bytes(std::span(magic)));
  return {std::move(file), std::move(magic)};
}

/// The parts of a file, for formats whose files may hold several images.
enum class Parts : std::uint8_t { none, pages, datasets };

/// A file of a known format that is to be opened as an image.
struct Opening {
  std::string path;
  std::string dataset;  ///< empty: the only dataset
  int page = 0;
  File file;
};

/// A format that haloedge reads.
struct InputFormat {
  std::string_view name;
  std::vector<std::string_view> heads;  ///< the first bytes of its files
  std::vector<std::string_view>
      endings;  ///< of file names, in small letters; files without them are not found in folders
  Parts parts;
  std::unique_ptr<Source> (*open)(Opening);
};

using namespace std::string_view_literals;

const std::array input_formats{
    InputFormat{"HDF5",
                {"\x89HDF\r\n\x1a\n"sv},
                {},
                Parts::datasets,
                [](Opening of) { return open_hdf5_source(of.path, of.dataset); }},
    InputFormat{"JPEG",
                {"\xff\xd8\xff"sv},
                {".jpg", ".jpeg"},
                Parts::none,
                [](Opening of) { return make_sequential_source(open_jpeg(of.path, std::move(of.file))); }},
    InputFormat{"PNG",
                {"\x89PNG\r\n\x1a\n"sv},
                {".png"},
                Parts::none,
                [](Opening of) { return make_sequential_source(open_png(of.path)); }},
    InputFormat{"TIFF, BigTIFF",
                {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv},
                {".tif", ".tiff", ".btf"},
                Parts::pages,
                [](Opening of) { return open_tiff_source(of.path, of.page); }},
};

const InputFormat* format_of_content(std::string_view magic) {
  for (const InputFormat& format : input_formats) {
    if (std::ranges::any_of(format.heads, [&](std::string_view head) { return magic.starts_with(head); })) {
      return &format;
    }
  }
  return nullptr;
}

/// "TIFF, BigTIFF, PNG, JPEG or HDF5"
std::string format_names() {
  std::string text(input_formats.back().name);
  for (std::size_t i = input_formats.size() - 1; i-- > 0;) {
    text += fmt::format("{}{}", i > 0 ? ", " : " or ", input_formats[i].name);
  }
  return text;
}

std::unique_ptr<Source> open_file(const std::string& input, int page) {
  const Hdf5Place place = split_hdf5_path(input);
  const bool names_dataset = !place.dataset.empty() && !fs::exists(input);
  const std::string& path = names_dataset ? place.file : input;
  auto [file, magic] = open_to_look(path);
  const InputFormat* format = format_of_content(magic);
  const Parts parts = format != nullptr ? format->parts : Parts::none;
  if (names_dataset && parts != Parts::datasets) throw Error(fmt::format("{}: {} is not an HDF5 file", input, path));
  if (page != 0 && parts == Parts::none) {
    throw UsageError(fmt::format("--page {}: {} is no TIFF and has one page only", page, path));
  }
  if (format == nullptr) {
    throw Error(fmt::format("{}: is not a {} file, by its first bytes", path, format_names()));
  }
  return format->open({path, names_dataset ? place.dataset : "", page, std::move(file)});
}

/// Compares in natural order: runs of digits count as numbers.
bool natural_less(const std::string& a, const std::string& b) { return ::strverscmp(a.c_str(), b.c_str()) < 0; }

std::vector<fs::path> expand(const std::string& pattern) {
  std::vector<std::string> names = files_matching(pattern);
  std::sort(names.begin(), names.end(), natural_less);
  return {names.begin(), names.end()};
}

}  // namespace

std::vector<std::string_view> image_endings() {
  std::vector<std::string_view> endings;
  for (const InputFormat& format : input_formats) {
    endings.insert(endings.end(), format.endings.begin(), format.endings.end());
  }
  return endings;
}

bool has_image_ending(const fs::path& path) {
  const std::string ending = name_ending(path);
  return std::ranges::any_of(input_formats, [&](const InputFormat& format) {
    return std::ranges::find(format.endings, ending) != format.endings.end();
  });
}

std::unique_ptr<Source> open_image(const std::string& path) { return open_file(path, 0); }

std::string input_file(const std::string& input) { return fs::exists(input) ? input : split_hdf5_path(input).file; }

std::unique_ptr<Source> open_source(const InputSpec& spec) {
  if (!spec.grid) {
    const bool pattern = spec.input.find_first_of("*?[") != std::string::npos;
    if (pattern && !fs::exists(spec.input)) {
      throw UsageError(
          fmt::format("{}: a pattern of files needs --grid RxC to say how they form one image", spec.input));
    }
    return open_file(spec.input, spec.page);
  }
  const std::vector<fs::path> files = expand(spec.input);
  const auto wanted = static_cast<std::size_t>(spec.grid->rows) * static_cast<std::size_t>(spec.grid->columns);
  if (files.size() != wanted) {
    throw UsageError(fmt::format("{}: {} file(s) match, but --grid {}x{} needs {}{}", spec.input, files.size(),
                                 spec.grid->rows, spec.grid->columns, wanted,
                                 files.size() == 1 ? " (is the pattern quoted?)" : ""));
  }
  const int page = spec.page;
  return make_tile_set_source(files, *spec.grid,
                              [page](const fs::path& path) { return open_file(path.string(), page); });
}

}  // namespace haloedge
