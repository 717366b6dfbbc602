#pragma once

#include <vector>

#include "comm/communicator.hpp"
#include "edges/block_border.hpp"

namespace haloedge {

/// Which components of this rank's border are edges, given what every rank knows of its own: entry i - 1 is not 0 if
/// component i is one. Ranks 0 .. `active` - 1 have blocks, from the top of the image down; for all of these, and for
/// no other rank, this is collective. Neighbouring blocks are joined two by two until rank 0 has the whole image, and
/// what it finds travels back the same way: 2 log2(active) messages after each other, none larger than two rows of
/// candidates.
[[nodiscard]] std::vector<char> settle_blocks(BlockBorder mine, int active, Communicator& communicator);

}  // namespace haloedge
