#!/usr/bin/env bash
# Makes the .deb, installs it into a fresh system of this machine's release, runs it there, and removes it.
#   tests/packaging/deb_test.sh BUILD_FOLDER
# Exit code 77: the test cannot run here. The fresh system lies in memory, within its own mount namespace, so that
# nothing of it can remain, however the test ends.
set -euo pipefail

skip() { echo "skipped: $*"; exit 77; }
fail() { echo "$*" >&2; exit 1; }

# quietly COMMAND...: runs it, and prints its output only if it fails.
quietly() {
  "$@" >"$scratch/log" 2>&1 || { tail -n 40 "$scratch/log" >&2; fail "failed: $*"; }
}

within() {
  chroot "$system" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 "$@"
}

try_in_fresh_system() {
  set -euo pipefail
  local system=$scratch/system package
  package=$(basename "$deb")
  mkdir "$system"
  mount -t tmpfs -o mode=755 haloedge "$system"
  echo "fresh system: $release"
  quietly debootstrap --variant=minbase --components="$components" "$release" "$system" "$mirror"
  mount -t proc proc "$system/proc"
  mount --bind /sys "$system/sys"
  echo force-unsafe-io >"$system/etc/dpkg/dpkg.cfg.d/in-memory"
  cp "$deb" "$scratch/zone.tif" "$system/root/"

  echo "apt install ./$package"
  quietly within apt-get install -y --no-install-recommends "/root/$package"

  echo "run it there"
  within haloedge --version
  within haloedge edges /root/zone.tif -o /root/alone.tif -q
  within mpirun -n 2 haloedge edges /root/zone.tif -o /root/two.tif -q
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
for tool in debootstrap dpkg-shlibdeps file vips; do
  command -v "$tool" >/dev/null || skip "no $tool (scripts/setup.sh package test)"
done
((EUID == 0)) || skip "only root can make a fresh system"
unshare --mount --pid --fork true 2>/dev/null || skip "no mount namespaces here"

# The mirror is the one that this machine's apt uses.
# shellcheck source=/dev/null
release=$(source /etc/os-release && echo "$VERSION_CODENAME")
# shellcheck disable=SC2016  # apt fills these in
read -r mirror < <(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Release: $release" 'Component: main') ||
  skip "apt knows no mirror of $release (apt-get update)"
# shellcheck disable=SC2016
components=$(apt-get indextargets --format '$(COMPONENT)' 'Created-By: Packages' "Release: $release" "Repo-URI: $mirror" |
  sort -u | paste -sd,)
scratch=$(mktemp -d "$build/deb_test.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
/usr/lib/apt/apt-helper -o Acquire::http::Timeout=20 -o Acquire::Retries=0 download-file \
  "${mirror%/}/dists/$release/Release" "$scratch/Release" >/dev/null 2>&1 || skip "apt's mirror of $release does not answer"

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

export scratch deb release mirror components
export -f try_in_fresh_system quietly within fail
# The command is killed with this script, and the fresh system's processes are killed with it.
setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child bash -c try_in_fresh_system
echo "installed, run and removed"
