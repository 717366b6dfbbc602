#!/usr/bin/env bash
# Makes the .deb, installs it into a fresh system of this machine's release, runs it there, and removes it.
#   tests/packaging/deb_test.sh BUILD_FOLDER
# Exit code 77: the test cannot run here.
set -euo pipefail
# shellcheck source=tests/packaging/fresh_system.sh
source "$(dirname "${BASH_SOURCE[0]}")/fresh_system.sh"

try_in_fresh_system() {
  local package
  package=$(basename "$deb")
  make_fresh_system "$release"
  cp "$deb" "$scratch/zone.tif" "$system/root/"

  echo "apt install ./$package"
  quietly within apt-get install -y --no-install-recommends "/root/$package"

  echo "run it there"
  within haloedge --version
  within haloedge edges /root/zone.tif -o /root/alone.tif -q
  within mpirun -n 2 --oversubscribe haloedge edges /root/zone.tif -o /root/two.tif -q
  for output in alone two; do
    cmp "$scratch/expected.tif" "$system/root/$output.tif" || fail "$output.tif is not what the same program wrote outside"
  done
  within gzip -t /usr/share/man/man1/haloedge.1.gz
  within bash -c 'source /usr/share/bash-completion/completions/haloedge && complete -p haloedge'
  within test -x /usr/share/haloedge/slurm/edges.sbatch
  within test -f /usr/share/haloedge/slurm/common.sh
  within test -x /usr/share/haloedge/scripts/plot_scores.py
  within test -x /usr/share/haloedge/scripts/scaling.py
  within grep -q common-licenses/Apache-2.0 /usr/share/doc/haloedge/copyright
  within test -e /usr/share/common-licenses/Apache-2.0
  (cd "$system" && quietly md5sum -c var/lib/dpkg/info/haloedge.md5sums)

  echo "apt purge haloedge"
  quietly within apt-get purge -y haloedge
  local left
  left=$(find "$system"/{etc,opt,usr,var/lib/dpkg} -iname '*haloedge*')
  [[ -z $left ]] || fail "left behind: $left"
  within mpirun --version >/dev/null || fail "with haloedge went Open MPI, which others may use"
}

(($# == 1)) || fail "usage: $0 BUILD_FOLDER"
build=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
[[ -f $build/CPackConfig.cmake ]] || fail "$build is no build folder of haloedge"
needs debootstrap dpkg-shlibdeps file vips
scratch=$(mktemp -d "$build/deb_test.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=/dev/null
release=$(source /etc/os-release && echo "$VERSION_CODENAME")
find_mirror "$release"

echo "make the package, as a user whose files nobody else may read"
(umask 077 && quietly cpack --config "$build/CPackConfig.cmake" -B "$scratch")
deb=$(find "$scratch" -maxdepth 1 -name 'haloedge_*.deb')
unusual=$(dpkg-deb -c "$deb" | grep -vE '^(drwxr-xr-x|-rwxr-xr-x|-rw-r--r--) root/root ' || true)
[[ -z $unusual ]] || fail "unusual modes or owners: $unusual"
[[ $(dpkg-deb -f "$deb" Version) == "$(dpkg-parsechangelog -l scripts/packaging/debian/changelog -S Version)" ]] ||
  fail "scripts/packaging/debian/changelog does not begin with $(dpkg-deb -f "$deb" Version), the version in CMakeLists.txt"
depends=$(dpkg-deb -f "$deb" Depends)
echo "needs $depends"
[[ $depends != *cuda* ]] || fail "CUDA's runtime is to be within the program, so that nodes without GPUs do not need it"
vips zone "$scratch/zone.tif[tile]" 1800 1400 --uchar
"$build/bin/haloedge" edges "$scratch/zone.tif" -o "$scratch/expected.tif" -q

export deb release
in_own_mounts try_in_fresh_system
echo "installed, run and removed"
