"""Computes medians, speed-ups and efficiencies from rows of runs.csv."""

import statistics
from dataclasses import dataclass, field

from . import table


@dataclass
class Point:
    """One configuration, with the medians of its good runs."""

    ranks: int
    threads: int
    backend: str
    runs: int
    nodes: int
    cores: int
    wall: float
    walls: list
    job: float
    rate: float  # pixels or images a second of the process
    job_rate: float  # of the job alone, without the start and the end of MPI
    peak_bytes: int
    phases: dict  # mean seconds of a thread, in the run of median time
    idle: float  # the rest of the job of that run
    around: float  # and the rest of its process: the start and end of the launcher and MPI
    speedup: float = 0
    job_speedup: float = 0
    efficiency: float = 0

    @property
    def processes(self):
        return max(self.ranks, 1)


@dataclass
class Line:
    """Points along one axis, in growing order, which are compared with the first of them."""

    name: str
    axis: str  # ranks or threads
    points: list = field(default_factory=list)

    def sizes(self):
        return [point.processes if self.axis == "ranks" else point.threads for point in self.points]


@dataclass
class Group:
    """All runs of one mode and command."""

    mode: str
    command: str
    unit: str  # Mpx or images
    inputs: list
    options: str
    lines: list
    failures: list  # rows of runs that never succeeded

    @property
    def points(self):
        return [point for line in self.lines for point in line.points]


def groups_of(rows):
    """Returns the groups in the order of their first rows."""
    found = {}
    for row in rows:
        found.setdefault((row["mode"], row["command"]), []).append(row)
    return [_group(*what, members) for what, members in found.items()]


def _group(mode, command, rows):
    by_configuration = {}
    for row in rows:
        by_configuration.setdefault((int(row["ranks"]), int(row["threads"]), row["backend"]), []).append(row)
    points = []
    for configuration, members in sorted(by_configuration.items()):
        good = list({table.key(row): row for row in members if table.is_usable(row)}.values())
        if good:
            points.append(_point(configuration, good))
    made = {table.key(row) for row in rows if table.is_usable(row)}
    failures = [row for row in rows if table.key(row) not in made]
    inputs = list(dict.fromkeys(row["input"] for row in rows))
    return Group(mode, command, "Mpx" if command == "edges" else "images", inputs, rows[0]["options"], _lines(points),
                 failures)


def _point(configuration, rows):
    walls = [float(row["wall_s"]) for row in rows]
    wall, job = statistics.median(walls), statistics.median(float(row["job_s"]) for row in rows)
    work = float(rows[0]["pixels"]) / 1e6 if rows[0]["pixels"] else float(rows[0]["images"])
    typical = sorted(rows, key=lambda row: float(row["wall_s"]))[(len(rows) - 1) // 2]
    phases, idle, around = _split(typical)
    return Point(*configuration, len(rows), int(typical["nodes"]), int(typical["cores"]), wall, walls, job,
                 work / wall, work / job, statistics.median(int(row["peak_bytes"]) for row in rows), phases, idle,
                 around)


def _split(row):
    """Splits a run's wall seconds into those in each phase, those that were idle, and those around the job.

    Sets have more threads than --threads says, because stages wait for each other. If the phases' seconds exceed the
    job's, they are scaled to fit.
    """
    job, threads = float(row["job_s"]), max(int(row["ranks"]), 1) * int(row["threads"])
    phases = {phase: float(row[f"{phase}_s"] or 0) / threads for phase in table.PHASES}
    busy = sum(phases.values())
    if busy > job:
        phases = {phase: seconds * job / busy for phase, seconds in phases.items()}
    return ({phase: seconds for phase, seconds in phases.items() if seconds > 0}, max(job - busy, 0.0),
            max(float(row["wall_s"]) - job, 0.0))


def _lines(points):
    """Returns a line over the ranks for each number of threads and backend.

    If there is only one rank count, returns a line over the threads for each backend. Runs without a launcher have
    their own line beside those with one.
    """
    axis = "ranks" if len({point.ranks for point in points}) > 1 else "threads"
    alone_apart = any(point.ranks == 0 for point in points) and axis == "ranks"
    lines = {}
    for point in points:
        alone = alone_apart and point.ranks == 0
        number = point.threads if axis == "ranks" else point.ranks
        name = f"{number} {'thread' if axis == 'ranks' else 'rank'}{'' if number == 1 else 's'}"
        name += f"{' a rank' if axis == 'ranks' else ''}, {point.backend}{', no launcher' if alone else ''}"
        lines.setdefault(name, Line(name, axis)).points.append(point)
    for line in lines.values():
        _compare(line, points)
    return list(lines.values())


def _compare(line, points):
    """Compares a line's points with its first point.

    A line without a launcher is compared with the first point that has a launcher, the same threads and backend.
    """
    base = line.points[0]
    if line.axis == "ranks" and base.ranks == 0:
        like = [point for point in points
                if point.ranks > 0 and (point.threads, point.backend) == (base.threads, base.backend)]
        base = like[0] if like else base
    first = base.processes if line.axis == "ranks" else base.threads
    for point, size in zip(line.points, line.sizes()):
        point.speedup = first * point.rate / base.rate
        point.job_speedup = first * point.job_rate / base.job_rate
        point.efficiency = point.speedup / size
