# shellcheck shell=bash
# The job scripts of this folder source this file. It sources the file that HALOEDGE_SITE names, or else
# /etc/haloedge/site.sh, if there is one: the place to load your cluster's modules. It uses the variables
#   HALOEDGE   the program. Default: the one in PATH, else the one built or installed beside this folder
#   LAUNCHER   srun or mpirun. Default: srun if Slurm supports PMIx, which Open MPI needs, else mpirun
#   STAGE      a folder on each node's own disk, such as /tmp. The input is copied there first, on every node.
#              If there is one node, the output is also made there and copied back at the end. With several nodes, all
#              ranks write into one file, which must be on a shared file system. haloedge reads every byte once: staging
#              pays only if the shared file system is slow with small or scattered reads
#   MAX_RESTARTS  how often a job may put itself back into the queue (default 100)
set -euo pipefail

fail() {
  echo "$SLURM_JOB_NAME: $*" >&2
  exit 2
}

site=${HALOEDGE_SITE:-/etc/haloedge/site.sh}
# shellcheck source=/dev/null
[[ ! -f $site ]] || source "$site"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [[ -z ${HALOEDGE:-} ]]; then
  for HALOEDGE in "$(command -v haloedge || true)" "$here/../build/bin/haloedge" "$here/../../../bin/haloedge"; do
    [[ -f $HALOEDGE && -x $HALOEDGE ]] && break
  done
fi
[[ -f $HALOEDGE && -x $HALOEDGE ]] || fail "haloedge is neither in PATH nor beside $here: build it, or set HALOEDGE to the program"

if [[ -z ${LAUNCHER:-} ]]; then
  LAUNCHER=mpirun
  if srun --mpi=list 2>&1 | grep -q pmix; then LAUNCHER=srun; fi
fi

# With the other kinds of fence, a rank may get messages from a rank that is ahead of it. With Slurm 22.05 and Open MPI
# 4.1 on four nodes, one in forty starts then died in MPI_Init (like open-mpi/ompi issue 12495); with this kind, none of
# 210 did.
export SLURM_PMIX_FENCE=${SLURM_PMIX_FENCE:-ring}

threads=${SLURM_CPUS_PER_TASK:-1}
: "${SLURM_NTASKS:=$((SLURM_NNODES * ${SLURM_NTASKS_PER_NODE:-1}))}"  # older versions of Slurm do not set it
# In a job array, SLURM_JOB_ID may stand for one task or for all tasks.
job=${SLURM_ARRAY_JOB_ID:+${SLURM_ARRAY_JOB_ID}_}${SLURM_ARRAY_TASK_ID:-$SLURM_JOB_ID}

# check_arguments USAGE ARGUMENTS...: fails unless INPUT and OUTPUT come first, and then options.
check_arguments() {
  local usage=$1
  shift
  (($# >= 2)) || fail "usage: sbatch $usage"
  [[ $1 != -* && $2 != -* ]] || fail "INPUT and OUTPUT come first, without an option: sbatch $usage"
  (($# == 2)) || [[ $3 == -* ]] || fail "'$3' is a third name: quote patterns and names with spaces: sbatch $usage"
}

# record_run OUTPUT: sets `final` to the whole path of OUTPUT, and `results` to the beginning of the names of this
# start's reports beside it. Records there what a result depends on: where, when, and with which programs and settings.
# Slurm's token is left out, because it is secret.
record_run() {
  local name
  final=$(realpath -ms -- "${1%%:/*}")
  name=$(basename -- "$final")
  results=$(dirname "$final")/${name%.*}-$job${SLURM_RESTART_COUNT:+.$SLURM_RESTART_COUNT}
  [[ -w $(dirname "$final") ]] || mkdir -p "$(dirname "$final")" || fail "$1: cannot make the output's folder"
  {
    date --iso-8601=seconds
    echo "launcher: $LAUNCHER"
    srun --version
    "$HALOEDGE" --version
    echo "modules: ${LOADEDMODULES:-none}"
    env | grep -E '^(SLURM|OMPI|PMIX|OMP|UCX|CUDA)_' | grep -v '^SLURM_JWT=' | sort
  } >"$results.txt"
}

# run_ranks ARGUMENTS...: runs haloedge on all ranks, with the threads and memory that Slurm gave each rank, unless
# ARGUMENTS say otherwise. Passes on signals that this script gets, and sets `code` to the exit code.
run_ranks() {
  [[ " $* " != *" --overwrite "* ]] || fail "--overwrite would start over after each \
restart. Remove the output instead (of one image, also .NAME.partial and .NAME.run beside it)"
  local arguments=("$@") memory=$((${SLURM_MEM_PER_CPU:-0} * threads)) ranks
  # A quarter is left to MPI and libraries, because Slurm kills a job that takes more than its memory.
  if ((memory == 0)); then memory=$((${SLURM_MEM_PER_NODE:-0} / (SLURM_NTASKS / SLURM_NNODES))); fi
  [[ " $* " == *" --threads"* ]] || arguments+=(--threads "$threads")
  [[ " $* " == *" --memory"* ]] || ((memory == 0)) || arguments+=(--memory "$((memory * 3 / 4))M")

  # mpirun would bind a rank to one core. It also starts one process per node by srun, which would get only the GPUs of
  # one rank.
  local command=(mpirun -n "$SLURM_NTASKS" --bind-to none)
  if [[ -n ${SLURM_GPUS_ON_NODE:-} ]]; then
    command=(env -u SLURM_GPUS_PER_TASK SLURM_GPUS_PER_NODE="$SLURM_GPUS_ON_NODE" "${command[@]}")
  fi
  if [[ $LAUNCHER == srun ]]; then
    # srun does not take --cpus-per-task from the job. A rank that has ended must not end the others.
    command=(srun --mpi=pmix --cpus-per-task="$threads" --kill-on-bad-exit=0)
  fi
  "${command[@]}" "$HALOEDGE" "${arguments[@]}" &
  ranks=$!
  trap 'kill -USR1 "$ranks"' USR1
  trap 'kill -TERM "$ranks"' TERM
  # A signal ends `wait` but not the ranks.
  while kill -0 "$ranks" 2>/dev/null; do wait "$ranks" || true; done
  code=0
  wait "$ranks" || code=$?
}

# resume_option OUTPUT: prints --resume for a job that was started before. Other jobs fail if the output exists, because
# it may have been made with other options.
resume_option() {
  local file=${1%%:/*}
  if ((${SLURM_RESTART_COUNT:-0} > 0)) || [[ -e $(dirname "$file")/.$(basename "$file").run ]]; then echo --resume; fi
}

# Ends this script with the ranks' exit code. If the ranks stopped in good order (75) because the time is nearly over,
# the job goes back into the queue and will continue with --resume, unless it is being cancelled.
end_job() {
  local restarts=${SLURM_RESTART_COUNT:-0}
  if ((code == 75)) && scontrol show job "$job" | grep -q 'JobState=RUNNING'; then
    if ((restarts >= ${MAX_RESTARTS:-100})); then
      echo "$SLURM_JOB_NAME: not queued again after $restarts restarts (MAX_RESTARTS); the same sbatch command continues it" >&2
    elif scontrol requeue "$job"; then
      echo "$SLURM_JOB_NAME: stopped in good order; job $job is in the queue again and will continue"
    else
      echo "$SLURM_JOB_NAME: stopped in good order, but cannot be requeued: the same sbatch command continues it" >&2
    fi
  fi
  exit "$code"
}

# On one node, srun is not used, because it would refuse while the job is being cancelled.
on_every_node() {
  if ((SLURM_NNODES == 1)); then
    "$@"
  else
    srun --nodes="$SLURM_NNODES" --ntasks="$SLURM_NNODES" --ntasks-per-node=1 --cpus-per-task=1 "$@"
  fi
}

# Prints the names of the output and of what a stopped run keeps beside it.
with_state() {
  local name
  name=$(basename "$final")
  printf '%s\n' "$name" ".$name.partial" ".$name.run"
}

# Makes an empty folder `stage` on this node for job `job`, unless another job that still runs has one of this name. The
# same job may have been here before, and a job that was killed may have left a folder.
claim_stage() {
  local owner=""
  [[ ! -e $1/owner ]] || owner=$(<"$1/owner")
  if [[ -n $owner && $owner != "$2" && -n $(squeue --noheader --job "$owner" 2>/dev/null) ]]; then
    echo "$(hostname): job $owner makes the same output, and uses $1" >&2
    return 1
  fi
  rm -rf "$1" && mkdir -p "$1/in" "$1/out" && echo "$2" >"$1/owner"
}
export -f claim_stage

# Copies the input below STAGE, if that is set, and sets `input` and `output` to their names there. Both may name a
# dataset: file.h5:/path. The names are those of the output and do not depend on the job, because the journal of a set
# contains the names of its images, which another job finds by them.
stage_in() {
  [[ -n ${STAGE:-} ]] || return 0
  [[ $input != @* ]] || fail "STAGE does not copy the files of a list: name a folder, or unset STAGE"
  local source=${input%%:/*} name
  local files=("$source")
  [[ -e $source ]] || mapfile -t files < <(compgen -G "$source")
  ((${#files[@]})) || fail "$source: this input does not exist"
  stage=$STAGE/haloedge-$(id -un)-$(cksum <<<"$final" | cut -d ' ' -f 1)
  # shellcheck disable=SC2016  # expanded by the shell on each node
  on_every_node bash -c 'claim_stage "$@"' - "$stage" "$SLURM_JOB_ID" || fail "cannot use $stage on every node"
  trap 'on_every_node rm -rf "$stage"' EXIT
  on_every_node cp -rL --preserve=timestamps -t "$stage/in" -- "${files[@]}"
  input=$stage/in/$(basename "$source")${input#"$source"}

  ((SLURM_NNODES == 1)) || return 0
  while read -r name; do
    if [[ -e $(dirname "$final")/$name ]]; then cp -r "$(dirname "$final")/$name" "$stage/out/"; fi
  done < <(with_state)
  output=$stage/out/$(basename "$final")${output#"${output%%:/*}"}
}

# Copies back what was made on the node's own disk, one file or folder at a time. Each is complete when it appears.
copy_back() {
  local name folder
  folder=$(dirname "$final")
  while read -r name; do
    rm -rf "$folder/.$name.copy"
    if [[ -e $stage/out/$name ]]; then cp -r "$stage/out/$name" "$folder/.$name.copy"; fi
    rm -rf "${folder:?}/$name"
    if [[ -e $folder/.$name.copy ]]; then mv "$folder/.$name.copy" "$folder/$name"; fi
  done < <(with_state)
}

# Undoes stage_in() before the job ends.
stage_out() {
  [[ -n ${STAGE:-} ]] || return 0
  ((SLURM_NNODES > 1)) || copy_back
  on_every_node rm -rf "$stage"
  trap - EXIT
}

# Prints 1,2,4,... up to the number of ranks of this job.
rank_counts() {
  local ranks=1 counts=1
  while ((ranks *= 2, ranks <= SLURM_NTASKS)); do counts+=,$ranks; done
  echo "$counts"
}
