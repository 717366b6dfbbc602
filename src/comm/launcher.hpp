#pragma once

#include <memory>
#include <string>

#include "comm/communicator.hpp"

namespace haloedge {

/// This process's rank as far as its launcher (mpirun, srun) put it into the environment, 0 without one: known before,
/// and without, starting MPI.
[[nodiscard]] int launcher_rank();

/// Starts MPI if a launcher started this process, and not otherwise. Throws Error if srun started several tasks that
/// would not know of each other, or if MPI cannot serve several threads. The returned object ends MPI when it goes.
[[nodiscard]] std::unique_ptr<Communicator> make_communicator();

/// The MPI library's name and version, "Open MPI 4.1.4". Does not need MPI to be started.
[[nodiscard]] std::string mpi_library_version();

/// Whether the MPI library takes pointers to CUDA devices, as it says now: "yes", "no", or "not known".
[[nodiscard]] std::string mpi_takes_device_pointers();

/// Ends all ranks at once; for errors that the ranks cannot agree on.
[[noreturn]] void abort_all_ranks(int exit_code);

}  // namespace haloedge
