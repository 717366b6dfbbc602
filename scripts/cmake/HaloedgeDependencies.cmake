# Finds the libraries that haloedge needs, which are all in the distribution.
find_package(Threads REQUIRED)
find_package(MPI REQUIRED COMPONENTS C)
# mpi.h would otherwise bring in the C++ bindings, which MPI dropped in 2012.
target_compile_definitions(MPI::MPI_C INTERFACE OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX)
find_package(TIFF REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(pugixml REQUIRED)

find_path(ISAL_INCLUDE_DIR isa-l.h)
find_library(ISAL_LIBRARY isal)
if(NOT ISAL_INCLUDE_DIR OR NOT ISAL_LIBRARY)
  message(FATAL_ERROR "haloedge needs ISA-L (Debian, Ubuntu: libisal-dev).")
endif()
add_library(haloedge_isal INTERFACE)
target_include_directories(haloedge_isal SYSTEM INTERFACE ${ISAL_INCLUDE_DIR})
target_link_libraries(haloedge_isal INTERFACE ${ISAL_LIBRARY})

find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)

set(HDF5_PREFER_PARALLEL TRUE)
find_package(HDF5 1.10.7 REQUIRED COMPONENTS C)
if(NOT HDF5_IS_PARALLEL)
  message(FATAL_ERROR "haloedge needs an HDF5 built with MPI (Debian, Ubuntu: libhdf5-openmpi-dev); found a serial one.")
endif()
add_library(haloedge_hdf5 INTERFACE)
target_include_directories(haloedge_hdf5 SYSTEM INTERFACE ${HDF5_INCLUDE_DIRS})
# HDF5 1.12 and newer then offer the functions of 1.10. Version 1.10.7 is the oldest that haloedge supports.
target_compile_definitions(haloedge_hdf5 INTERFACE ${HDF5_DEFINITIONS} H5_USE_110_API)
target_link_libraries(haloedge_hdf5 INTERFACE ${HDF5_C_LIBRARIES} MPI::MPI_C)
