#!/usr/bin/env bash
# Checks the format, the shell scripts, the Debian package, and the code with clang-tidy; fails on any finding. Needs
# the build folder that scripts/test.sh leaves.
#   scripts/check.sh [--all]
# clang-tidy takes longest, so it reads only the files that differ from the last landed commit, and those that include
# one that differs; --all reads everything. The landed commit is HALOEDGE_BASE, or the last one that HEAD shares with
# origin/main. Where neither is known, as in a shallow clone, or HEAD itself has landed, or settings of the build or of
# clang-tidy differ, everything is read.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $# == 0 || $* == --all ]] || { echo "usage: $0 [--all]" >&2; exit 2; }

scripts/setup.sh package check
[[ -f build-ci/build.ninja ]] || { echo "$0: run scripts/test.sh first" >&2; exit 1; }

# Prints those of the files $units that are in $differing or include a file that is, and those that this build leaves
# out: $includes, which Ninja knows, does not say what they include.
to_be_read() {
  awk -v here="$PWD/" '
    FILENAME == ARGV[1] { differs[$0]; next }
    FILENAME == ARGV[2] && /^[^ ]/ { unit = "" }
    FILENAME == ARGV[2] && /^ / {
      file = $1
      if (index(file, here) == 1) file = substr(file, length(here) + 1)
      sub("^\\.\\./", "", file)
      if (unit == "") { unit = file; is_built[unit] }
      if (file in differs) chosen[unit]
    }
    FILENAME == ARGV[3] && ($0 in differs || $0 in chosen || !($0 in is_built))' \
    <(printf '%s\n' "$differing") <(printf '%s\n' "$includes") <(printf '%s\n' "${units[@]}")
}

mapfile -t sources < <(git ls-files 'src/*.[ch]pp' 'kernels/*.[ch]pp' 'kernels/*.cu' 'tests/*.[ch]pp')
# The benchmarks' peers are left out: they need libraries that only scripts/bench_peers.sh installs.
mapfile -t units < <(git ls-files 'src/*.cpp' 'kernels/*.cpp' 'tests/*.cpp' ':!tests/bench/peers')

# A change of these files may change what all code means, or what is found in it.
settings=(.clang-tidy scripts/check.sh scripts/cmake CMakeLists.txt CMakePresets.json
  'src/*CMakeLists.txt' 'kernels/*CMakeLists.txt')

echo "clang-format: ${#sources[@]} files"
clang-format --dry-run -Werror "${sources[@]}"
echo "shellcheck"
mapfile -t scripts < <(git ls-files 'scripts/*.sh' 'slurm/*.sh' 'slurm/*.sbatch' 'tests/*.sh' .ci/run)
shellcheck --external-sources "${scripts[@]}"
echo "lintian"
rm -rf build-ci/package
cpack --config build-ci/CPackConfig.cmake -B build-ci/package >/dev/null
lintian --allow-root --fail-on error,warning build-ci/package/haloedge_*.deb

base=""
if (($# == 0)); then base=${HALOEDGE_BASE:-$(git merge-base HEAD origin/main 2>/dev/null || true)}; fi
if [[ -n $base ]] && ! git merge-base --is-ancestor "$base" HEAD; then
  echo "$0: HALOEDGE_BASE=$base is not an ancestor of HEAD" >&2
  exit 1
fi
if [[ -n $base && $(git rev-parse "$base") != "$(git rev-parse HEAD)" ]] &&
  git diff --quiet "$base" -- "${settings[@]}"; then
  differing=$(git diff --name-only "$base")
  includes=$(ninja -C build-ci -t deps)
  mapfile -t units < <(to_be_read)
fi
echo "clang-tidy: ${#units[@]} files"
((${#units[@]} == 0)) ||
  printf '%s\0' "${units[@]}" | xargs -0 -n 1 -P "$(nproc)" clang-tidy -p build-ci --quiet 2>/dev/null
echo "nothing found"
