#!/usr/bin/env bash
# Installs what is missing, builds, and finds the edges of one large TIFF on 4 MPI ranks.
#   scripts/demo.sh [IMAGE]       IMAGE: a photo of yours; the default is a mosaic of the photos of a Debian package
# Leaves demo/: world.tif, edges.tif, run.json, and preview.png, which shows parts of both.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." && root=$PWD
image=${1:-}
[[ -z $image ]] || image=$(cd "$OLDPWD" && realpath -e "$image")

cat <<TEXT
The demo takes about 5 minutes on 2 cores, most of which is the first build; a second run takes about a minute. It needs
about 2 GB of disk space: 1.2 GB in ${TMPDIR:-/tmp} until it ends, and the rest in build/ and demo/.
TEXT

# phase TEXT COMMAND...: runs the command, and prints what it does before, and how many seconds it took after.
phase() {
  printf '\n== %s\n' "$1"
  local begin=$SECONDS
  shift
  "$@"
  printf '== %d s\n' $((SECONDS - begin))
}

build() {
  cmake --preset release
  cmake --build --preset release
}

make_world() {
  local world='demo/world.tif[tile,compression=lzw,predictor=horizontal,bigtiff]' photos tiles=() photo tile i
  if [[ -n $image ]]; then
    vips copy "$image" "$world"
    return
  fi
  mapfile -t photos < <(dpkg -L lomiri-wallpapers-20.04 | grep -E '\.(jpg|png)$')
  for i in {0..15}; do
    photo=${photos[i % ${#photos[@]}]}
    tile=$work/$i.v
    vips thumbnail "$photo" "$tile" 4000 --height 3000 --size force
    # Each photo appears more than once, in turn as it is and flipped.
    if (((i / ${#photos[@]}) % 2 == 1)); then
      vips flip "$tile" "$work/flipped.v" horizontal
      mv "$work/flipped.v" "$tile"
    fi
    tiles+=("$tile")
  done
  vips arrayjoin "${tiles[*]}" "$work/world.v" --across 4
  vips colourspace "$work/world.v" "$world" srgb
}

find_edges() {
  build/bin/haloedge info demo/world.tif
  # mpirun refuses to run as root unless both variables allow it.
  if ((EUID == 0)); then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi
  mpirun -n 4 --oversubscribe build/bin/haloedge edges demo/world.tif -o demo/edges.tif \
    --compression lzw --overwrite --report demo/run.json
}

# The whole input is shrunk. Lines are one or two pixels wide and would vanish, so the edges are shown in a part of the
# image, pixel by pixel, beside the same part of the input.
make_preview() {
  local width height side picture
  width=$(vipsheader -f width demo/world.tif) height=$(vipsheader -f height demo/world.tif)
  side=$((width < height ? width : height))
  ((side <= 640)) || side=640
  vips thumbnail demo/world.tif "$work/whole.v" 853 --height "$side"
  for picture in world edges; do
    vips crop "demo/$picture.tif" "$work/$picture.v" $(((width - side) * 16 / 25)) $(((height - side) * 39 / 100)) "$side" "$side"
  done
  for picture in whole world edges; do
    vips colourspace "$work/$picture.v" "$work/srgb.v" srgb
    vips extract_band "$work/srgb.v" "$work/$picture-rgb.v" 0 --n 3
  done
  vips join "$work/world-rgb.v" "$work/edges-rgb.v" "$work/parts.v" horizontal --shim 10
  vips join "$work/whole-rgb.v" "$work/parts.v" demo/preview.png horizontal --shim 10 --expand
}

phase "install what is missing" "$root/scripts/setup.sh" build demo
phase "build" build
mkdir -p demo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
phase "make demo/world.tif" make_world
phase "find the edges, on 4 ranks" find_edges
phase "make demo/preview.png" make_preview

cat <<TEXT

The edge map is demo/edges.tif, and the report is demo/run.json. demo/preview.png shows
the whole input, shrunk; a part of it, pixel by pixel; and the edges of this part as they are.
TEXT
