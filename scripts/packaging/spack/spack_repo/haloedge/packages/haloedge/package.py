# For Spack 1.0 or newer, from the top folder of a clone of the repository:
#   spack repo add scripts/packaging/spack/spack_repo/haloedge
#   spack install haloedge                    or: spack install haloedge +cuda cuda_arch=80,90
from pathlib import Path

from spack_repo.builtin.build_systems.cmake import CMakePackage
from spack_repo.builtin.build_systems.cuda import CudaPackage

from spack.package import *


class Haloedge(CMakePackage, CudaPackage):
    """Finds edges in images that are too large, or too many, for one machine, with MPI, OpenMP and CUDA."""

    # This is the clone that contains this recipe. Spack builds the last commit of its branch main.
    git = Path(__file__).resolve().parents[7].as_uri()

    license("Apache-2.0")

    version("main", branch="main")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.25:", type="build")

    depends_on("mpi")
    depends_on("hdf5@1.10.7: +mpi")
    depends_on("libtiff@4.5: +jpeg +lzw +packbits +zlib +zstd")
    depends_on("libjpeg-turbo@2:")
    depends_on("libpng@1.6:")
    depends_on("libwebp@1: +libwebpdemux")
    depends_on("giflib@5:")
    depends_on("openjpeg@2.4:")
    depends_on("libheif@1:")
    depends_on("isa-l@2.30:")
    depends_on("pugixml@1.12:")
    depends_on("sqlite@3:")
    depends_on("highway@1:")
    depends_on("fmt@9:")
    depends_on("cli11@2:")
    depends_on("nlohmann-json@3:")
    depends_on("googletest@1.12:", type="test")

    depends_on("cuda@12:", when="+cuda")

    conflicts("%gcc@:11", msg="haloedge is written in C++20, as GCC 12 has it")

    def cmake_args(self):
        arguments = [
            self.define("HALOEDGE_TESTS", self.run_tests),
            self.define("HALOEDGE_CUDA", "ON" if self.spec.satisfies("+cuda") else "OFF"),
        ]
        # Without cuda_arch, haloedge builds for all architectures that it knows.
        if self.spec.satisfies("+cuda") and not self.spec.satisfies("cuda_arch=none"):
            arguments.append(self.define("CMAKE_CUDA_ARCHITECTURES", self.spec.variants["cuda_arch"].value))
        return arguments
