#!/usr/bin/env bash
# Installs haloedge under a prefix and loads its module there, from a copy of the module file elsewhere, and after the
# prefix has been moved: with Environment Modules, or with Lmod where MODULESHOME says that there is one.
#   tests/packaging/module_test.sh BUILD_FOLDER
# Exit code 77: the test cannot run here.
set -eo pipefail  # but not -u, which the modules' own shell functions do not support

fail() { echo "$*" >&2; exit 1; }

# loads PREFIX FOLDER: checks that the module in FOLDER adds PREFIX/bin/haloedge to the PATH and removes it again.
loads() {
  local prefix=$1 folder=$2 before=$PATH
  module use "$folder"
  module load haloedge/"$version" || fail "module load haloedge/$version failed, from $folder"
  [[ $(type -P haloedge) == "$prefix/bin/haloedge" ]] || fail "from $folder came $(type -P haloedge), not $prefix/bin/haloedge"
  haloedge --version | head -n 1
  [[ $MANPATH == "$prefix/share/man:$manuals" ]] || fail "MANPATH is $MANPATH"
  module unload haloedge
  [[ $PATH == "$before" && $MANPATH == "$manuals" ]] || fail "after module unload, PATH is $PATH, MANPATH is $MANPATH"
  module unuse "$folder"
}

(($# == 1)) || fail "usage: $0 BUILD_FOLDER"
build=$(realpath "$1")
init=${MODULESHOME:-/usr/share/modules}/init/bash
[[ -f $init ]] || { echo "skipped: no $init (scripts/setup.sh test)"; exit 77; }
# shellcheck source=/dev/null
source "$init"

scratch=$(mktemp -d "$build/module_test.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
manuals=/usr/share/man
export MANPATH=$manuals

cmake --install "$build" --prefix "$scratch/first" >/dev/null
version=$("$build/bin/haloedge" --version | sed -n 's/^haloedge //p')

loads "$scratch/first" "$scratch/first/share/modulefiles"

mkdir -p "$scratch/site/haloedge"
cp "$scratch/first/share/modulefiles/haloedge/$version" "$scratch/site/haloedge/"
loads "$scratch/first" "$scratch/site"

mv "$scratch/first" "$scratch/moved"
loads "$scratch/moved" "$scratch/moved/share/modulefiles"

unset MANPATH
module use "$scratch/moved/share/modulefiles"
module load haloedge
[[ -z ${MANPATH+set} ]] || fail "a MANPATH that began with haloedge would hide all other manual pages: $MANPATH"
echo "loaded and unloaded from its prefix, from a copy, and after a move"
