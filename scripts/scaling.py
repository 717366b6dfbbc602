#!/usr/bin/env python3
"""Measures strong and weak scaling of haloedge over ranks, threads and backends, and makes tables and plots of it.

  scaling.py strong edges --bin build/bin --input world.tif -o results --ranks 1,2,4 [-- --compression deflate]
  scaling.py weak hash --bin build/bin --input photos -o results --ranks 1,2,4
  scaling.py plot results

In strong scaling, all rank counts have the same input; in weak scaling, the input grows with the ranks. With --input
world-{ranks}.tif, these are your own files. Otherwise edges reads N copies of the image, one below the other, and batch
and hash read the first N * k images of the set. Each line of RESULTS/runs.csv is a run. Runs that are there are not
repeated unless they failed. Needs Python 3.9, and matplotlib for the plots alone (`plot` may run elsewhere). In a Slurm
job, RESULTS must be on a file system that all nodes see, because inputs and outputs lie there while it measures; batch
leaves the outputs of all runs until the end. Exit codes: 0 all is well, 1 a run failed or outputs differ, 2 wrong
usage, 130 stopped.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

from scaling import environment, lanes, page, plots, table
from scaling.launch import Launcher, UsageError
from scaling.measure import Experiment, Measuring, tell_differences
from scaling.summary import groups_of


def numbers(least):
    """Returns a parser of lists of numbers, like 1,2,4, that are not less than `least`."""
    def parse(text):
        values = list(dict.fromkeys(int(word) for word in text.split(",")))
        if min(values) < least:
            raise ValueError(text)
        return values

    parse.__name__ = f"list of numbers of {least} or more, such as 1,2,4"
    return parse


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="mode", required=True, metavar="strong|weak|plot")
    for mode in ("strong", "weak"):
        command = commands.add_parser(mode, help=f"measure {mode} scaling")
        command.add_argument("command", nargs="?", default="edges", choices=("edges", "batch", "hash"))
        command.add_argument("--bin", required=True, help="the program, or the folder that it is in")
        command.add_argument("--input", required=True, nargs="+", metavar="FILE",
                             help="an input of haloedge; weak: {ranks} stands for the number of ranks")
        command.add_argument("-o", dest="folder", type=Path, required=True, metavar="RESULTS")
        command.add_argument("--ranks", type=numbers(0), default=[1, 2, 4],
                             help="numbers of ranks; 0 means without a launcher (default 1,2,4)")
        command.add_argument("--threads", type=numbers(1), default=[1], help="threads per rank (default 1)")
        command.add_argument("--backend", type=lambda text: text.split(","), default=["cpu"],
                             help="cpu,cuda,... (default cpu)")
        command.add_argument("--repeats", type=int, default=5, help="counted runs of each configuration (default 5)")
        command.add_argument("--launcher", choices=("auto", "mpirun", "srun"), default="auto",
                             help="auto: srun in a Slurm job if it has PMIx, else mpirun")
        command.add_argument("--launcher-options", default="", metavar="'...'",
                             help="more options of mpirun or srun, such as '--map-by node'")
        command.add_argument("--no-plots", action="store_true", help="make no plots; `plot` can make them later")
        command.add_argument("--timeout", type=float, default=0, metavar="SECONDS", help="stop runs that take longer")
        if mode == "weak":
            command.add_argument("--images-per-rank", type=int, default=0, metavar="K",
                                 help="images per rank of batch and hash (default: as many as --input allows)")
    plot = commands.add_parser("plot", help="draw RESULTS again from its tables")
    plot.add_argument("folder", type=Path, metavar="RESULTS")
    return parser.parse_args(arguments)


def program_of(path):
    """Returns the path of haloedge; `path` is the program or its folder."""
    program = os.path.join(path, "haloedge") if os.path.isdir(path) else path
    if not os.access(program, os.X_OK) or os.path.isdir(program):
        raise UsageError(f"--bin {path}: cannot find the program {program}")
    return os.path.abspath(program)


def experiment_of(given, options):
    for name, values in (("--repeats", [given.repeats]), ("--backend", given.backend)):
        if values[0] in ("", 0) or (name == "--repeats" and values[0] < 0):
            raise UsageError(f"{name}: must not be empty or less than 1")
    if given.command == "hash" and given.backend != ["cpu"]:
        raise UsageError("--backend: hash works on the processor only")
    launcher = Launcher(given.launcher, given.launcher_options, max(given.ranks))
    return Experiment(given.mode, given.command, program_of(given.bin), given.input, options, given.folder, launcher,
                      given.ranks, given.threads, given.backend, given.repeats, getattr(given, "images_per_rank", 0),
                      given.timeout)


def measure(experiment, arguments):
    """Measures. Returns the exit code."""
    experiment.folder.mkdir(parents=True, exist_ok=True)
    log = experiment.folder / "environment.json"
    session = environment.describe(experiment.program, experiment.launcher, arguments)
    others = {earlier["program_sha256"] for earlier in environment.read(log)} - {session["program_sha256"]}
    if others:
        raise UsageError(f"{experiment.folder} was measured with another build of haloedge: choose another -o")
    with Measuring(experiment) as measuring:
        environment.append(log, session)
        measuring.run()
    failed = [row for group in groups_of(table.read(measuring.csv)) for row in group.failures]
    if failed:
        print(f"scaling.py: {len(failed)} run(s) FAILED: see {measuring.csv}", file=sys.stderr)
    return 1 if failed else 0


def draw(folder, with_plots):
    """Makes the page and, if there is matplotlib, the plots. Returns the exit code: 1 if outputs differ."""
    rows = table.read(folder / "runs.csv")
    groups = groups_of(rows)
    figures = []
    if with_plots and plots.can_draw():
        figures = plots.draw_all(folder, groups, lanes.read(folder / "lanes.csv"))
    elif with_plots:
        print(f"scaling.py: no plots: {sys.executable} has no matplotlib. On Debian: apt install python3-matplotlib, then "
              f"/usr/bin/python3 scripts/scaling.py plot {folder}", file=sys.stderr)
    page.write(folder, groups, rows, environment.read(folder / "environment.json"), figures)
    print(f"{folder}/report.html and {len(figures)} plots")
    return 1 if tell_differences(rows) else 0


def plot(folder):
    if not (folder / "runs.csv").exists():
        raise UsageError(f"{folder}: has no runs.csv to draw")
    return max(draw(folder, True), 0 if plots.can_draw() else 1)


def main():
    arguments = sys.argv[1:]
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    given = parse(arguments[:cut])
    # Slurm sends SIGTERM when the time is over. What is done is kept, as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if given.mode == "plot":
            return plot(given.folder)
        code = measure(experiment_of(given, arguments[cut + 1:]), arguments)
        return max(code, draw(given.folder, not given.no_plots))
    except (UsageError, table.TableError, OSError) as error:
        print(f"scaling.py: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        print(f"scaling.py: stopped; {given.folder}/runs.csv keeps the finished runs; the same command continues",
              file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
