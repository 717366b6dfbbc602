#pragma once

namespace haloedge {

constexpr int letter_columns = 5;  ///< of dots
constexpr int letter_rows = 7;

/// Whether a letter has a dot at `column` from the left and `row` from the top. Has A-Z (also for a-z), 0-9, and
/// . : - / %; all others are blank.
[[nodiscard]] bool has_dot(char letter, int column, int row);

}  // namespace haloedge
