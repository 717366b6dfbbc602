#!/usr/bin/env bash
# Runs the whole job on a machine with a GPU and compares the GPU's output with the processor's, byte by byte.
# One image, repeated to a mosaic, is filtered by both on several numbers of ranks, to Sobel's edges and to Canny's. A
# video of 1080p is filtered, too. Each row is printed as soon as it is known, and all rows again at the end, even if
# SIGTERM stops the script. If the variable OUT names a folder, all output is also appended to OUT/gpu_job.txt.
# The script needs bash, coreutils, and a build or a bundle (scripts/bundle.sh), which holds a copy of this script.
#   scripts/gpu_job.sh [OPTIONS] IMAGE.tif
#     --grid RxC       the mosaic repeats the image in R rows and C columns; 8x8 is the default
#     --ranks "N..."   numbers of ranks; "1 4" is the default
#     --rounds N       each row is the round of the median time among N; 1 is the default
#     --frames N       frames of the video; 120 is the default, 0 leaves the video out, and 1 is refused: it has no rate
#     --bound SECONDS  stops a program that runs longer; its row says so; 120 is the default
#     --program FILE   the haloedge to run; the default is the one of the bundle, else build/bin/haloedge
#     --mpirun FILE    the mpirun to run; the default is the one of the bundle, else the one on PATH
# Exit status: 0 if everything ran and all bytes were the same, 1 if not, 2 for a wrong command line, 77 if there is no
# device, 128 + N if signal N stopped the script.
set -uo pipefail

usage() {
  echo "usage: $0 [--grid RxC] [--ranks \"N...\"] [--rounds N] [--frames N] [--bound SECONDS] [--program FILE]" \
    "[--mpirun FILE] IMAGE.tif"
}
wrong() { echo "$0: $*" >&2; usage >&2; exit 2; }

program="" mpirun="" grid=8x8 ranks_list="1 4" rounds=1 frames=120 bound=120 image=""
while (($# > 0)); do
  case $1 in
    --help) usage; exit 0 ;;
    --program | --mpirun | --grid | --ranks | --rounds | --frames | --bound)
      (($# > 1)) || wrong "$1 needs a value"
      case $1 in
        --program) program=$2 ;;
        --mpirun) mpirun=$2 ;;
        --grid) grid=$2 ;;
        --ranks) ranks_list=$2 ;;
        --rounds) rounds=$2 ;;
        --frames) frames=$2 ;;
        --bound) bound=$2 ;;
      esac
      shift 2 ;;
    -*) wrong "unknown option $1" ;;
    *) [[ -z $image ]] || wrong "give one image only"; image=$1; shift ;;
  esac
done
[[ -f $image ]] || wrong "cannot find the image '$image'"
[[ $grid =~ ^([1-9][0-9]*)x([1-9][0-9]*)$ ]] || wrong "--grid $grid: write ROWSxCOLUMNS, such as 8x8"
tiles=$((BASH_REMATCH[1] * BASH_REMATCH[2]))
[[ $ranks_list =~ ^\ *[1-9][0-9]*(\ +[1-9][0-9]*)*\ *$ ]] || wrong "--ranks '$ranks_list': give numbers such as \"1 4\""
[[ $rounds =~ ^[1-9][0-9]*$ && $frames =~ ^(0|[2-9]|[1-9][0-9]+)$ && $bound =~ ^[1-9][0-9]*$ ]] ||
  wrong "--rounds, --frames and --bound must be whole numbers, and --frames must not be 1"
image=$(realpath "$image")

# A bundle contains this script beside its program. In a source tree, the bundle is in the folder bundle/.
here=$(cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")" && pwd)
if [[ -z $program ]]; then
  program=$here/../build/bin/haloedge
  for folder in "$here" "$here/../bundle/haloedge/bin"; do
    [[ -x $folder/haloedge && -x $folder/mpirun ]] || continue
    program=$folder/haloedge mpirun=${mpirun:-$folder/mpirun}
    break
  done
fi
[[ -x $program ]] || wrong "cannot find the program $program"
mpirun=${mpirun:-mpirun}
((EUID != 0)) || export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

work=$(mktemp -d) || exit 1
export TMPDIR=$work  # An mpirun that is killed leaves files, which are removed with the folder.
rows=() failed=0 running="" doing=""

log=/dev/null
[[ ! -d ${OUT:-} ]] || log=$OUT/gpu_job.txt

# say TEXT...: prints the texts as lines and appends them to the log, even if standard output has no reader any more.
say() { printf '%s\n' "$@" | tee -p -a "$log"; }

# row TEXT: prints a row and keeps it for the summary.
row() {
  doing=""
  rows+=("$1")
  say "$1"
}

# shellcheck disable=SC2317  # called by the trap below
finish() {
  local status=$?
  trap '' TERM INT HUP
  say "" "==== summary after $SECONDS s, exit status $status" ${rows[@]+"${rows[@]}"}
  if [[ -n $running ]]; then
    # `timeout` passes the signal on, and kills what is still there 5 seconds later.
    kill "$running" 2>/dev/null && wait "$running"
  fi
  rm -rf "$work"
}
# shellcheck disable=SC2317  # called by the traps below
stopped() {
  [[ -z $doing ]] || row "$doing  STOPPED by a signal"
  exit "$1"
}
trap finish EXIT
trap 'stopped 143' TERM
trap 'stopped 130' INT
trap 'stopped 129' HUP

# bounded COMMAND...: runs the command for at most $bound seconds; $why then says what went wrong. Its output goes to a
# file. It runs in the background, because bash handles signals only while it does not wait for a command in the
# foreground.
bounded() {
  local status=0 begin=$SECONDS
  timeout -k 5 "$bound" "$@" </dev/null >"$work/output" 2>&1 &
  running=$!
  wait "$running" || status=$?
  running="" why=""
  ((status != 0)) || return 0
  why="exit status $status"
  ((SECONDS - begin < bound)) || why="stopped after $bound s"
  local line
  while IFS= read -r line; do
    [[ $line =~ ^[-\ ]*$ ]] || why+=$'\n'"    $line"
  done <<<"$(head -n 8 "$work/output")"
  return 1
}

# number KEY [INDENTATION]: prints the first number in the report that has this key and indentation.
number() {
  local line pattern="^ {${2:-2}}\"$1\": ([0-9.e+-]+),?\$"
  while IFS= read -r line; do
    [[ $line =~ $pattern ]] && { printf '%s' "${BASH_REMATCH[1]}"; return; }
  done <"$work/report.json"
  return 1
}

# middle: sorts the lines of standard input by their first number and prints the middle one (the lower of two).
middle() { sort -g | head -n "$(((rounds + 1) / 2))" | tail -n 1; }

fail() {
  row "$1"
  failed=1
}

# compare NAME FIRST SECOND: adds a row that says whether the two files have the same bytes.
compare() {
  local difference=""
  doing="$1  comparing"
  if [[ ! -f $2 || ! -f $3 ]]; then
    fail "$1  NOT COMPARED: one output is missing"
  elif command -v cmp >/dev/null; then
    if difference=$(cmp "$2" "$3" 2>&1); then row "$1  the same bytes"; else fail "$1  DIFFERENT BYTES: $difference"; fi
  elif [[ $(sha256sum <"$2") == $(sha256sum <"$3") ]]; then
    row "$1  the same bytes"
  else
    fail "$1  DIFFERENT BYTES"
  fi
}

for ((tile = 0; tile < tiles; ++tile)); do
  ln -s "$image" "$work/tile_$(printf '%06d' "$tile").tif" || exit 1
done

say "== $(date -u '+%F %T'): $image, --grid $grid --ranks '$ranks_list' --rounds $rounds --frames $frames"
bounded "$program" info --devices || { row "haloedge info --devices FAILED: $why"; exit 1; }
devices=$(<"$work/output")
say "$devices"
if ! bounded "$program" edges "$image" -o "$work/try.tif" --backend cuda -q; then
  row "--backend cuda FAILED: $why"
  if [[ $devices =~ (^|$'\n')devices\ +none ]]; then
    row "There is no device to compare with. Run this on a machine with an NVIDIA GPU and its driver."
    row "There, nvidia-smi must list the GPU, and CUDA_VISIBLE_DEVICES must not hide it."
    exit 77
  fi
  exit 1
fi

# edges_row NAME RANKS BACKEND OPTIONS...: adds a row about `edges`.
edges_row() {
  local name=$1 ranks=$2 backend=$3 times=() round seconds rate waited
  shift 3
  doing="$name  $backend"
  rm -f "$work/$backend.tif"
  for ((round = 0; round < rounds; ++round)); do
    rm -f "$work/report.json"
    if ! bounded "$mpirun" -n "$ranks" --oversubscribe --bind-to none "$program" edges "$work/tile_*.tif" --grid "$grid" \
      -o "$work/$backend.tif" --backend "$backend" --overwrite --report "$work/report.json" -q "$@"; then
      fail "$doing  FAILED: $why"
      rm -f "$work/$backend.tif"
      return
    fi
    if ! seconds=$(number seconds) || ! rate=$(number megapixels_per_second) || ! waited=$(number device 4); then
      fail "$doing  FAILED: the report has no times"
      return
    fi
    times+=("$seconds $rate $waited")
  done
  read -r seconds rate waited <<<"$(printf '%s\n' "${times[@]}" | middle)"
  row "$(printf '%s  %-4s %8.3f s  %7.0f Mpx/s  waiting for the device %.3f s (all ranks together)' "$name" "$backend" \
    "$seconds" "$rate" "$waited")"
}

for job in edges canny; do
  options=()
  [[ $job == edges ]] || options=(--operator canny)
  for ranks in $ranks_list; do
    name="$job, $ranks rank(s)"
    for backend in cpu cuda; do
      edges_row "$name" "$ranks" "$backend" "${options[@]}"
    done
    compare "$name" "$work/cpu.tif" "$work/cuda.tif"
  done
done
rm -f "$work"/*.tif

# stream_row NAME BACKEND OPTIONS...: adds a row about `stream`.
stream_row() {
  local name=$1 backend=$2 rates=() round rate
  shift 2
  doing="$name  $backend"
  rm -f "$work/$backend.y4m"
  for ((round = 0; round < rounds; ++round)); do
    rm -f "$work/report.json"
    if ! bounded "$program" stream "$work/noise.y4m" -o "$work/$backend.y4m" --policy all --show edges \
      --backend "$backend" --overwrite --report "$work/report.json" -q "$@"; then
      fail "$doing  FAILED: $why"
      rm -f "$work/$backend.y4m"
      return
    fi
    rate=$(number output 4) || { fail "$doing  FAILED: the report has no rate"; return; }
    rates+=("$rate")
  done
  row "$(printf '%s  %-4s %8.1f frames/s' "$name" "$backend" "$(printf '%s\n' "${rates[@]}" | middle)")"
}

if ((frames > 0)); then
  # The video contains noise, in which edges are hardest to find.
  doing="making the video"
  {
    echo "YUV4MPEG2 W1920 H1080 F60:1 C420jpeg"
    for ((frame = 0; frame < frames; ++frame)); do
      echo FRAME
      head -c $((1920 * 1080 * 3 / 2)) /dev/urandom
    done
  } >"$work/noise.y4m"
  for operator in sobel canny; do
    name="stream 1080p, $operator"
    for backend in cpu cuda; do
      stream_row "$name" "$backend" --operator "$operator"
    done
    compare "$name" "$work/cpu.y4m" "$work/cuda.y4m"
  done
fi
exit "$failed"
