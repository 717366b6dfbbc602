#pragma once

#include <memory>
#include <string>

#include "comm/communicator.hpp"
#include "core/error.hpp"

namespace haloedge {

/// The rank that the launcher (mpirun, srun) has put into the environment of this process; 0 without a launcher. Does
/// not need MPI to be started.
[[nodiscard]] int launcher_rank();

/// The launcher started several ranks that cannot find each other. Each of them throws this.
class LauncherError : public Error {
 public:
  using Error::Error;
};

/// Starts MPI if a launcher started this process, and not otherwise. Throws LauncherError if srun started several
/// tasks without MPI or the launcher belongs to another MPI library, and Error if MPI cannot serve several threads. The
/// destructor of the returned object ends MPI.
[[nodiscard]] std::unique_ptr<Communicator> make_communicator();

/// The MPI library's name and version, "Open MPI 4.1.4". Does not need MPI to be started.
[[nodiscard]] std::string mpi_library_version();

/// Returns "yes" or "no": the MPI library does or does not accept pointers to CUDA devices; else "not known".
[[nodiscard]] std::string mpi_takes_device_pointers();

/// Ends all ranks immediately, for errors on which the ranks cannot agree.
[[noreturn]] void abort_all_ranks(int exit_code);

}  // namespace haloedge
