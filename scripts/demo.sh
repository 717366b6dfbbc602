#!/usr/bin/env bash
# Installs what is missing, builds, and finds the edges of one large TIFF on 4 MPI ranks.
#   scripts/demo.sh [IMAGE]       IMAGE: a photo of yours; the default is a mosaic of the photos of a Debian package
# Leaves demo/: world.tif, edges.tif, run.json, and preview.png with both side by side.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." && root=$PWD
image=${1:-}
[[ -z $image ]] || image=$(cd "$OLDPWD" && realpath -e "$image")

"$root/scripts/setup.sh" build demo
cmake --preset release
cmake --build --preset release -j "$(nproc)"

mkdir -p demo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [[ -n $image ]]; then
  vips copy "$image" 'demo/world.tif[tile,compression=lzw,predictor=horizontal,bigtiff]'
else
  mapfile -t photos < <(dpkg -L lomiri-wallpapers-20.04 | grep -E '\.(jpg|png)$')
  tiles=()
  for i in {0..15}; do
    photo=${photos[i % ${#photos[@]}]}
    tile=$work/$i.v
    vips thumbnail "$photo" "$tile" 4000 --height 3000 --size force
    # Each photo appears more than once, in turn as it is and flipped.
    (((i / ${#photos[@]}) % 2 == 0)) || { vips flip "$tile" "$work/$i-flipped.v" horizontal; tile=$work/$i-flipped.v; }
    tiles+=("$tile")
  done
  vips arrayjoin "${tiles[*]}" "$work/world.v" --across 4
  vips colourspace "$work/world.v" 'demo/world.tif[tile,compression=lzw,predictor=horizontal,bigtiff]' srgb
fi

# mpirun refuses to run as root unless both variables allow it.
if ((EUID == 0)); then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi

build/bin/haloedge info demo/world.tif
echo
mpirun -n 4 --oversubscribe build/bin/haloedge edges demo/world.tif -o demo/edges.tif \
  --compression lzw --overwrite --report demo/run.json

vips thumbnail demo/world.tif "$work/in.v" 1000
vips thumbnail demo/edges.tif "$work/shrunk.v" 1000
# Thin lines become pale when they shrink, so they are made brighter.
vips linear "$work/shrunk.v" "$work/out.v" 3 0 --uchar
vips colourspace "$work/out.v" "$work/out-rgb.v" srgb
vips extract_band "$work/in.v" "$work/in-rgb.v" 0 --n 3
vips arrayjoin "$work/in-rgb.v $work/out-rgb.v" demo/preview.png --across 2 --shim 10

cat <<TEXT

The edge map is demo/edges.tif, the whole report demo/run.json, and
a picture of input and edges side by side demo/preview.png.
TEXT
