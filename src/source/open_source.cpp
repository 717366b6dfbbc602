#include "source/open_source.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <strings.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "formats/hdf5_handle.hpp"
#include "formats/jpeg_reader.hpp"
#include "formats/png_reader.hpp"
#include "source/hdf5_source.hpp"
#include "source/sequential_source.hpp"
#include "source/tiff_source.hpp"

namespace haloedge {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t magic_bytes = 8;
/// What is read with the header; of what is larger, a part comes here while other images of a set are decoded, and for
/// the rest the system sees how it is read.
constexpr std::int64_t read_at_once = std::int64_t{64} << 10;
constexpr std::int64_t soon_read = std::int64_t{1} << 20;

/// A file and how it begins.
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

bool begins_with_any(std::string_view text, std::initializer_list<std::string_view> heads) {
  return std::any_of(heads.begin(), heads.end(), [&](std::string_view head) { return text.starts_with(head); });
}

std::unique_ptr<Source> open_file(const std::string& input, int page) {
  using namespace std::string_view_literals;
  const Hdf5Place place = split_hdf5_path(input);
  const bool names_dataset = !place.dataset.empty() && !fs::exists(input);
  const std::string& path = names_dataset ? place.file : input;
  auto [file, magic] = open_to_look(path);
  if (begins_with_any(magic, {"\x89HDF\r\n\x1a\n"sv}))
    return open_hdf5_source(path, names_dataset ? place.dataset : "");
  if (names_dataset) throw Error(fmt::format("{}: {} is not an HDF5 file", input, path));
  if (begins_with_any(magic, {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv})) return open_tiff_source(path, page);
  if (page != 0) throw UsageError(fmt::format("--page {}: {} is no TIFF and has one page only", page, path));
  if (begins_with_any(magic, {"\x89PNG\r\n\x1a\n"sv})) return make_sequential_source(open_png(path));
  if (begins_with_any(magic, {"\xff\xd8\xff"sv})) return make_sequential_source(open_jpeg(path, std::move(file)));
  throw Error(fmt::format("{}: is not a TIFF, BigTIFF, PNG, JPEG or HDF5 file, by its first bytes", path));
}

/// strverscmp-like order: runs of digits compare as numbers.
bool natural_less(const std::string& a, const std::string& b) { return ::strverscmp(a.c_str(), b.c_str()) < 0; }

std::vector<fs::path> expand(const std::string& pattern) {
  std::vector<std::string> names = files_matching(pattern);
  std::sort(names.begin(), names.end(), natural_less);
  return {names.begin(), names.end()};
}

}  // namespace

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
