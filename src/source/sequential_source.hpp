#pragma once

#include <memory>

#include "formats/row_reader.hpp"
#include "source/source.hpp"

namespace haloedge {

/// An image whose rows come from the top: one sequence, one task a unit. Units that lie further down are reached by
/// skipping what is between.
[[nodiscard]] std::unique_ptr<Source> make_sequential_source(std::unique_ptr<RowReader> reader);

}  // namespace haloedge
