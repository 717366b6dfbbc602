#pragma once

#include <filesystem>

#include "sink/output_spec.hpp"

namespace haloedge {

enum class OutputFormat : std::uint8_t { tiff, png, jpeg, hdf5 };

/// By the name's ending. Throws UsageError for others, and for what the format cannot hold. Pure.
[[nodiscard]] OutputFormat output_format(const OutputSpec& spec);

/// The output as a TIFF. Pure.
[[nodiscard]] TiffImage tiff_image(const OutputSpec& spec);

/// The file, without the dataset.
[[nodiscard]] std::filesystem::path output_file(const OutputSpec& spec);

/// Throws Error if the output must not, or cannot, be written: it is there and may not be replaced, it is the input, it
/// is a folder, or its folder is missing or closed to this user. For one rank.
void check_output(const OutputSpec& spec);

}  // namespace haloedge
