#!/usr/bin/env bash
# Installs what is missing, builds with all warnings as errors, and runs all tests but the slow ones
# (ctest --test-dir build-ci -L slow).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh build package test
cmake --preset ci
cmake --build --preset ci

echo "all tests but the slow ones (ctest --test-dir build-ci -L slow)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
result=0
ctest --preset ci "$@" | tee "$log" || result=$?

# Says ctest's "98% tests passed, 3 tests failed out of 150" in the words that programs that count tests understand.
summary=$(grep -E 'tests passed, [0-9]+ tests failed out of [0-9]+' "$log")
failed=$(sed -E 's/.*passed, ([0-9]+) tests failed.*/\1/' <<<"$summary")
total=$(sed -E 's/.*out of ([0-9]+).*/\1/' <<<"$summary")
echo
echo "$((total - failed)) passed, $failed failed"
exit "$result"
