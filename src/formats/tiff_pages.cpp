#include "formats/tiff_pages.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "formats/tiff_reader.hpp"

namespace haloedge {

namespace {

struct Page {
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool is_reduced = false;  ///< a smaller version of another page
  bool is_mask = false;

  [[nodiscard]] bool is_image() const { return !is_reduced && !is_mask; }
  [[nodiscard]] bool has_size_of(const Page& other) const { return width == other.width && height == other.height; }
};

/// The first pages of the file. A stack of many images has no previews or masks behind them.
std::vector<Page> read_pages(const TiffHandle& handle) {
  constexpr std::size_t most = 64;
  std::vector<Page> pages;
  do {
    const auto kind = handle.tag<std::uint32_t>(TIFFTAG_SUBFILETYPE, 0);
    pages.push_back({.width = handle.tag<std::uint32_t>(TIFFTAG_IMAGEWIDTH, 0),
                     .height = handle.tag<std::uint32_t>(TIFFTAG_IMAGELENGTH, 0),
                     .is_reduced = (kind & FILETYPE_REDUCEDIMAGE) != 0,
                     .is_mask = (kind & FILETYPE_MASK) != 0});
  } while (pages.size() < most && TIFFReadDirectory(handle.get()) == 1);
  return pages;
}

std::string size_of(const Page& page) { return fmt::format("{} x {} px", page.width, page.height); }

}  // namespace

TiffPages choose_tiff_pages(const std::filesystem::path& path, const ReadOptions& options) {
  const TiffHandle handle(path, 0);
  TiffPages chosen{.image = options.page.value_or(0)};
  if (TIFFLastDirectory(handle.get()) != 0) return chosen;
  const std::vector<Page> pages = read_pages(handle);
  const auto number = [&](auto found) { return static_cast<int>(found - pages.begin()); };
  if (!options.page) {
    const auto image = std::ranges::find_if(pages, &Page::is_image);
    if (image != pages.end()) chosen.image = number(image);
  }
  if (chosen.image >= static_cast<int>(pages.size())) return chosen;
  const Page& image = pages.at(static_cast<std::size_t>(chosen.image));
  const auto mask = std::ranges::find_if(
      pages, [&](const Page& page) { return page.is_mask && !page.is_reduced && page.has_size_of(image); });
  if (mask != pages.end() && number(mask) != chosen.image) chosen.mask = number(mask);

  const auto largest = std::ranges::max_element(pages, {}, [](const Page& p) { return p.width * p.height; });
  if (!options.page && chosen.image > 0) {
    chosen.note = fmt::format("page {} is read, because page 0 is a smaller version of it", chosen.image);
  } else if (!options.page && largest->width * largest->height > image.width * image.height) {
    chosen.note = fmt::format("page 0 of {} is read, but page {} is larger: --page {} reads its {}", size_of(image),
                              number(largest), number(largest), size_of(*largest));
  }
  return chosen;
}

}  // namespace haloedge
