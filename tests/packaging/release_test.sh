#!/usr/bin/env bash
# Makes a release of the program that was built, checks the names and checksums of its files, and runs what is in them.
#   tests/packaging/release_test.sh BUILD_FOLDER
# Exit code 77: the test cannot run here.
set -euo pipefail
# shellcheck source=tests/packaging/fresh_system.sh
source "$(dirname "${BASH_SOURCE[0]}")/fresh_system.sh"

(($# == 1)) || fail "usage: $0 BUILD_FOLDER"
build=$(realpath "$1")
release=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../scripts/release.sh")
command -v dpkg-shlibdeps >/dev/null || skip "no dpkg-shlibdeps (scripts/setup.sh package)"
command -v orted >/dev/null || skip "bundles need Open MPI 4, which has orted"
# expect_error TEXT: fails if the last error does not have the text.
expect_error() { grep -q "$1" "$scratch/error" || fail "the error is not '$1' but '$(<"$scratch/error")'"; }

scratch=$(mktemp -d "$build/release_test.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

quietly "$release" --build "$build" "$scratch/release"
cd "$scratch/release"
sha256sum --check --strict SHA256SUMS
version=$("$build/bin/haloedge" --version | sed -n 's/^haloedge //p')
expected="SHA256SUMS haloedge-$version-linux-$(uname -m).tar.gz haloedge-$version-$(. /etc/os-release && echo "$ID$VERSION_ID")-$(dpkg --print-architecture).deb"
[[ $(printf '%s\n' * | sort) == "$(tr ' ' '\n' <<<"$expected" | sort)" ]] || fail "the release has $(ls)"

mkdir "$scratch/deb" "$scratch/bundle"
dpkg-deb -x ./*.deb "$scratch/deb"
tar -C "$scratch/bundle" -xzf ./*.tar.gz
for program in "$scratch/deb/usr" "$scratch"/bundle/haloedge-"$version"-*; do
  [[ $("$program/bin/haloedge" --version | head -n 1) == "haloedge $version" ]] || fail "$program is not version $version"
done

if "$release" --build "$build" "$scratch/release" 2>"$scratch/error"; then fail "a release was written over"; fi
expect_error 'already exists'
if "$release" --build "$scratch" "$scratch/other" 2>"$scratch/error"; then fail "a folder without a build was packed"; fi
expect_error 'is not a folder in which haloedge was built'
echo "released"
