"""Writes lanes.csv: what the threads of one run did at which time, in less detail than in its --trace.

A trace may have millions of intervals. Here the run is cut into SLICES parts of the same length, and each row has the
seconds of a slice that a thread spent in a phase. In the rest of the slice the thread was idle.
"""

import csv
import json
import os

SLICES = 160
MOST_LANES = 64  # of a run; if it has more threads, this many are kept, evenly spread
COLUMNS = ("mode", "command", "ranks", "threads", "backend", "lanes", "rank", "thread", "begin_s", "length_s", "phase",
           "busy_s")


def read(path):
    if not os.path.exists(path):
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def append(path, what, trace):
    """Adds the lanes of a trace file. `what` contains the columns that say which run it was."""
    with open(trace, encoding="utf-8") as file:
        events = [event for event in json.load(file)["traceEvents"] if event["ph"] == "X"]
    by_thread = {}
    for event in events:
        interval = (event["ts"] / 1e6, (event["ts"] + event["dur"]) / 1e6, event["name"])
        by_thread.setdefault((event["pid"], event["tid"]), []).append(interval)
    end = max((end for intervals in by_thread.values() for _, end, _ in intervals), default=0)
    new = not os.path.exists(path)
    with open(path, "a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if new:
            writer.writeheader()
        for rank, thread in _spread(sorted(by_thread)):
            pieces = own_time(by_thread[rank, thread])
            for (number, phase), busy in sorted(_sliced(pieces, end / SLICES).items()):
                writer.writerow({**what, "lanes": len(by_thread), "rank": rank, "thread": thread,
                                 "begin_s": f"{number * end / SLICES:.6f}", "length_s": f"{end / SLICES:.6f}",
                                 "phase": phase, "busy_s": f"{busy:.6f}"})


def _spread(lanes):
    if len(lanes) <= MOST_LANES:
        return lanes
    return [lanes[number * len(lanes) // MOST_LANES] for number in range(MOST_LANES)]


def own_time(intervals):
    """Returns the time that each of nested intervals, (begin, end, phase), has for itself, without inner ones."""
    pieces = []
    open_ones = []  # (end, phase), the innermost one last
    at = 0.0

    def advance(to):
        nonlocal at
        if open_ones and to > at:
            pieces.append((at, to, open_ones[-1][1]))
        at = max(at, to)

    for begin, end, phase in sorted(intervals, key=lambda interval: (interval[0], -interval[1])):
        while open_ones and open_ones[-1][0] <= begin:
            advance(open_ones[-1][0])
            open_ones.pop()
        advance(begin)
        open_ones.append((end, phase))
    while open_ones:
        advance(open_ones[-1][0])
        open_ones.pop()
    return pieces


def _sliced(pieces, length):
    """Returns the seconds by (slice, phase)."""
    seconds = {}
    for begin, end, phase in pieces:
        number = min(int(begin / length), SLICES - 1)
        while begin < end:
            stop = end if number == SLICES - 1 else min(end, (number + 1) * length)
            seconds[number, phase] = seconds.get((number, phase), 0.0) + max(stop - begin, 0.0)
            begin = max(begin, stop)
            number += 1
    return seconds
