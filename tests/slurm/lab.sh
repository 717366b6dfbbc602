#!/usr/bin/env bash
# Runs a Slurm cluster on this machine for as long as a command runs. It has a login host with the controller, and
# virtual hosts n1, n2, ..., each with its own network, name, processes, /tmp and /dev/shm. A bridge joins them, or a
# slow link in user space.
#   lab.sh [--nodes N] [--cpus N] [--gpus N] [--link PROGRAM --delay US --rate MBIT] [COMMAND...]
#          runs COMMAND (default: a shell) on the login host and ends with its exit code, and the cluster with it.
#          --cpus, --gpus: of a node, whatever this machine has; the GPUs are only names for the scheduler
#          --link: the built link.cpp; --delay and --rate are one way
# In COMMAND, the variable LAB names the folder that all hosts share (conf, logs, work: COMMAND starts there if asked
# for TMPDIR):
#   lab.sh on HOST COMMAND...    runs COMMAND on a host
#   lab.sh kill HOST             kills the host at once, with everything that runs on it
#   lab.sh boot HOST             starts the host again, with empty disks
# Exit code 77: Slurm, or the right to make namespaces, is missing here. Everything is made inside one set of
# namespaces, on file systems in memory. Two labs therefore do not meet, and when one ends, in whatever way, the kernel
# removes all of it.
set -euo pipefail

self=$(realpath "${BASH_SOURCE[0]}")
login=10.75.0.254
address() { echo "10.75.0.${1#n}"; }

missing() {
  echo "$0: no cluster can be made here: $1" >&2
  exit 77
}

check_machine() {
  local tool
  for tool in sbatch slurmctld slurmd munged ip unshare nsenter; do
    command -v "$tool" >/dev/null || missing "'$tool' is not installed (scripts/setup.sh test installs it)"
  done
  ((EUID == 0)) || missing "only root may make namespaces"
  unshare --net --uts --mount --pid --fork true 2>/dev/null || missing "this machine does not allow new namespaces"
}

# Puts an empty file system over a folder. This repository and the working folder stay visible if they are below it.
private_folder() {
  local kept descriptor
  local -A open=()
  for kept in "${self%/tests/slurm/*}" "$PWD"; do
    [[ $kept/ == "$1"/* ]] || continue
    exec {descriptor}<"$kept"
    open[$kept]=$descriptor
  done
  mount -t tmpfs -o mode=1777 tmpfs "$1"
  for kept in "${!open[@]}"; do
    descriptor=${open[$kept]}
    mkdir -p "$kept"
    mount --no-canonicalize --bind "/proc/self/fd/$descriptor" "$kept"
    exec {descriptor}<&-
  done
}

wait_for() {
  local what=$1 try
  shift
  for ((try = 0; try < 600; ++try)); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.05
  done
  echo "$0: $what is not there after 30 s; the logs' ends:" >&2
  tail -n 20 "$LAB"/log/* >&2
  exit 1
}

write_configuration() {
  local node gpu
  cat >"$LAB/slurm.conf" <<CONF
ClusterName=lab
SlurmctldHost=login($login)
SlurmUser=root
SlurmdUser=root
# A requeued job waits for as long as credentials last; 5 s is the least.
AuthInfo=socket=$LAB/munge.sock,cred_expire=5
MpiDefault=none
# Cgroups are not used: they would be this machine's, and remain.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=10000,bf_interval=1
ReturnToService=2
StateSaveLocation=$LAB/state
SlurmdSpoolDir=/tmp/slurmd
SlurmctldPidFile=$LAB/slurmctld.pid
SlurmdPidFile=/tmp/slurmd.pid
SlurmctldLogFile=$LAB/log/slurmctld
SlurmdLogFile=$LAB/log/%h
SlurmdParameters=config_overrides
KillWait=3
SlurmdTimeout=2
TCPTimeout=1
MessageTimeout=2
GresTypes=gpu
CONF
  for ((node = 1; node <= nodes; ++node)); do
    echo "NodeName=n$node NodeAddr=$(address "n$node") CPUs=$cpus RealMemory=1000 Gres=gpu:$gpus"
    echo "$(address "n$node") n$node" >>"$LAB/hosts"
  done >>"$LAB/slurm.conf"
  echo "PartitionName=lab Nodes=ALL Default=YES State=UP" >>"$LAB/slurm.conf"
  : >"$LAB/gres.conf"
  if ((gpus > 0)); then
    for ((gpu = 0; gpu < gpus; ++gpu)); do mknod "$LAB/gpu$gpu" c 1 3; done  # like /dev/null
    echo "Name=gpu File=$LAB/gpu[0-$((gpus - 1))]" >"$LAB/gres.conf"
  fi
}

start_link() {
  local node names=(login0)
  if [[ -z $link ]]; then
    ip link add login0 type bridge
  else
    for ((node = 1; node <= nodes; ++node)); do names+=("n$node"); done
    "$link" "$delay" "$rate" "${names[@]}" >"$LAB/log/link" 2>&1 &
    wait_for "the link" ip link show "n$nodes"
  fi
  ip address add "$login/24" dev login0
  ip link set login0 up
  ip link set lo up
}

start_host() {
  local name=$1 outside
  setsid unshare --net --uts --mount --pid --fork --kill-child "$self" inside_host "$name" </dev/null >>"$LAB/log/$name" 2>&1 &
  outside=$!
  wait_for "host $name" grep -q . "/proc/$outside/task/$outside/children"
  tr -d ' ' <"/proc/$outside/task/$outside/children" >"$LAB/$name.pid"
  if ip link show "$name" >/dev/null 2>&1; then
    ip link set "$name" netns "$(<"$LAB/$name.pid")" name eth0
  else
    ip link add "$name" type veth peer name eth0 netns "$(<"$LAB/$name.pid")"
    ip link set "$name" master login0 up
  fi
}

# The first process of a host. It stays, and reaps processes that have lost their parents.
inside_host() {
  mount -t proc proc /proc
  hostname "$1"
  private_folder /dev/shm
  private_folder /tmp
  wait_for "the network of $1" ip link show eth0
  ip link set lo up
  # The hardware address is the same after every boot, because the other hosts remember it.
  ip link set eth0 address "02:00:00:00:00:$(printf %02x "${1#n}")" up
  ip address add "$(address "$1")/24" dev eth0
  slurmd
  while :; do
    sleep 3600 &
    wait $!
  done
}

# The first process of the lab.
inside_lab() {
  nodes=$1 cpus=$2 gpus=$3 link=$4 delay=$5 rate=$6
  shift 6
  trap 'exit 130' INT TERM
  mount -t tmpfs -o mode=755 tmpfs /run
  export LAB=/run/lab SLURM_CONF=/run/lab/slurm.conf
  export LAB_DELAY=$delay LAB_RATE=$rate OMPI_MCA_mpi_yield_when_idle=1  # nodes share this machine's cores
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  mkdir -p "$LAB"/{log,state,work}
  hostname login
  printf '127.0.0.1 localhost\n%s login\n' "$login" >"$LAB/hosts"
  write_configuration
  mount --bind "$LAB/hosts" /etc/hosts
  start_link

  (umask 077 && head -c 128 /dev/urandom >"$LAB/munge.key")
  munged --force --key-file="$LAB/munge.key" --socket="$LAB/munge.sock" --pid-file="$LAB/munged.pid" \
    --log-file="$LAB/log/munged" --seed-file="$LAB/munge.seed"
  slurmctld
  for ((node = 1; node <= nodes; ++node)); do start_host "n$node"; done
  wait_for "the cluster of $nodes nodes" all_idle
  TMPDIR=$LAB/work "$@" || exit
}

all_idle() { (($(sinfo --noheader --Node --states=idle --format=%N | wc -l) == nodes)); }

case ${1:-} in
  inside_lab | inside_host) "$@" ;;
  on) exec nsenter --target "$(<"$LAB/$2.pid")" --net --uts --mount --pid --wdns="$PWD" -- "${@:3}" ;;
  kill) kill -KILL "$(<"$LAB/$2.pid")" ;;
  boot) start_host "$2" ;;
  *)
    nodes=2 cpus=2 gpus=0 link="" delay=0 rate=0
    while [[ ${1:-} == --* ]]; do
      case $1 in
        --nodes) nodes=$2 ;;
        --cpus) cpus=$2 ;;
        --gpus) gpus=$2 ;;
        --link) link=$2 ;;
        --delay) delay=$2 ;;
        --rate) rate=$2 ;;
        *) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$self" >&2; exit 2 ;;
      esac
      shift 2
    done
    (($#)) || set -- "${SHELL:-/bin/bash}"
    check_machine
    exec unshare --net --uts --mount --pid --fork --kill-child --mount-proc \
      "$self" inside_lab "$nodes" "$cpus" "$gpus" "$link" "$delay" "$rate" "$@"
    ;;
esac
