#!/usr/bin/env bash
# Installs what is missing on Debian 12 or 13, or Ubuntu 24.04, as root or with sudo.
#   scripts/setup.sh GROUP...     groups: build package test check demo bench scaling
set -euo pipefail

declare -A packages=(
  [build]="g++ cmake ninja-build openmpi-bin libopenmpi-dev libtiff-dev libhdf5-openmpi-dev libcli11-dev nlohmann-json3-dev
           libfmt-dev libhwy-dev libisal-dev libjpeg-dev libpng-dev libpugixml-dev libsqlite3-dev
           libwebp-dev libgif-dev libopenjp2-7-dev libheif-dev"
  [package]="dpkg-dev file gzip"
  [test]="libgtest-dev libbenchmark-dev libtiff-tools hdf5-tools gdal-bin libheif-examples libvips-tools
          debootstrap environment-modules ffmpeg lomiri-wallpapers-20.04 python3 python3-gdal python3-matplotlib
          shellcheck slurm-wlm munge iproute2"
  [check]="clang-format clang-tidy shellcheck lintian"
  [bench]="pkg-config libbenchmark-dev libvips-dev libvips-tools libopencv-dev python3-opencv python3-dask python3-scipy
           python3-skimage python3-matplotlib lomiri-wallpapers-16.04 lomiri-wallpapers-20.04 mate-backgrounds
          ffmpeg"
  [scaling]="python3 python3-matplotlib"
  [demo]="libvips-tools lomiri-wallpapers-20.04"
)

if (($# == 0)); then
  echo "usage: $0 GROUP...   groups: ${!packages[*]}" >&2
  exit 2
fi

wanted=()
for group in "$@"; do
  [[ -n "${packages[$group]:-}" ]] || { echo "$0: unknown group '$group'; groups: ${!packages[*]}" >&2; exit 2; }
  read -r -d '' -a names <<<"${packages[$group]}" || true
  wanted+=("${names[@]}")
done

if ! command -v apt-get >/dev/null; then
  echo "$0: this is not Debian or Ubuntu. Install what these packages contain, then build by hand:" "${wanted[@]}" >&2
  exit 1
fi

missing=()
for name in "${wanted[@]}"; do
  dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
done
((${#missing[@]} == 0)) && exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "$0: root or sudo is required to install:" "${missing[@]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "installing:" "${missing[@]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
