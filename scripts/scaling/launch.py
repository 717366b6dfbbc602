"""Chooses how ranks are started: by srun if Slurm has PMIx, otherwise by mpirun. With 0 ranks, there is no launcher."""

import os
import shlex
import shutil
import subprocess


class UsageError(Exception):
    """An error that the user can correct: it is reported in one line, with exit code 2."""


def choose(launcher):
    """Returns the launcher; for auto, it is srun or mpirun."""
    if launcher != "auto":
        return launcher
    if "SLURM_JOB_ID" in os.environ and shutil.which("srun"):
        kinds = subprocess.run(["srun", "--mpi=list"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if "pmix" in kinds.stdout + kinds.stderr:
            return "srun"
    return "mpirun"


def cores_at_hand():
    """Returns the number of cores of all nodes of a Slurm job, or of those that this process may run on."""
    here = len(os.sched_getaffinity(0))
    if "SLURM_JOB_ID" not in os.environ:
        return here
    per_node = os.environ.get("SLURM_CPUS_ON_NODE", "")
    return int(os.environ.get("SLURM_JOB_NUM_NODES", "1")) * (int(per_node) if per_node.isdigit() else here)


class Launcher:
    """Provides the words before `haloedge` for a number of ranks, and the environment that they need."""

    def __init__(self, name, more_options, most_ranks):
        self.name = choose(name)
        self.more_options = shlex.split(more_options)
        self.cores = cores_at_hand()
        if most_ranks > 0 and not shutil.which(self.name):
            raise UsageError(f"{self.name} is not on the PATH: load your MPI module, or measure only --ranks 0")

    def words(self, ranks, threads):
        if ranks == 0:
            return []
        if self.name == "srun":
            return ["srun", "--mpi=pmix", "-n", str(ranks), "-c", str(threads), *self.more_options]
        words = ["mpirun", "-n", str(ranks)]
        # By default mpirun binds few ranks to a core each, but many to a socket each. All points of a line need the
        # same binding.
        if "--bind-to" not in self.more_options:
            words += ["--bind-to", "none"]
        if ranks > self.cores:
            words.append("--oversubscribe")
        return words + self.more_options

    @staticmethod
    def environment():
        """Returns the environment. For root, it has two variables without which mpirun refuses to run."""
        root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"} if os.geteuid() == 0 else {}
        return {**os.environ, **root}
