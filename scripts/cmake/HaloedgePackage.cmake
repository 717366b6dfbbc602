# cpack makes a Debian package of the program that was built.
set(HALOEDGE_MAINTAINER "haloedge maintainers <haloedge@example.org>" CACHE STRING
  "Name <address> of whom to ask about packages that are built here")

set(CPACK_GENERATOR DEB)
set(CPACK_INSTALL_CMAKE_PROJECTS
  "${PROJECT_BINARY_DIR};haloedge;Unspecified;/" "${PROJECT_BINARY_DIR};haloedge;debian;/")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/scripts/packaging/debian/prepare.cmake)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${HALOEDGE_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION  # follows the project's description, which is the first line
  "MPI ranks each read a share of one huge TIFF, HDF5, PNG, JPEG or set of tile
files, filter it on all cores or on GPUs, swap border rows with their
neighbours, and write one edge map together. Sets of images are filtered,
hashed or scored, and near-duplicates among them are listed. Edges are painted
into live video, which is never slowed. The result is the same, byte for byte,
on any number of ranks and threads, with a GPU or without.")
# dpkg-shlibdeps finds the libraries, but neither mpirun nor the interpreter of the scripts.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "openmpi-bin, python3:any")
include(CPack)
