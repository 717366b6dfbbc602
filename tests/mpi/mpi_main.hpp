#pragma once

#include "comm/communicator.hpp"

namespace haloedge {

/// Returns the communicator of the test program's ranks. All ranks run the same tests in the same order.
[[nodiscard]] Communicator& test_communicator();

}  // namespace haloedge
