#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace haloedge {

/// The time for "90" (seconds), "90s", "55m", "1h30m", "2d", and as Slurm writes it "30:00", "01:30:00", "1-12:00:00".
/// Nothing for anything else, and for zero.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(const std::string& text);

}  // namespace haloedge
