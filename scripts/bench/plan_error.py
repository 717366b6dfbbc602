#!/usr/bin/python3
"""Measures the errors of `haloedge plan`: runs `edges` on several numbers of ranks, lets `plan` predict each run from
the report of one of them (and from two), and prints predicted / measured.

    plan_error.py [--folder DIR] [--ranks 1,2,4,8] [--mpirun 'mpirun --hostfile hosts'] [--plan '--link-bandwidth 1Gb/s']

Seconds are those of whole processes, including mpirun's own: the fastest of --rounds, in which all configurations take
turns. The variant "one" is calibrated by one rank that writes for itself, "two" by that run and by one that gathers,
with as many ranks as a node has cores.
"""

import argparse
import csv
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
VARIANTS = ("one", "two")


@dataclass
class Configuration:
    compression: str
    write: str
    ranks: int
    seconds: list = field(default_factory=list)
    report: Path | None = None  # report of the fastest run
    predicted: dict = field(default_factory=dict)  # seconds, by variant
    calibrates: list = field(default_factory=list)  # the variants that are calibrated by this run

    def ratio(self, variant):
        return self.predicted[variant] / min(self.seconds)

    def error(self, variant):
        return abs(self.ratio(variant) - 1)


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, default=ROOT / "build-ci" / "bin" / "haloedge")
    parser.add_argument("--folder", type=Path, help="for input and outputs; default: a temporary one")
    parser.add_argument("--image", type=Path, help="default: big.tif of make_inputs.sh")
    parser.add_argument("--mpirun", default="mpirun --oversubscribe --bind-to none", help="starts ranks, without -n")
    parser.add_argument("--plan", default="--fs-bandwidth 100GB/s --fs-node-bandwidth 100GB/s",
                        help="more options for plan; default: files are in the page cache, never the bottleneck")
    parser.add_argument("--cores", type=int, default=os.cpu_count(), help="of a node")
    parser.add_argument("--ranks", default="1,2,4,8")
    parser.add_argument("--ranks-per-node", type=int, help="default: all ranks on one node")
    parser.add_argument("--compression", default="none,deflate")
    parser.add_argument("--write", default="parallel,gather")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--csv", type=Path, default=ROOT / "tests" / "bench" / "results" / "plan_error.csv")
    return parser.parse_args()


def timed(command):
    begin = time.monotonic()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(str(word) for word in command)}: {done.stderr}")
    return time.monotonic() - begin


def launch(args, ranks):
    return [*shlex.split(args.mpirun), "-n", ranks]


def launch_seconds(args):
    """Returns the seconds that mpirun takes by itself: the program ends before it starts MPI."""
    return min(timed([*launch(args, 1), args.program, "--version"]) for _ in range(args.rounds))


def run(args, image, configuration):
    name = f"{configuration.compression}-{configuration.write}-{configuration.ranks}"
    output = args.folder / f"{name}.tif"
    report = args.folder / f"{name}.now.json"
    seconds = timed([*launch(args, configuration.ranks), args.program, "edges", image, "-o", output, "--threads", 1, "-q",
                     "--compression", configuration.compression, "--write", configuration.write, "--report", report])
    output.unlink()
    if not configuration.seconds or seconds < min(configuration.seconds):
        configuration.report = report.replace(args.folder / f"{name}.json")
    configuration.seconds.append(seconds)


def bases(args, configurations, compression):
    """Returns the runs that calibrate each variant."""
    alike = [each for each in configurations if each.compression == compression]
    one = [each for each in alike if each.ranks == 1][:1]
    crowd = max((each.ranks for each in alike if each.ranks <= args.cores), default=1)
    more = [each for each in alike if each.ranks == crowd > 1 and each.write == "gather"]
    return {"one": one, "two": one + more}


def predict(args, image, launch_time, configuration, base):
    command = [args.program, "plan", image, "--ranks", configuration.ranks, "--threads", 1, "--cores", args.cores,
               "--ranks-per-node", min(configuration.ranks, args.ranks_per_node or configuration.ranks),
               "--compression", configuration.compression, "--write", configuration.write, "--format", "json",
               "--launch-time", f"{launch_time:.4f}s", *shlex.split(args.plan)]
    for each in base:
        command += ["--calibrate", each.report]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)["prediction"]["seconds"]


def show(configurations):
    print(f"{'compression':12}{'write':10}{'ranks':>6}{'fastest':>10}{'median':>10}"
          + "".join(f"{variant:>10}{'ratio':>8}" for variant in VARIANTS))
    for each in configurations:
        marks = "".join(f"{each.predicted[variant]:>10.2f}{each.ratio(variant):>7.2f}"
                        + ("*" if variant in each.calibrates else " ") for variant in VARIANTS)
        print(f"{each.compression:12}{each.write:10}{each.ranks:>6}{min(each.seconds):>10.2f}"
              f"{statistics.median(each.seconds):>10.2f}{marks}")
    print("* calibrated by this very run: not among the errors")
    for variant in VARIANTS:
        errors = [each.error(variant) for each in configurations if variant not in each.calibrates]
        if errors:
            print(f"{variant}: median error {statistics.median(errors):.0%}, worst {max(errors):.0%}, of {len(errors)}")


def save(path, configurations):
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["compression", "write", "ranks", "fastest_s", "median_s", "slowest_s", "rounds"]
                       + [f"{what}_{variant}" for variant in VARIANTS for what in ("predicted_s", "ratio", "calibrates")])
        for each in configurations:
            row = [each.compression, each.write, each.ranks, round(min(each.seconds), 3),
                   round(statistics.median(each.seconds), 3), round(max(each.seconds), 3), len(each.seconds)]
            for variant in VARIANTS:
                row += [round(each.predicted[variant], 3), round(each.ratio(variant), 3), int(variant in each.calibrates)]
            table.writerow(row)


def measure(args):
    image = args.image
    if image is None:
        subprocess.run([HERE / "make_inputs.sh", args.folder, "big.tif"], check=True)
        image = args.folder / "big.tif"
    configurations = [Configuration(compression, write, int(ranks)) for compression in args.compression.split(",")
                      for write in args.write.split(",") for ranks in args.ranks.split(",")]
    launch_time = launch_seconds(args)
    print(f"launch: {launch_time:.3f} s; load average {os.getloadavg()[0]:.1f} on {args.cores} core(s)")
    for _ in range(args.rounds):
        for configuration in configurations:
            run(args, image, configuration)
    for configuration in configurations:
        for variant, base in bases(args, configurations, configuration.compression).items():
            configuration.predicted[variant] = predict(args, image, launch_time, configuration, base)
            if configuration in base:
                configuration.calibrates.append(variant)
    show(configurations)
    save(args.csv, configurations)


def main():
    args = options()
    if args.folder is not None:
        args.folder.mkdir(parents=True, exist_ok=True)
        measure(args)
        return
    with tempfile.TemporaryDirectory() as folder:
        args.folder = Path(folder)
        measure(args)


if __name__ == "__main__":
    main()
