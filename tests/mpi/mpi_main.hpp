#pragma once

#include "comm/communicator.hpp"

namespace haloedge {

/// The communicator of the test program's ranks. All ranks run the same tests in the same order.
[[nodiscard]] Communicator& test_communicator();

}  // namespace haloedge
