#pragma once

#include <cstdint>
#include <vector>

#include "run/resources.hpp"
#include "sets/options.hpp"
#include "tables/image_rows.hpp"

/// The results of `duplicates`, which are written as a list and as a web page with small pictures.
namespace haloedge {

/// The images of a table that are compared with each other.
struct ComparedImages {
  std::vector<HashedImage> images;
  std::int64_t flat_left_out = 0;  ///< number of images that are not compared because they are flat
};

/// Groups of near-duplicates. A member is the index of an image in a list.
using ImageGroups = std::vector<std::vector<std::uint32_t>>;

/// The images that are near one image, the query.
struct Matches {
  struct Match {
    int distance = 0;                    ///< number of bits in which the hashes differ
    const HashedImage* image = nullptr;  ///< an element of a list that must outlive this
  };
  HashedImage query;
  std::vector<Match> nearest_first{};
};

/// Writes the list in the format that the command asks for, to its output file or, if it has none, to standard output.
/// Then, if the command asks for it, writes a web page: one file that holds small pictures, the paths with links to the
/// files, and the sizes. The threads and the memory of `resources` make the small pictures. An image that cannot be
/// decoded shows the reason instead of its picture. The page shows only the first images of a long list, because
/// browsers get slow. A line on standard error says how many images the page shows. Throws Error if a file cannot be
/// written.
void write_duplicates(const ComparedImages& compared, const ImageGroups& groups, const DuplicatesCommand& command,
                      const RankResources& resources);
void write_duplicates(const ComparedImages& compared, const Matches& matches, const DuplicatesCommand& command,
                      const RankResources& resources);

}  // namespace haloedge
