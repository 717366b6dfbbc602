#!/usr/bin/env bash
# Compares haloedge with the programs that people would use instead, side by side on this machine.
#   scripts/bench_peers.sh [--rounds N] [--only PART,...] [FOLDER]
# Parts: jobs, kernels, scaling, sets. Installs and builds what is missing. FOLDER (default build-bench/data) takes 10
# GB of inputs and outputs, or 2 GB with sets alone. Prints medians, ratios and peak memory, and leaves results.csv,
# results.svg and sets.svg in FOLDER. Takes about 15 minutes for the default of 5 rounds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
here=$OLDPWD

options=()
folder=
inputs=()  # none stands for all
while (($# > 0)); do
  case $1 in
    --rounds | --only)
      options+=("$1" "${2:?$1 needs a value}")
      if [[ $1 == --only && $2 == sets ]]; then inputs=(photos); fi
      shift 2
      ;;
    -*) echo "$0: unknown option '$1'" >&2 && exit 2 ;;
    *) folder=$(cd "$here" && realpath -m "$1") && shift ;;
  esac
done
folder=${folder:-$PWD/build-bench/data}
[[ $folder != *[[:space:]]* ]] || { echo "$0: vips does not accept spaces in folder names: $folder" >&2; exit 2; }

scripts/setup.sh build bench
cmake -S . -B build-bench -G Ninja -DCMAKE_BUILD_TYPE=Release -DHALOEDGE_TESTS=OFF -DHALOEDGE_BENCHMARKS=ON
cmake --build build-bench -j "$(nproc)"
scripts/bench/make_inputs.sh "$folder" "${inputs[@]}"

# mpirun refuses to run as root unless both variables allow it.
if ((EUID == 0)); then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi
# The distribution's Python is used because it has the libraries that setup.sh installed.
exec /usr/bin/python3 scripts/bench/peers.py --bin build-bench/bin --data "$folder" "${options[@]}"
