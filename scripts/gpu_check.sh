#!/usr/bin/env bash
# Builds the kernels alone, for the GPU of this machine, and checks them on it: all tests, compute-sanitizer, bandwidths.
# Needs nvcc, cmake, a C++20 compiler and GoogleTest, and neither MPI nor TIFF nor HDF5; downloads nothing. Ends with 0 only
# if everything was run, on a GPU, and passed.
#   scripts/gpu_check.sh [--gtest FOLDER] [--csv FILE]
#     --gtest FOLDER   GoogleTest's source, where it is not installed (/usr/src/googletest is looked at by itself)
#     --csv FILE       keep what gpu_bench measured
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

gtest="" csv=""
while (($# > 0)); do
  case $1 in
    --gtest) gtest=${2:?--gtest needs a folder}; shift 2 ;;
    --csv) csv=${2:?--csv needs a file}; shift 2 ;;
    *) echo "usage: $0 [--gtest FOLDER] [--csv FILE]" >&2; exit 2 ;;
  esac
done
[[ -z $gtest && -d /usr/src/googletest ]] && gtest=/usr/src/googletest
PATH=$PATH:/usr/local/cuda/bin

build="build-gpu"
options=(-DHALOEDGE_KERNELS_ONLY=ON -DHALOEDGE_CUDA=ON -DHALOEDGE_BENCHMARKS=ON -DCMAKE_BUILD_TYPE=Release)
nvidia-smi -L 2>/dev/null && options+=(-DCMAKE_CUDA_ARCHITECTURES=native)
cmake -B "$build" -S . "${options[@]}" ${gtest:+-DHALOEDGE_GTEST_SOURCE="$gtest"}
cmake --build "$build" -j "$(nproc)" --target kernels_test gpu_bench

log=$(mktemp)
trap 'rm -f "$log"' EXIT
table=()
failed=0

# run_tests NAME COMMAND...: keeps the outcome for the table. Skipped tests are no pass here.
run_tests() {
  local name=$1 status=0
  shift
  echo "== $name"
  "$@" 2>&1 | tee "$log" || status=$?
  local passed skipped
  passed=$(sed -nE 's/^\[  PASSED  \] ([0-9]+) tests?\.$/\1/p' "$log")
  skipped=$(sed -nE 's/^\[  SKIPPED \] ([0-9]+) tests?, listed below:$/\1/p' "$log")
  if ((status != 0)); then
    table+=("$name: FAILED ($status)")
  elif [[ -n $skipped ]]; then
    table+=("$name: $passed passed, $skipped NOT RUN: there is no device")
  else
    table+=("$name: $passed passed")
    return
  fi
  failed=1
}

run_tests "all kernel tests" "$build/bin/kernels_test"
if command -v compute-sanitizer >/dev/null; then
  # Not initcheck: kernels load whole vectors, also where a row ends within one.
  for tool in memcheck racecheck synccheck; do
    run_tests "compute-sanitizer $tool" compute-sanitizer --tool "$tool" --error-exitcode 1 \
      "$build/bin/kernels_test" --gtest_filter='*OnDevice*/device'
  done
else
  table+=("compute-sanitizer: not installed")
fi

# count PATTERN: how many lines of the log have it.
count() { grep -cE "$1" "$log" || true; }
if command -v cuobjdump >/dev/null; then
  cuobjdump -sass "$build/kernels/libhaloedge_kernels.a" >"$log"
  table+=("machine code: $(count 'LDG.E.128') loads and $(count 'STG.E.128') stores of 16 bytes, $(count 'LDL|STL') spills")
fi

echo "== gpu_bench"
"$build/bin/gpu_bench" | tee "$log" || failed=1
if [[ -n $csv ]]; then "$build/bin/gpu_bench" --csv >"$csv" || failed=1; fi

echo
echo "==== $(date -u +%F), $(uname -m), $(nproc) cores"
printf '%s\n' "${table[@]}"
cat "$log"
exit "$failed"
