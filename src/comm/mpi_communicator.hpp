#pragma once

#include <memory>

#include "comm/communicator.hpp"

namespace haloedge {

/// Starts MPI with MPI_THREAD_MULTIPLE; the returned object ends it when it goes. Once per process. Collective.
[[nodiscard]] std::unique_ptr<Communicator> make_mpi_communicator();

}  // namespace haloedge
