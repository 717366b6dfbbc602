#!/usr/bin/env python3
"""Runs `haloedge score` and the Python pipeline in turn: measures whole processes, and checks that the scores agree.

    scripts/bench/scores.py --bin build/bin --data FOLDER [--rounds N] [--csv FILE]

scripts/bench/make_inputs.sh has made FOLDER; its `squares`, photos of 512 x 512, are used. Needs python3-opencv.
"""

import argparse
import csv
import os
import sqlite3
import statistics
import subprocess
import sys
import time
from pathlib import Path

PEER = Path(__file__).resolve().parents[2] / "tests" / "bench" / "peers" / "python_scores.py"
GOAL = 8
AGREEMENT = 1e-4


def programs(bin_folder, photos, data):
    def haloedge(name, *launch):
        database = data / f"scores_{name.replace(' ', '_')}.sqlite"
        threads = 1 if launch else 2
        return name, database, [*launch, bin_folder / "haloedge", "score", photos, "-o", database, "--overwrite",
                                "--quiet", "--threads", threads]

    python = data / "scores_python.sqlite"
    return [haloedge("haloedge"), haloedge("mpirun -n 2", "mpirun", "--oversubscribe", "-n", "2"),
            ("Python", python, [sys.executable, PEER, photos, python])]


def run(command):
    """Runs a command. Returns the seconds that it takes."""
    os.sync()
    if os.geteuid() == 0:
        os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    begin = time.monotonic()
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begin


def scores(database):
    with sqlite3.connect(database) as connection:
        return dict(connection.execute("SELECT path, score FROM images"))


def check(databases):
    """Checks that the worst relative difference from Python's scores is small enough."""
    right = scores(databases["Python"])
    for name, database in databases.items():
        ours = scores(database)
        if ours.keys() != right.keys():
            sys.exit(f"{name}: other images than Python's")
        worst = max(abs(ours[path] - right[path]) / max(abs(right[path]), 1e-9) for path in right)
        print(f"  {name}: {len(ours)} scores, the worst {worst:.2g} of Python's away")
        if worst > AGREEMENT:
            sys.exit("the scores are wrong")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True, help="folder of the program")
    parser.add_argument("--data", type=Path, required=True, help="folder of the inputs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--csv", type=Path, help="where the figures go")
    options = parser.parse_args()
    photos = options.data / "squares"
    all_programs = programs(options.bin, photos, options.data)
    seconds = {name: [] for name, _, _ in all_programs}
    for number in range(options.rounds + 1):
        for name, _, command in all_programs:
            taken = run(command)
            if number > 0:  # the first round fills the page cache
                seconds[name].append(taken)
    python = statistics.median(seconds["Python"])
    rows = []
    for name, _, _ in all_programs:
        median = statistics.median(seconds[name])
        print(f"  {name:12} {median:7.3f} s ({min(seconds[name]):.3f} to {max(seconds[name]):.3f})"
              f"  {python / median:5.2f} times as fast as Python (goal {GOAL})")
        rows.append({"program": name, "seconds": round(median, 4), "fastest": round(min(seconds[name]), 4),
                     "slowest": round(max(seconds[name]), 4), "runs": options.rounds,
                     "ratio": round(python / median, 3), "goal": GOAL if name == "haloedge" else ""})
    check({name: database for name, database, _ in all_programs})
    if options.csv:
        with open(options.csv, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
