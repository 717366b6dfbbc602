#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sets/options.hpp"
#include "tables/hash_table.hpp"

namespace haloedge {

/// Groups of near-duplicates, by their places in a list of images.
using ImageGroups = std::vector<std::vector<std::uint32_t>>;

/// What is near an image that was looked up.
struct Matches {
  struct Match {
    int distance = 0;
    const HashedImage* image = nullptr;  ///< of a list that outlives it
  };
  HashedImage query;
  std::vector<Match> nearest_first{};
};

/// The words that end a list of groups.
[[nodiscard]] std::string groups_summary(const std::vector<HashedImage>& images, const ImageGroups& groups,
                                         int distance);

/// The list in the format that was asked for.
[[nodiscard]] std::string list_groups(const std::vector<HashedImage>& images, const ImageGroups& groups,
                                      const DuplicatesCommand& command);

/// The words that end a list of matches among so many images.
[[nodiscard]] std::string matches_summary(const Matches& matches, std::size_t images);

/// The list in the format that was asked for.
[[nodiscard]] std::string list_matches(const std::vector<HashedImage>& images, const Matches& matches,
                                       const DuplicatesCommand& command);

}  // namespace haloedge
