#!/usr/bin/env bash
# Functions for tests that run the program in a system of their own, below $system. That system lies in memory, within
# a mount namespace of its own, so that nothing of it can remain, however the test ends. Tests source this file, and
# make $scratch, a folder.

skip() { echo "skipped: $*"; exit 77; }
fail() { echo "$*" >&2; exit 1; }

# needs TOOL...: skips the test if a tool is missing, or if this user cannot make a system.
needs() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || skip "no $tool (scripts/setup.sh build package test)"
  done
  ((EUID == 0)) || skip "only root can change its root folder"
  unshare --mount --pid --fork true 2>/dev/null || skip "no mount namespaces here"
}

# quietly COMMAND...: runs it, and prints its output only if it fails.
quietly() {
  "$@" >"$scratch/log" 2>&1 || { tail -n 40 "$scratch/log" >&2; fail "failed: $*"; }
}

# within COMMAND...: runs it in the system.
within() {
  chroot "$system" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "$@"
}

# find_mirror RELEASE: sets mirror and components to those that this machine's apt uses, and skips the test if the
# mirror does not have the release.
find_mirror() {
  local own
  # shellcheck source=/dev/null
  own=$(source /etc/os-release && echo "$VERSION_CODENAME")
  # shellcheck disable=SC2016  # apt fills these in
  read -r mirror < <(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Release: $own" 'Component: main') ||
    skip "apt knows no mirror of $own (apt-get update)"
  # shellcheck disable=SC2016
  components=$(apt-get indextargets --format '$(COMPONENT)' 'Created-By: Packages' "Release: $own" "Repo-URI: $mirror" |
    sort -u | paste -sd,)
  /usr/lib/apt/apt-helper -o Acquire::http::Timeout=20 -o Acquire::Retries=0 download-file \
    "${mirror%/}/dists/$1/Release" "$scratch/Release" >/dev/null 2>&1 || skip "apt's mirror does not answer, or has no $1"
  export mirror components
}

# make_fresh_system RELEASE: installs the smallest system of that release. Only within in_own_mounts.
make_fresh_system() {
  mkdir "$system"
  mount -t tmpfs -o mode=755 haloedge "$system"
  echo "fresh system: $1"
  quietly debootstrap --variant=minbase --components="$components" "$1" "$system" "$mirror"
  mount -t proc proc "$system/proc"
  mount --bind /sys "$system/sys"
  echo force-unsafe-io >"$system/etc/dpkg/dpkg.cfg.d/in-memory"
}

# in_own_mounts FUNCTION: runs it in namespaces of its own. It is killed with this script, and the processes in the
# system are killed with it. It sees the exported variables.
in_own_mounts() {
  local functions
  mapfile -t functions < <(compgen -A function)
  export scratch system=$scratch/system
  export -f "${functions[@]}"
  setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child bash -euo pipefail -c "$1"
}
