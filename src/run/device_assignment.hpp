#pragma once

#include <string>
#include <vector>

namespace haloedge {

/// Assigns each rank of a node one of the devices that it can see.
///
/// `visible[r]` lists the identities of the devices that rank r sees, in its own order; it may be empty. The result
/// holds one identity for each rank, which is empty for a rank that sees no device.
///
/// The ranks are spread as evenly as the lists allow: no other assignment has a smaller largest number of ranks on a
/// device. Where several choices are equally even, lower ranks and earlier devices in a rank's list go first, so that
/// with n devices in equal lists rank r gets device r % n. Pure.
[[nodiscard]] std::vector<std::string> assign_devices(const std::vector<std::vector<std::string>>& visible);

}  // namespace haloedge
