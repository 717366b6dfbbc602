#!/usr/bin/env bash
# Checks the kernels on this machine's GPU: device tests, bandwidths, compute-sanitizer, and last the tests that run on
# the host. The most valuable steps come first, and each has a time limit. Outcomes are printed at once, and all again
# at the end, even if SIGTERM stops the script. All output is also kept in gpu_check.log, in the folder that the
# variable OUT names, else in the build folder, else in a new temporary folder.
# Building needs nvcc, cmake, Ninja or make, a C++20 compiler and GoogleTest, and neither MPI nor TIFF nor HDF5.
#   scripts/gpu_check.sh [OPTIONS]
#     --prebuilt FOLDER   runs the kernels_test and gpu_bench there and compiles nothing
#     --prebuild FOLDER   only builds them and puts them there, for GPUs elsewhere; they need only a C library
#     --arch NUMBER       the compute capability that --prebuild builds for, without its point (90)
#     --gtest FOLDER      GoogleTest's source, if it is not installed (/usr/src/googletest is found without this)
#     --csv FILE          gpu_bench writes its rows there, too
#     --bound SECONDS     the most time for each step; by default each step has its own limit, 40 to 90 s
# Exit status: 0 if everything was run on a GPU and passed, 1 if something failed or was not run, 2 for a wrong command
# line, 77 if there is no device, 128 + N if signal N stopped the script.
set -uo pipefail

usage() { echo "usage: $0 [--prebuilt FOLDER | --prebuild FOLDER [--arch NUMBER]] [--gtest FOLDER] [--csv FILE] [--bound SECONDS]"; }
wrong() { echo "$0: $*" >&2; usage >&2; exit 2; }

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
prebuilt="" prebuild="" arch=90 gtest="" csv="" bound=""
while (($# > 0)); do
  [[ $1 != --help ]] || { usage; exit 0; }
  (($# > 1)) || wrong "$1 needs a value, or is not an option"
  case $1 in
    --prebuilt) prebuilt=$2 ;;
    --prebuild) prebuild=$2 ;;
    --arch) arch=$2 ;;
    --gtest) gtest=$2 ;;
    --csv) csv=$2 ;;
    --bound) bound=$2 ;;
    *) wrong "unknown option $1" ;;
  esac
  shift 2
done
[[ -z $bound || $bound =~ ^[1-9][0-9]*$ ]] || wrong "--bound $bound: the seconds must be a whole number"
[[ -z $prebuilt || -z $prebuild ]] || wrong "--prebuilt and --prebuild cannot be used together"
[[ $arch =~ ^[0-9]+[af]?$ ]] || wrong "--arch $arch: it must be a number such as 90"
if [[ -n $prebuilt ]]; then
  for program in kernels_test gpu_bench; do
    [[ -x $prebuilt/$program ]] || wrong "--prebuilt $prebuilt: cannot find the program $program there"
  done
fi
PATH=$PATH:${CUDA_HOME:-/usr/local/cuda}/bin

scratch=$(mktemp -d) || exit 1
part=""  # the file with the output of the step in progress, or of the last step
build=$root/build-gpu${prebuild:+-$arch}
if [[ -d ${OUT:-} ]]; then
  logs=$OUT
elif [[ -z $prebuilt ]]; then
  mkdir -p "$build" && logs=$build
else
  logs=$(mktemp -d)
fi
log=$logs/gpu_check.log
: >"$log" || exit 1

outcomes=() failed=0 running="" doing=""

# say TEXT...: prints the texts as lines and keeps them in the log.
say() { printf '%s\n' "$@" | tee -p -a "$log"; }

# pass TEXT, fail TEXT: print the outcome of a step and keep it for the summary.
pass() {
  doing=""
  outcomes+=("$1")
  say "-- $1"
}
fail() {
  failed=1
  pass "$1"
}

# shellcheck disable=SC2317  # called by the trap below
finish() {
  local status=$?
  trap '' TERM INT HUP
  # `timeout` passes the signal on, and kills what is still there 5 seconds later.
  [[ -z $running ]] || kill "$running" 2>/dev/null
  say "" "==== summary after $SECONDS s, exit status $status: $(date -u +%F), $(uname -m), $(nproc) cores" \
    ${outcomes[@]+"${outcomes[@]}"} "all output: $log"
  # The table is printed again, because the steps after it print much.
  [[ ! -f $scratch/gpu_bench ]] || say "" "$(<"$scratch/gpu_bench")"
  rm -rf "$scratch"
}
# shellcheck disable=SC2317  # called by the traps below
stopped() {
  [[ -z $doing ]] || fail "$doing: STOPPED by a signal"
  exit "$1"
}
trap finish EXIT
trap 'stopped 143' TERM
trap 'stopped 130' INT
trap 'stopped 129' HUP

# step NAME SECONDS COMMAND...: runs the command within the limit, and prints and keeps its output. Returns the
# command's exit status; $trouble then describes it. The command runs in the background, because bash handles signals
# only while it does not wait for a command in the foreground.
step() {
  local limit=${bound:-$2} begin=$SECONDS status=0 output tee_pid tries
  doing=$1 part=$scratch/${1//[^a-z_]/_}
  say "" "== $1 (at most $limit s)"
  shift 2
  : >"$part"
  exec {output}> >(exec tee -p -a "$log" "$part")
  tee_pid=$!
  timeout -k 5 "$limit" "$@" </dev/null >&"$output" 2>&1 {output}>&- &
  running=$!
  exec {output}>&-
  wait "$running" || status=$?
  running=""
  # `tee` ends with the last process that writes to it. A process that hangs in the driver cannot be killed, so nothing
  # can wait for it.
  for ((tries = 0; tries < 30; ++tries)); do
    kill -0 "$tee_pid" 2>/dev/null || break
    sleep 0.1
  done
  kill "$tee_pid" 2>/dev/null
  took="$((SECONDS - begin)) s"
  trouble="FAILED (exit status $status)"
  if ((status != 0 && SECONDS - begin >= limit)); then trouble="TIMED OUT after $limit s"; fi
  return "$status"
}

# skipped_tests [BUT]: prints the names of the tests that were skipped, except BUT.
skipped_tests() { sed -nE 's/^\[  SKIPPED \] (.*) \([0-9]+ ms\)$/\1/p' "$part" | grep -vxF -- "${1:-}"; }

# tests NAME SECONDS [--may-skip TEST] COMMAND...: a step that runs GoogleTest. A skipped test does not count as passed.
# Returns 0 if all tests passed; otherwise prints the outcome.
tests() {
  local name=$1 limit=$2 may_skip="" status=0 skips failures last
  shift 2
  if [[ $1 == --may-skip ]]; then
    may_skip=$2
    shift 2
  fi
  step "$name" "$limit" "$@" || status=$?
  # Counts the lines of single tests, because the last lines are missing after a crash.
  passed=$(grep -cE '^\[       OK \] ' "$part")
  failures=$(grep -cE '^\[  FAILED  \] .*\([0-9]+ ms\)$' "$part")
  skips=$(skipped_tests "$may_skip")
  if ((status != 0)); then
    last=$(grep -E '^\[( RUN     |       OK|  FAILED |  SKIPPED) \] ' "$part" | tail -n 1)
    [[ $last != "[ RUN"* ]] || trouble+=" in ${last#*] }"
    fail "$name: $trouble: $passed tests passed, $failures failed, $took"
  elif [[ -n $skips ]]; then
    fail "$name: NOT RUN: $(wc -l <<<"$skips") tests were skipped, $passed passed, $took; the first is ${skips%%$'\n'*}"
  elif ((passed == 0)); then
    fail "$name: NOT RUN: no test passed; perhaps no test has this name"
  else
    return 0
  fi
  return 1
}

# sanitize TOOL SECONDS FILTER: runs the tests that match FILTER under that tool of compute-sanitizer.
sanitize() {
  local found
  tests "$1" "$2" compute-sanitizer --tool "$1" --error-exitcode 9 "${kernels_test[@]}" --gtest_filter="$3" || return
  found=$(sed -nE 's/^=+ (.*SUMMARY: .*)/\1/p' "$part" | tail -n 1)
  if [[ $found == *"SUMMARY: 0 "* ]]; then
    pass "$1: $passed tests passed, $took; $found"
  else
    fail "$1: FAILED: ${found:-compute-sanitizer printed no summary}; $passed tests passed, $took"
  fi
}

# shellcheck disable=SC2317  # called in the shell of a step
build_programs() {
  local options=(-DHALOEDGE_KERNELS_ONLY=ON -DHALOEDGE_CUDA=ON -DHALOEDGE_BENCHMARKS=ON -DCMAKE_BUILD_TYPE=Release)
  local generator="Unix Makefiles"
  ! command -v ninja >/dev/null || generator=Ninja
  if [[ -n $prebuild ]]; then
    # Highway is left out: it is for the processor, and the other machine may lack the library.
    options+=(-DCMAKE_CUDA_ARCHITECTURES="$arch-real" -DCMAKE_EXE_LINKER_FLAGS="-static-libgcc -static-libstdc++"
      -DCMAKE_DISABLE_FIND_PACKAGE_hwy=ON)
  elif [[ $(nvidia-smi -L 2>/dev/null) == GPU* ]]; then
    options+=(-DCMAKE_CUDA_ARCHITECTURES=native)
  fi
  [[ -n $gtest || ! -d /usr/src/googletest ]] || gtest=/usr/src/googletest
  [[ -z $gtest ]] || options+=(-DHALOEDGE_GTEST_SOURCE="$gtest")
  # The folder is configured again if another generator has filled it.
  if [[ -f $build/CMakeCache.txt ]] && ! grep -qxF "CMAKE_GENERATOR:INTERNAL=$generator" "$build/CMakeCache.txt"; then
    options+=(--fresh)
  fi
  cmake -G "$generator" -B "$build" -S "$root" "${options[@]}" &&
    cmake --build "$build" -j "$(nproc)" --target kernels_test gpu_bench || return
  [[ -z $prebuild ]] || { mkdir -p "$prebuild" && cp "$build"/bin/{kernels_test,gpu_bench} "$prebuild"; }
}

# machine_code: reports what the compiler made of the kernels. If that fails, it is not a failure of the check.
machine_code() {
  local code=$scratch/code
  if ! timeout -k 5 60 cuobjdump -sass "$build/kernels/libhaloedge_kernels.a" >"$code" 2>/dev/null; then
    pass "machine code: cuobjdump cannot read it"
    return
  fi
  pass "machine code: $(grep -cF LDG.E.128 "$code") loads and $(grep -cF STG.E.128 "$code") stores of 16 bytes, $(grep -cE \
    'LDL|STL' "$code") spills"
}

if [[ -z $prebuild ]] && command -v nvidia-smi >/dev/null; then
  # The smoke test below decides whether there is a device.
  if step "nvidia-smi" 20 nvidia-smi --query-gpu=name,driver_version --format=csv,noheader; then
    pass "nvidia-smi: $(paste -sd';' "$part")"
  else
    pass "nvidia-smi: $trouble"
  fi
fi

bin=$prebuilt
if [[ -z $bin ]]; then
  export build root gtest prebuild arch
  export -f build_programs
  bound="" step "build" 400 bash -c build_programs || { fail "build: $trouble, $took"; exit 1; }
  pass "build: $took"
  [[ -z $prebuild ]] || exit 0
  bin=$build/bin
fi
kernels_test=("$bin/kernels_test" --gtest_color=no)
device_tests='*OnDevice*/device:*DeviceOnly*'
# The smoke tests run each kind of kernel once.
smoke_tests='*/OnDevice.ManyImages/device:*/OnDevice.SobelExtreme*/device:*/OnDevice.ClipsFloats/device'
smoke_tests+=':*/CannyOnDevice.OneImage/device:*DeviceOnly*'

if tests "smoke" 40 "${kernels_test[@]}" \
  --gtest_filter="$smoke_tests"; then
  pass "smoke: $passed tests passed, $took"
elif ((passed == 0)) && [[ -n $(skipped_tests) ]]; then
  outcomes+=("There is no device: $(grep -A 1 ': Skipped$' "$part" | sed -n 2p)"
    "Run this on a machine with an NVIDIA GPU and its driver."
    "There, nvidia-smi must list the GPU, and CUDA_VISIBLE_DEVICES must not hide it.")
  exit 77
fi

if step "gpu_bench" 90 "$bin/gpu_bench" ${csv:+--csv "$csv"}; then
  pass "gpu_bench: $took"
else
  fail "gpu_bench: $trouble, $took"
fi

if tests "device tests" 90 "${kernels_test[@]}" --gtest_filter="$device_tests"; then
  pass "device tests: $passed tests passed, $took"
fi

if command -v compute-sanitizer >/dev/null; then
  # initcheck is not run, because kernels load whole vectors even where a row ends within one. Not all tests are run,
  # because they would take too long.
  canny='*CannyOnDevice.Thresholds/device'
  sanitize memcheck 90 "*OnDevice.ManyImages*/device:*OnDevice.AwkwardSizes/device:$canny"
  sanitize racecheck 60 "$canny"  # only Canny's kernel has shared memory
  sanitize synccheck 60 "*OnDevice.ManyImages*/device:$canny"
else
  fail "memcheck, racecheck, synccheck: NOT RUN: compute-sanitizer is not installed"
fi

# These tests come last, because they say nothing about the device. Programs that were built elsewhere need the folder
# of the oracles' files.
export HALOEDGE_FIXTURES=$root/tests/oracles/fixtures
if tests "host tests" 90 --may-skip MakeDeviceFilter.NoDevice "${kernels_test[@]}" \
  --gtest_filter="-$device_tests"; then
  pass "host tests: $passed tests passed, $took"
fi

if [[ -z $prebuilt ]] && command -v cuobjdump >/dev/null; then machine_code; fi
exit "$failed"
