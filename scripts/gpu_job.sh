#!/usr/bin/env bash
# The whole job on a machine with a GPU: one image, repeated to a large mosaic, filtered by the processor and by the GPU, on
# 1, 2 and 4 ranks, to Sobel's edges and to Canny's, and a video of 1080p; the outputs' bytes are compared, and the times and
# what the ranks waited for printed as one table.
# Needs nothing but a bundle (scripts/bundle.sh) or a build.
#   scripts/gpu_job.sh [--program FILE] [--mpirun FILE] [--grid RxC] [--rounds N] IMAGE.tif
set -euo pipefail

program="" mpirun="" grid=16x16 rounds=3
while (($# > 1)); do
  case $1 in
    --program) program=$2 ;;
    --mpirun) mpirun=$2 ;;
    --grid) grid=$2 ;;
    --rounds) rounds=$2 ;;
    *) break ;;
  esac
  shift 2
done
if (($# != 1)) || [[ ! -f $1 ]]; then
  echo "usage: $0 [--program FILE] [--mpirun FILE] [--grid RxC] [--rounds N] IMAGE.tif" >&2
  exit 2
fi
image=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bundle=$here/bundle/haloedge/bin
if [[ -z $program ]]; then
  program=$here/build/bin/haloedge
  [[ -x $bundle/haloedge ]] && program=$bundle/haloedge mpirun=${mpirun:-$bundle/mpirun}
fi
mpirun=${mpirun:-mpirun}
((EUID != 0)) || export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for ((tile = 0; tile < ${grid%x*} * ${grid#*x}; ++tile)); do
  ln -s "$image" "$work/$(printf 'tile_%06d.tif' "$tile")"
done

"$program" info --devices
if ! "$program" edges "$image" -o "$work/try.tif" --backend cuda -q; then
  echo "$0: there is no device to compare with" >&2
  exit 77
fi

table=()
failed=0
number() { sed -nE "s/^ {${3:-2}}\"$1\": ([0-9.e+-]+),?$/\1/p" "$2" | head -1; }
for job in edges canny; do
  options=()
  [[ $job == canny ]] && options=(--operator canny)
  for ranks in 1 2 4; do
    for backend in cpu cuda; do
      seconds=()
      for ((round = 0; round < rounds; ++round)); do
        "$mpirun" -n "$ranks" --oversubscribe --bind-to none "$program" edges "$work/tile_*.tif" --grid "$grid" \
          -o "$work/$backend.tif" --backend "$backend" --overwrite --report "$work/report.json" -q "${options[@]}"
        seconds+=("$(number seconds "$work/report.json")")
      done
      median=$(printf '%s\n' "${seconds[@]}" | sort -g | sed -n "$(((rounds + 1) / 2))p")
      waited=$(number device "$work/report.json" 4)
      table+=("$(printf '%s, %d rank(s)  %-5s %8.3f s  %10.0f Mpx/s  waiting for the device %s s (all ranks, last round)' "$job" \
        "$ranks" "$backend" "$median" "$(number megapixels_per_second "$work/report.json")" "$waited")")
    done
    if cmp "$work/cpu.tif" "$work/cuda.tif"; then
      table+=("$job, $ranks rank(s)  the same bytes")
    else
      table+=("$job, $ranks rank(s)  DIFFERENT BYTES")
      failed=1
    fi
  done
done

# Frames of noise: nothing is harder to find edges in.
frames=120 luma=$((1920 * 1080))
{
  echo "YUV4MPEG2 W1920 H1080 F60:1 C420jpeg"
  for ((frame = 0; frame < frames; ++frame)); do
    echo FRAME
    head -c $((luma * 3 / 2)) /dev/urandom
  done
} >"$work/noise.y4m"
for operator in sobel canny; do
  for backend in cpu cuda; do
    rates=()
    for ((round = 0; round < rounds; ++round)); do
      "$program" stream "$work/noise.y4m" -o "$work/$backend.y4m" --policy all --show edges --operator "$operator" \
        --backend "$backend" --overwrite --report "$work/report.json" -q
      rates+=("$(number output "$work/report.json" 4)")
    done
    median=$(printf '%s\n' "${rates[@]}" | sort -g | sed -n "$(((rounds + 1) / 2))p")
    table+=("$(printf 'stream 1080p, %s  %-5s %8.1f frames/s' "$operator" "$backend" "$median")")
  done
  if cmp "$work/cpu.y4m" "$work/cuda.y4m"; then
    table+=("stream, $operator  the same bytes")
  else
    table+=("stream, $operator  DIFFERENT BYTES")
    failed=1
  fi
done
printf '%s\n' "${table[@]}"
exit "$failed"
