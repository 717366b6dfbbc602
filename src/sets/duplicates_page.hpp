#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "run/resources.hpp"
#include "tables/hash_table.hpp"

namespace haloedge {

/// An image on a page, from a list that outlives it.
struct PageImage {
  const HashedImage* image = nullptr;
  std::optional<int> distance{};  ///< from the image that was looked up
};

/// A web page, whole in one file, of images under headings: small pictures, paths with links to the files, sizes.
/// Browsers get slow if there are too many: the page takes the first ones and counts the rest.
class DuplicatesPage {
 public:
  static constexpr std::int64_t most_images = 2000;

  DuplicatesPage(std::string title, std::string summary) : title_(std::move(title)), summary_(std::move(summary)) {}

  void add(std::string heading, std::vector<PageImage> images);

  /// How many images of those added are not on the page.
  [[nodiscard]] std::int64_t left_out() const { return left_out_; }

  /// Makes the small pictures with these threads and this memory, and writes the file. An image that cannot be decoded
  /// has the reason in its place. Throws Error if the file cannot be written.
  void write(const std::filesystem::path& file, const RankResources& resources) const;

 private:
  struct Section {
    std::string heading;
    std::vector<PageImage> images;
    std::int64_t left_out = 0;
  };

  std::string title_;
  std::string summary_;
  std::vector<Section> sections_;
  std::int64_t shown_ = 0;
  std::int64_t left_out_ = 0;
};

}  // namespace haloedge
