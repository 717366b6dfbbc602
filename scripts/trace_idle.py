#!/usr/bin/env python3
"""Shows from the --trace of a command over a set what the threads of each stage did, in per cent of their time.

  trace_idle.py trace.json

  stage        threads    busy    work    room  memory   other
  read               4     0.3     0.0    98.3     0.0     1.4
  write              1    87.8    11.8     0.0     0.0     0.5

The columns work, room and memory are waits for the stage before, for the next stage and for --memory. The column other
is the time before a thread's first item, between items and after the last one. At the slowest stage, waits for room end
and waits for work begin.
Needs Python 3.9. Exit codes: 0 all is well, 1 not a trace of such a command, 2 wrong usage.
"""

import argparse
import json
import sys
from pathlib import Path

from scaling import lanes

WAITS = {"work": "wait for work", "room": "wait for room", "memory": "wait for memory"}


def read(path):
    """Returns a row for each thread: its stage, its rank's time, and its intervals, (begin, end, name)."""
    with open(path, encoding="utf-8") as file:
        events = json.load(file)["traceEvents"]
    threads = {}
    ends = {}
    for event in events:
        if event["name"] == "thread_name":
            threads[event["pid"], event["tid"]] = (event["args"]["name"], [])
    if not threads:
        raise ValueError("its threads have no names")
    for event in events:
        if event["ph"] == "X":
            interval = (event["ts"], event["ts"] + event["dur"], event["name"])
            threads[event["pid"], event["tid"]][1].append(interval)
            begin, end = ends.get(event["pid"], interval[:2])
            ends[event["pid"]] = (min(begin, interval[0]), max(end, interval[1]))
    lengths = {rank: end - begin for rank, (begin, end) in ends.items()}
    return [(stage, lengths.get(rank, 0), intervals) for (rank, _), (stage, intervals) in threads.items()]


def shares(threads):
    """Returns for each stage, in order, the number of its threads and the percentages of their time."""
    stages = {}
    for stage, length, intervals in threads:
        row = stages.setdefault(stage, {"threads": 0, "length": 0, "busy": 0, **dict.fromkeys(WAITS, 0)})
        row["threads"] += 1
        row["length"] += length
        for begin, end, name in lanes.own_time(intervals):
            row[next((wait for wait, text in WAITS.items() if text == name), "busy")] += end - begin
    for row in stages.values():
        for name in ("busy", *WAITS):
            row[name] = 100 * row[name] / row["length"] if row["length"] else 0.0
        row["other"] = 100 - sum(row[name] for name in ("busy", *WAITS)) if row["length"] else 0.0
    return stages


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trace", type=Path, metavar="TRACE", help="as haloedge batch --trace writes it")
    given = parser.parse_args()
    try:
        stages = shares(read(given.trace))
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"{given.trace}: not the trace of a command over a set: {error}")
    columns = ("busy", *WAITS, "other")
    print(f"{'stage':<12}{'threads':>8}" + "".join(f"{name:>8}" for name in columns))
    for stage, row in stages.items():
        print(f"{stage:<12}{row['threads']:>8}" + "".join(f"{row[name]:>8.1f}" for name in columns))


if __name__ == "__main__":
    main()
