#!/usr/bin/env bash
# Makes the files of a release: a Debian package for this machine's release of Debian or Ubuntu; a bundle, which needs
# only a C library at least as new as this machine's (scripts/bundle.sh); and SHA256SUMS, the checksums of both.
#   scripts/release.sh [--build FOLDER] [FOLDER]
#     --build FOLDER   pack what was built there; without it, what is missing is installed and the program is built
#     FOLDER           the folder to be made; release is the default
# To check a downloaded file: sha256sum --check --ignore-missing SHA256SUMS
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() { echo "usage: $0 [--build FOLDER] [FOLDER]"; }
build="" folder=""
while (($# > 0)); do
  case $1 in
    --build) build=$(realpath "${2:?--build needs a folder}"); shift 2 ;;
    --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) [[ -z $folder ]] || { usage >&2; exit 2; }; folder=$(realpath -m "$1"); shift ;;
  esac
done
folder=${folder:-$root/release}
[[ ! -e $folder ]] || { echo "$0: $folder already exists: remove it, or name another folder" >&2; exit 1; }
if [[ -z $build ]]; then
  build=$root/build
  cd "$root"
  scripts/setup.sh build package
  command -v orted >/dev/null || { echo "$0: bundles need Open MPI 4, but orted is not in PATH" >&2; exit 1; }
  cmake --preset release
  cmake --build --preset release
elif [[ ! -f $build/CPackConfig.cmake || ! -x $build/bin/haloedge ]]; then
  echo "$0: $build is not a folder in which haloedge was built" >&2
  exit 1
fi

work=$(mktemp -d "$build/release.XXXXXX")
trap 'rm -rf "$work"' EXIT
cpack --config "$build/CPackConfig.cmake" -B "$work/cpack"
deb=$(find "$work/cpack" -maxdepth 1 -name 'haloedge_*.deb')
version=$(dpkg-deb -f "$deb" Version)
# shellcheck source=/dev/null
distribution=$(source /etc/os-release && echo "$ID$VERSION_ID")
"$root/scripts/bundle.sh" --program "$build/bin/haloedge" "$work/haloedge-$version-linux-$(uname -m)"

mkdir "$work/release"
mv "$deb" "$work/release/haloedge-$version-$distribution-$(dpkg-deb -f "$deb" Architecture).deb"
mv "$work"/haloedge-*.tar.gz "$work/release/"
(cd "$work/release" && sha256sum -- * >../SHA256SUMS && mv ../SHA256SUMS .)
mkdir -p "$(dirname "$folder")"
mv "$work/release" "$folder"
echo "$folder:"
ls -sh "$folder"
