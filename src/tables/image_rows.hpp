#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "measures/gray_statistics.hpp"
#include "tables/table.hpp"

/// The rows of the tables about images, and their columns.
namespace haloedge {

/// One file of a set, before it is opened.
struct ImageFile {
  std::string path;
  std::int64_t bytes = 0;
  std::int64_t modified = 0;  ///< nanoseconds since 1970
  std::string name{};  ///< the path below the folder that was searched, or from the first wildcard of a pattern on

  friend bool operator==(const ImageFile&, const ImageFile&) = default;
};

/// One row of a table of hashes.
struct HashedImage {
  ImageFile file;
  std::uint64_t hash = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool flat = false;    ///< the hash is 0 because there are no gradients, and says nothing
  std::string error{};  ///< says why the image has no hash; empty if it has one
};

/// The columns that `hash` computes from the pixels of an image: the hash, the width, the height, whether it is flat.
[[nodiscard]] const Schema<HashedImage>& hash_result_columns();

/// Tables of hashes, with the columns path, hash, width, height, bytes, modified, flat, error.
[[nodiscard]] const Table<HashedImage>& hash_table();

/// The values that `score` computes from the pixels of an image.
struct ImageScore {
  double score = 0;                                      ///< mean of the congestion map, from 0 to 255
  std::array<double, photo_measures.size()> measures{};  ///< values of photo_measures
  std::int64_t width = 0;                                ///< pixels of the photo
  std::int64_t height = 0;

  friend bool operator==(const ImageScore&, const ImageScore&) = default;
};

/// One row of a table of scores.
struct ScoredImage {
  ImageFile file;
  ImageScore score{};
  double seconds = 0;   ///< time spent on this image
  std::string error{};  ///< says why the image has no score; empty if it has one
};

/// The columns of a table of scores. A column for each of photo_measures is among them.
[[nodiscard]] const Schema<ScoredImage>& score_columns();

}  // namespace haloedge
