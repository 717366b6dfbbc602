#pragma once

#include <filesystem>

#include "sink/output.hpp"

// Outputs that become a dataset of an HDF5 file that exists already.

namespace haloedge {

/// Returns true if the HDF5 file of the output exists and has this dataset, or a link of this name. Throws Error if it
/// exists but cannot take the dataset: it is not HDF5, cannot be opened or written, or has a group of this name. For
/// one rank.
[[nodiscard]] bool has_dataset(const Output& output);

/// Puts the output's dataset, which is the same dataset of the complete HDF5 file `made`, into the existing file of the
/// output, and replaces one of this name there; everything else in the file stays as it is. This is done in a copy of
/// the file with the name `copy`, which lies on the same file system and gets the name of the output at the end: the
/// file is never half written, whenever the program ends. The copy takes as much space as the file. Throws Error, after
/// which the file is as it was; also if another program has changed the file meanwhile. For one rank.
void add_dataset(const Output& output, const std::filesystem::path& made, const std::filesystem::path& copy);

}  // namespace haloedge
