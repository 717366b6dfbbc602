#pragma once

#include <memory>

#include <mpi.h>

#include "comm/communicator.hpp"

namespace haloedge {

/// Starts MPI with MPI_THREAD_MULTIPLE; the destructor of the returned object ends it. Once per process. Collective.
[[nodiscard]] std::unique_ptr<Communicator> make_mpi_communicator();

/// The MPI communicator of the job's ranks, for libraries that call MPI themselves (parallel HDF5); MPI_COMM_NULL if
/// MPI was not started. The Communicator owns it.
[[nodiscard]] MPI_Comm native_communicator(const Communicator& communicator);

}  // namespace haloedge
