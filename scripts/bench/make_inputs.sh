#!/usr/bin/env bash
# Makes the benchmarks' inputs from real photos, each at its own resolution, mirrored where the photo is too small.
#   make_inputs.sh FOLDER [NAME...]
# Leaves big.tif (16384 x 16384, RGB u8, tiled), big_deflate.tif, big_lzw_strip.tif (the same, compressed), small.tif
# (8192 x 8192), huge.tif (32768 x 32768), photos (a folder of 9,000 JPEGs of about 300 x 200), squares (3,000 of 512 x
# 512), or only those that are named. Files that exist already are kept.
set -euo pipefail
folder=${1:?usage: make_inputs.sh FOLDER [NAME...]}
names=" ${*:2} "
mkdir -p "$folder"
work=$(mktemp -d -p "$folder")
trap 'rm -rf "$work"' EXIT

backgrounds=/usr/share/backgrounds
photos=(Kleiber_by_Lukas_Baubkus seeding_by_Clements_Engelhardt Dragonfly_by_Bolly sunset_by_Aitzol_Berasategi
  Bridge_by_Sander_Klootwijk Wine_by_Jakkub_Mede picosdeeuropa_by_Aitzol_Berasategi life_by_Aitzol_Berasategi
  friends_by_Aitzol_Berasategi aitzgorri_by_Aitzol_Berasategi greentock_by_Peter_Nerlich free_by_Peter_Nerlich
  mate/nature/Garden mate/nature/Wood mate/nature/TwoWings mate/nature/YellowFlower)
plain='bigtiff,strip'
tiled="tile,tile-width=256,tile-height=256,$plain"

mosaic() {  # joins the photos, 4 x 4
  [[ -e $work/mosaic.v ]] && return
  local tiles=()
  for photo in "${photos[@]}"; do
    local tile=$work/${#tiles[@]}.v
    vips colourspace "$backgrounds/$photo.jpg" "$work/photo.v" srgb
    vips gravity "$work/photo.v" "$tile" centre 4096 4096 --extend mirror
    tiles+=("$tile")
  done
  vips arrayjoin "${tiles[*]}" "$work/mosaic.v" --across 4
  rm -f "${tiles[@]}" "$work/photo.v"
}

make() {  # make NAME COMMAND...: makes NAME if it is wanted and not there yet, completely or not at all
  [[ $names == *[![:space:]]* && $names != *" $1 "* ]] && return
  [[ -e $folder/$1 ]] && return
  echo "making $1"
  if [[ $1 == *.tif ]]; then mosaic; fi
  "${@:2}"
  mv "$work/$1" "$folder/$1"
}

make big.tif vips copy "$work/mosaic.v" "$work/big.tif[$tiled]"
make big_deflate.tif vips copy "$work/mosaic.v" "$work/big_deflate.tif[$tiled,compression=deflate,predictor=horizontal]"
make big_lzw_strip.tif vips copy "$work/mosaic.v" "$work/big_lzw_strip.tif[$plain,compression=lzw,predictor=horizontal]"
make small.tif vips crop "$work/mosaic.v" "$work/small.tif[$tiled]" 4096 4096 8192 8192
make huge.tif vips replicate "$work/mosaic.v" "$work/huge.tif[$tiled]" 2 2

paths=("${photos[@]/#/$backgrounds/}")
# The distribution's Python is used because it has OpenCV.
make_photos=$(dirname "${BASH_SOURCE[0]}")/make_photos.py
make photos /usr/bin/python3 "$make_photos" "$work/photos" 9000 0 "${paths[@]/%/.jpg}"
make squares /usr/bin/python3 "$make_photos" "$work/squares" 3000 512 "${paths[@]/%/.jpg}"
