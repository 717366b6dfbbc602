#include "comm/launcher.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <regex>
#include <string>

#include <fmt/format.h>
#include <mpi.h>
#if __has_include(<mpi-ext.h>)
#include <mpi-ext.h>
#endif

#include "comm/mpi_communicator.hpp"
#include "core/error.hpp"

namespace haloedge {

namespace {

int number_in_environment(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr && *text != '\0' ? std::atoi(text) : otherwise;
}

bool started_by_mpi_launcher() {
  constexpr std::array marks{"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"};
  return std::ranges::any_of(marks, [](const char* mark) { return std::getenv(mark) != nullptr; });
}

/// Returns true if the environment variables of mpirun or srun say that all ranks are on this node.
bool all_ranks_on_this_node() {
  const int ranks = number_in_environment("OMPI_COMM_WORLD_SIZE", 0);
  if (ranks > 0) return ranks == number_in_environment("OMPI_COMM_WORLD_LOCAL_SIZE", 0);
  return number_in_environment("SLURM_STEP_NUM_NODES", 0) == 1;
}

/// Open MPI searches for network adapters for 0.2 s when it starts. On one node no message needs a network, so this
/// chooses shared memory: "ob1" over "vader". It does not override what the user has chosen on the command line of
/// mpirun or in the environment, but does override a parameter file.
void shorten_start_on_one_node() {
  if (std::getenv("OMPI_MCA_pml") != nullptr || std::getenv("OMPI_MCA_btl") != nullptr) return;
  if (!all_ranks_on_this_node()) return;
  ::setenv("OMPI_MCA_pml", "ob1", 1);
  ::setenv("OMPI_MCA_btl", "vader,self", 1);
}

}  // namespace

int launcher_rank() {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"}) {
    const int rank = number_in_environment(name, -1);
    if (rank >= 0) return rank;
  }
  return 0;
}

std::unique_ptr<Communicator> make_communicator() {
  if (started_by_mpi_launcher()) {
    shorten_start_on_one_node();
    const int started = number_in_environment("OMPI_COMM_WORLD_SIZE", number_in_environment("PMI_SIZE", 1));
    auto communicator = make_mpi_communicator();
    if (started > 1 && communicator->size() == 1) {
      throw LauncherError(
          fmt::format("{} processes were started, but they cannot reach each other: the mpirun or srun that started "
                      "them does not belong to {}, the library that haloedge was built with. Use the mpirun of that "
                      "library, or srun --mpi=pmix for Open MPI",
                      started, mpi_library_version()));
    }
    return communicator;
  }
  if (number_in_environment("SLURM_STEP_NUM_TASKS", 1) > 1) {
    throw LauncherError("srun started several tasks without MPI: each would do the whole job. Use srun --mpi=pmix");
  }
  return make_single_communicator();
}

std::string mpi_library_version() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  // Libraries call themselves "Open MPI v4.1.4, package: ..." or, in lines, "MPICH Version:      4.2.1".
  const std::string whole(text.data(), static_cast<std::size_t>(length));
  const std::string name = whole.substr(0, whole.find_first_of(",\n"));
  return std::regex_replace(name, std::regex(R"(( v|\s+Version:\s*)(?=\d))"), " ");
}

std::string mpi_takes_device_pointers() {
#if defined(OMPI_HAVE_MPI_EXT_CUDA)
  return MPIX_Query_cuda_support() == 1 ? "yes" : "no";
#else
  return "not known";
#endif
}

void abort_all_ranks(int exit_code) {
  int started = 0;
  int ended = 0;
  MPI_Initialized(&started);
  MPI_Finalized(&ended);
  if (started != 0 && ended == 0) MPI_Abort(MPI_COMM_WORLD, exit_code);
  std::_Exit(exit_code);
}

}  // namespace haloedge
