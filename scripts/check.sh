#!/usr/bin/env bash
# Checks the format, the shell scripts, the Debian package, and the code with clang-tidy; fails on any finding. Needs
# the build folder that scripts/test.sh leaves.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh package check
[[ -f build-ci/compile_commands.json ]] || { echo "$0: run scripts/test.sh first" >&2; exit 1; }

mapfile -t sources < <(git ls-files 'src/*.[ch]pp' 'kernels/*.[ch]pp' 'kernels/*.cu' 'tests/*.[ch]pp')
# The benchmarks' peers are left out: they need libraries that only scripts/bench_peers.sh installs.
mapfile -t units < <(git ls-files 'src/*.cpp' 'kernels/*.cpp' 'tests/*.cpp' ':!tests/bench/peers')

echo "clang-format: ${#sources[@]} files"
clang-format --dry-run -Werror "${sources[@]}"
echo "shellcheck"
mapfile -t scripts < <(git ls-files 'scripts/*.sh' 'slurm/*' 'tests/*.sh' .ci/run)
shellcheck --external-sources "${scripts[@]}"
echo "lintian"
rm -rf build-ci/package
cpack --config build-ci/CPackConfig.cmake -B build-ci/package >/dev/null
lintian --allow-root --fail-on error,warning build-ci/package/haloedge_*.deb
echo "clang-tidy: ${#units[@]} files"
printf '%s\0' "${units[@]}" | xargs -0 -n 1 -P "$(nproc)" clang-tidy -p build-ci --quiet 2>/dev/null
echo "nothing found"
