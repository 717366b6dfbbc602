#pragma once

#include <mpi.h>

#include "comm/communicator.hpp"

namespace haloedge {

/// The MPI communicator of the job's ranks, for libraries that do their own MPI (parallel HDF5); MPI_COMM_NULL where
/// MPI was not started. Stays the Communicator's.
[[nodiscard]] MPI_Comm native_communicator(const Communicator& communicator);

}  // namespace haloedge
