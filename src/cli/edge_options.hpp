#pragma once

#include "cli/option_group.hpp"

namespace haloedge {

struct EdgeOptions;

/// Adds the options that decide which edges are found in gray pixels. Returns the group that --operator is in.
OptionGroup add_filter_options(OptionGroup group, EdgeOptions& options);

/// Adds the options that decide the pixels and the format of an edge map, including those of add_filter_options().
void add_edge_options(OptionGroup group, EdgeOptions& options);

/// Throws UsageError for options that do not go together.
void check_edge_options(const EdgeOptions& options);

}  // namespace haloedge
