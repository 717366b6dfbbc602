#include "formats/hdf5_axes.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.hpp"
#include "core/number_text.hpp"
#include "formats/hdf5_handle.hpp"

namespace haloedge {

namespace {

constexpr char row_letter = 'y';
constexpr char column_letter = 'x';
constexpr char channel_letter = 'c';
constexpr char slice_letter = 't';
constexpr char single_letter = '1';  ///< a dimension of one, which tells nothing

using Sizes = std::vector<hsize_t>;

bool may_be_colours(hsize_t size) { return size == 3 || size == 4; }

/// Returns the letters of two or three dimensions; empty if they cannot be told.
std::string letters_of_few(const Sizes& size, const ReadOptions& options) {
  if (size.size() == 2) return "yx";
  const hsize_t first = size.front();
  const hsize_t last = size.back();
  if (options.slice) return "tyx";
  if (!options.bands.empty()) return last < first ? "yxc" : first < last ? "cyx" : "";
  if (may_be_colours(last) && !may_be_colours(first)) return "yxc";
  if (may_be_colours(first) && !may_be_colours(last)) return "cyx";
  return "";
}

/// Returns a letter for each dimension; empty if they cannot be told.
std::string usual_letters(const Sizes& size, const ReadOptions& options) {
  Sizes longer;  // the dimensions that tell something
  std::vector<std::size_t> places;
  const std::size_t ones = static_cast<std::size_t>(std::ranges::count(size, hsize_t{1}));
  std::size_t skipped = 0;
  for (std::size_t i = 0; i < size.size(); ++i) {
    const bool tells_nothing = size[i] == 1 && skipped < ones && size.size() - skipped > 2;
    if (tells_nothing) {
      ++skipped;
    } else {
      longer.push_back(size[i]);
      places.push_back(i);
    }
  }
  std::string letters;
  if (longer.size() == 2 || longer.size() == 3) {
    letters = letters_of_few(longer, options);
  } else if (longer.size() == 4 && options.slice) {
    letters = letters_of_few({longer.begin() + 1, longer.end()}, {.bands = options.bands});
    if (!letters.empty()) letters.insert(letters.begin(), slice_letter);
  }
  if (letters.empty()) return "";
  std::string all(size.size(), single_letter);
  for (std::size_t i = 0; i < places.size(); ++i) all[places[i]] = letters[i];
  return all;
}

/// Checks the letters that a user typed.
void check_letters(const std::string& letters, const Sizes& size, const std::string& name) {
  const auto refuse = [&](const std::string& what) {
    throw UsageError(fmt::format("--axes {}: {}; {} has {} numbers", letters, what, name, fmt::join(size, " x ")));
  };
  if (letters.size() != size.size()) refuse(fmt::format("needs a letter for each of {} dimensions", size.size()));
  for (const char once : {row_letter, column_letter}) {
    if (std::ranges::count(letters, once) != 1) refuse("needs one y, for rows, and one x, for columns");
  }
  if (std::ranges::count(letters, channel_letter) > 1) refuse("has more than one c, for channels");
}

std::optional<int> place_of(const std::string& letters, char letter) {
  const std::size_t place = letters.find(letter);
  return place == std::string::npos ? std::nullopt : std::optional(static_cast<int>(place));
}

/// Sets where the slice is, which is in the only other dimension that is longer than one.
void choose_slice(const std::string& letters, const std::string& name, const ReadOptions& options, Hdf5Axes& axes) {
  std::optional<std::size_t> stack;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const bool is_image = letters[i] == row_letter || letters[i] == column_letter || letters[i] == channel_letter;
    if (is_image || axes.size[i] == 1) continue;
    if (stack) {
      throw Error(
          fmt::format("{}: has {} numbers, a stack of stacks, of which haloedge reads no image: write the image "
                      "into a dataset of its own",
                      name, fmt::join(axes.size, " x ")));
    }
    stack = i;
  }
  const std::int64_t images = stack ? static_cast<std::int64_t>(axes.size[*stack]) : 1;
  if (!options.slice && stack) {
    throw Error(fmt::format("{}: is a stack of {}: choose one with --slice N, counted from 0", name,
                            count_text(images, "image")));
  }
  if (options.slice && *options.slice >= images) {
    throw Error(
        fmt::format("--slice {}: {} has {}, counted from 0", *options.slice, name, count_text(images, "image")));
  }
  if (stack) axes.start[*stack] = static_cast<hsize_t>(*options.slice);
}

/// Sets the channels that are read.
void choose_channels(const std::string& name, const ReadOptions& options, Hdf5Axes& axes) {
  const int count = axes.channels ? static_cast<int>(axes.size[static_cast<std::size_t>(*axes.channels)]) : 1;
  for (const int band : options.bands) {
    if (band > count) {
      throw Error(fmt::format("--band {}: {} has {}, counted from 1", fmt::join(options.bands, ","), name,
                              count_text(count, "band")));
    }
  }
  axes.picked.clear();
  for (const int band : options.bands) axes.picked.push_back(band - 1);
  if (!options.bands.empty()) return;
  if (count != 1 && count != 3 && count != 4) {
    throw Error(
        fmt::format("{}: has {} bands and does not say which are its colours: choose one with --band N, such as "
                    "--band 1, or three for red, green and blue, such as --band {}",
                    name, count, count > 3 ? "3,2,1" : "1,2,1"));
  }
  axes.picked.resize(static_cast<std::size_t>(count));
  std::iota(axes.picked.begin(), axes.picked.end(), 0);
  axes.last_is_alpha = count == 4;
}

}  // namespace

Hdf5Axes find_hdf5_axes(hid_t dataset, const std::string& name, const ReadOptions& options) {
  const Hdf5Id space(H5Dget_space(dataset), H5Sclose);
  const int rank = std::max(0, H5Sget_simple_extent_ndims(space.get()));
  Hdf5Axes axes;
  axes.size.resize(static_cast<std::size_t>(rank));
  axes.start.resize(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space.get(), axes.size.data(), nullptr);
  if (rank < 2 || std::ranges::find(axes.size, hsize_t{0}) != axes.size.end()) {
    throw Error(fmt::format("{}: has {} numbers, which are no image: it has two dimensions at least", name,
                            rank > 0 ? fmt::format("{}", fmt::join(axes.size, " x ")) : "no"));
  }
  if (!options.axes.empty()) check_letters(options.axes, axes.size, name);
  const std::string letters = options.axes.empty() ? usual_letters(axes.size, options) : options.axes;
  if (letters.empty()) {
    throw Error(
        fmt::format("{}: has {} numbers, of which nobody can tell the rows, columns and bands: choose an image of "
                    "a stack with --slice N, counted from 0, or bands with --band N, counted from 1; if that is "
                    "not enough, name the dimensions, such as --axes tyx or --axes yxc",
                    name, fmt::join(axes.size, " x ")));
  }
  axes.rows = *place_of(letters, row_letter);
  axes.columns = *place_of(letters, column_letter);
  axes.channels = place_of(letters, channel_letter);
  choose_slice(letters, name, options, axes);
  choose_channels(name, options, axes);
  return axes;
}

}  // namespace haloedge
