#!/usr/bin/env bash
# Builds the program in a fresh Debian 13, whose compiler and libraries are newer than those of Debian 12, with warnings
# as errors. Finds the edges of one image there, on four ranks, and writes them in each format. Compares the outputs with
# those of the program that was built here.
#   tests/packaging/debian13_test.sh BUILD_FOLDER
# Exit code 77: the test cannot run here. It takes 10 minutes or more: `ctest --test-dir build-ci -L slow` runs it.
set -euo pipefail
# shellcheck source=tests/packaging/fresh_system.sh
source "$(dirname "${BASH_SOURCE[0]}")/fresh_system.sh"

# write_outputs FOLDER PROGRAM...: finds the edges of the folder's world.tif, and writes them in each format.
write_outputs() {
  local folder=$1
  shift
  "$@" edges "$folder/world.tif" -o "$folder/plain.tif" -q
  "$@" edges "$folder/world.tif" -o "$folder/deflate.tif" --compression deflate -q
  "$@" edges "$folder/world.tif" -o "$folder/lzw.tif" --compression lzw -q
  "$@" edges "$folder/world.tif" -o "$folder/edges.png" -q
  "$@" edges "$folder/world.tif" -o "$folder/edges.h5" -q
}

try_in_debian_13() {
  local output
  make_fresh_system trixie
  mkdir "$system/root/haloedge"
  cp -r CMakeLists.txt CMakePresets.json LICENSE README.md kernels scripts slurm src "$system/root/haloedge/"
  cp "$scratch/world.tif" "$system/root/"

  echo "install what is needed, and build"
  quietly within bash -euc "cd /root/haloedge
    scripts/setup.sh build
    cmake --preset release -DHALOEDGE_WERROR=ON
    cmake --build --preset release"
  within /root/haloedge/build/bin/haloedge --version

  echo "run it there"
  write_outputs /root within mpirun -n 4 --oversubscribe /root/haloedge/build/bin/haloedge
  # Another zlib compresses PNG to other bytes, and HDF5 stores tiles in the order in which they are done: their pixels
  # are compared.
  local folder
  for folder in "$scratch" "$system/root"; do vips rawsave "$folder/edges.png" "$folder/png.raw"; done
  for output in plain.tif deflate.tif lzw.tif png.raw; do
    cmp "$scratch/$output" "$system/root/$output" || fail "$output is not what the program wrote here"
  done
  h5diff "$scratch/edges.h5" "$system/root/edges.h5" || fail "edges.h5 has other pixels than the program wrote here"
}

(($# == 1)) || fail "usage: $0 BUILD_FOLDER"
build=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
needs debootstrap vips h5diff
scratch=$(mktemp -d "$build/debian13_test.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
find_mirror trixie

for band in zone eye sines; do vips "$band" "$scratch/$band.v" 2000 1500 --uchar; done
vips bandjoin "$scratch/zone.v $scratch/eye.v $scratch/sines.v" "$scratch/joined.v"
vips copy "$scratch/joined.v" "$scratch/world.tif[tile,compression=lzw,predictor=horizontal]" --interpretation srgb
write_outputs "$scratch" "$build/bin/haloedge"

in_own_mounts try_in_debian_13
echo "built, run and compared"
