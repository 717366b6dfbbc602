#!/usr/bin/env bash
# Builds the program in a fresh Debian 13, whose compiler and libraries are newer than those of Debian 12, with warnings
# as errors. Runs scripts/demo.sh's job there on four ranks, and compares its outputs with those of the program here.
#   tests/packaging/debian13_test.sh BUILD_FOLDER
# Exit code 77: the test cannot run here. It takes 10 minutes or more, so that only `ctest -L slow` runs it.
set -euo pipefail
# shellcheck source=tests/packaging/fresh_system.sh
source "$(dirname "${BASH_SOURCE[0]}")/fresh_system.sh"

outputs=("none.tif" "deflate.tif --compression deflate" "lzw.tif --compression lzw" "edges.png" "edges.h5")

try_in_debian_13() {
  make_fresh_system trixie
  mkdir "$system/root/haloedge"
  cp -r CMakeLists.txt CMakePresets.json LICENSE README.md kernels scripts slurm src "$system/root/haloedge/"
  cp "$scratch/world.tif" "$system/root/"

  echo "install what is needed, and build"
  quietly within bash -euc "cd /root/haloedge
    scripts/setup.sh build
    cmake --preset release -DHALOEDGE_WERROR=ON
    cmake --build --preset release -j $(nproc)"
  within /root/haloedge/build/bin/haloedge --version

  local output
  while read -r output; do
    # shellcheck disable=SC2086  # a name, and options
    within mpirun -n 4 --oversubscribe /root/haloedge/build/bin/haloedge edges /root/world.tif -o /root/$output -q
    same "$scratch/${output%% *}" "$system/root/${output%% *}" || fail "${output%% *} is not what the program wrote here"
  done <"$scratch/outputs"
}
