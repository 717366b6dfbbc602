"""Runs every configuration in turn and records its times."""

import datetime
import glob
import hashlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from . import environment, lanes, table
from .inputs import make_inputs
from .launch import UsageError

TIMED_OUT = 124
TILE_GRANULE = 16  # the heights of tiles are multiples of it
OUTPUTS = {"edges": "edges.tif", "hash": "hashes.csv", "batch": "edges"}


@dataclass(frozen=True)
class Configuration:
    ranks: int
    threads: int
    backend: str

    def __str__(self):
        return f"{self.ranks} rank(s) x {self.threads} thread(s), {self.backend}"


@dataclass
class Experiment:
    """The arguments of `strong` or `weak`."""

    mode: str
    command: str
    program: str
    given: list  # --input
    options: list  # further options of haloedge
    folder: Path
    launcher: object
    rank_counts: list
    thread_counts: list
    backends: list
    repeats: int
    images_per_rank: int
    timeout: float

    @property
    def configurations(self):
        return [Configuration(*parts)
                for parts in itertools.product(self.rank_counts, self.thread_counts, self.backends)]


class Measuring:
    """The runs of one experiment, as a context manager. The folder `work` has its files and is removed at the end."""

    def __init__(self, experiment):
        self.experiment = experiment
        self.csv = experiment.folder / "runs.csv"
        self.work = experiment.folder / "work"

    def __enter__(self):
        given = self.experiment
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        try:
            self.inputs = make_inputs(given.mode, given.command, given.given, given.rank_counts, given.images_per_rank,
                                      str(self.work))
            self._check_same_experiment(table.read(self.csv))
        except BaseException:
            shutil.rmtree(self.work)
            raise
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.work)

    def run(self):
        """Makes the runs that runs.csv lacks: A, B, C, A, B, C, ..., so that noise affects all in the same way."""
        given = self.experiment
        done = {table.key(row) for row in table.read(self.csv) if table.is_usable(row)}
        missing = [(repeat, configuration) for repeat in range(1, given.repeats + 1)
                   for configuration in given.configurations if self._key(configuration, repeat) not in done]
        print(f"{len(missing)} run(s) to make; {len(done)} successful run(s) are in {self.csv}", flush=True)
        self._warm_up([configuration for _, configuration in missing])
        for number, (repeat, configuration) in enumerate(missing, 1):
            row = self._measure(configuration, repeat)
            table.append(self.csv, row)
            self._tell(f"{number}/{len(missing)}", configuration, repeat, row)
        if given.command == "edges":
            self._trace()

    def _key(self, configuration, repeat):
        given = self.experiment
        return table.key({"mode": given.mode, "command": given.command, **vars(configuration), "repeat": repeat})

    def _check_same_experiment(self, rows):
        """Refuses to measure with another input or other options, because points of one line must be comparable."""
        given = self.experiment
        labels = {str(ranks): source.label for ranks, source in self.inputs.items()}
        for row in rows:
            if (row["mode"], row["command"]) != (given.mode, given.command):
                continue
            here = (labels.get(row["ranks"], row["input"]), " ".join(given.options))
            if (row["input"], row["options"]) != here:
                raise UsageError(f"{self.csv} has {given.mode} {given.command} of '{row['input']}' with options "
                                 f"'{row['options']}', not '{here[0]}' with '{here[1]}': choose another -o")

    def _warm_up(self, configurations):
        """Runs each input once to fill the page cache; this run is not counted."""
        firsts = {self.inputs[configuration.ranks].words: configuration for configuration in reversed(configurations)}
        for configuration in firsts.values():
            row = self._measure(configuration, 0)
            self._tell("warm-up", configuration, 0, row)
            if self.experiment.mode == "strong" and self.experiment.command == "edges" and table.is_usable(row):
                self._check_tiles(int(row["rows"]), int(row["tile_rows"]))

    def _check_tiles(self, rows, tile_rows):
        """Refuses an image with too few rows for the most ranks.

        haloedge would make lower tiles, so that the files would differ although the pixels are the same.
        """
        most = max(self.experiment.rank_counts)
        if -(-rows // tile_rows) < most and tile_rows > TILE_GRANULE:
            fitting = max(TILE_GRANULE, rows // most // TILE_GRANULE * TILE_GRANULE)
            raise UsageError(f"--input has {rows} rows, which are too few for {most} ranks and tiles of {tile_rows}: "
                             f"outputs would be cut into other tiles on more ranks. Give '-- --tile {fitting}', or a "
                             "larger image")

    def _trace(self):
        """Makes one more run of each rank count, with a trace. It is not counted, because tracing takes time."""
        path = self.experiment.folder / "lanes.csv"
        have = {(row["mode"], row["ranks"]) for row in lanes.read(path)}
        for ranks in self.experiment.rank_counts:
            if (self.experiment.mode, str(ranks)) in have:
                continue
            configuration = Configuration(ranks, self.experiment.thread_counts[0], self.experiment.backends[0])
            trace = self.work / "trace.json"
            row = self._measure(configuration, 0, "--trace", str(trace))
            self._tell("trace", configuration, 0, row)
            if table.is_usable(row):
                lanes.append(path, {"mode": self.experiment.mode, "command": "edges", **vars(configuration)}, trace)

    def _measure(self, configuration, repeat, *more):
        """Makes one run. Returns its line of runs.csv."""
        given = self.experiment
        output, report = self.work / OUTPUTS[given.command], self.work / "report.json"
        backend = [] if given.command == "hash" else ["--backend", configuration.backend]
        source = self.inputs[configuration.ranks]
        command = [*given.launcher.words(configuration.ranks, configuration.threads), given.program, given.command,
                   *source.words, "-o", str(output), "--threads", str(configuration.threads), *backend,
                   "--report", str(report), "--quiet", *more, *given.options]
        _remove(output, report)
        os.sync()  # writes what earlier runs left, so that it is not written during this run
        row = {"mode": given.mode, "command": given.command, **vars(configuration), "repeat": repeat,
               "cores": given.launcher.cores, "input": source.label, "options": " ".join(given.options),
               "load": f"{os.getloadavg()[0]:.2f}",  # of the last minute: shows what else the machine did
               "started": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}
        row["wall_s"], row["exit_code"], errors = run_process(command, given.launcher.environment(), given.timeout)
        row["wall_s"] = f"{row['wall_s']:.6f}"
        row["exit_code"] = str(row["exit_code"])
        row["error"] = " | ".join(errors)
        if row["exit_code"] in table.USABLE:
            row.update(self._results(report, output, source))
        return {**dict.fromkeys(table.COLUMNS, ""), **row}

    @staticmethod
    def _results(report, output, source):
        """Returns a good run's results from its report and output, or an error if one of them is missing."""
        try:
            return {**report_columns(json.loads(report.read_text(encoding="utf-8")), source.words),
                    "sha256": digest_of(output)}
        except (OSError, ValueError, KeyError) as error:
            return {"error": f"it ended well, but its report or output cannot be used: {error!r}"}

    @staticmethod
    def _tell(number, configuration, repeat, row):
        result = f"{float(row['wall_s']):.3f} s"
        if not table.is_usable(row):
            result += f", FAILED with exit code {row['exit_code']}: {row['error']}"
        print(f"[{number}] {configuration}{f', repeat {repeat}' if repeat else ''}: {result}", flush=True)


def report_columns(report, words):
    """Returns the columns of runs.csv that come from --report."""
    ranks = report["per_rank"]
    peaks = [rank["peak_resident_bytes"] for rank in ranks]
    phases = report.get("phase_seconds")
    if phases is None:  # the report of a set
        phases = {}
        for rank in ranks:
            for stage, seconds in rank["stage_seconds"].items():
                phases[stage] = phases.get(stage, 0.0) + seconds
    unknown = set(phases) - set(table.PHASES)
    if unknown:
        raise KeyError(f"phase(s) {sorted(unknown)}: scripts/scaling/table.py does not know them")
    columns = {"job_s": f"{report['seconds']:.6f}", "nodes": len({rank["host"] for rank in ranks}),
               "peak_bytes": sum(peaks), "peak_rank_bytes": max(peaks),
               **{f"{phase}_s": f"{seconds:.6f}" for phase, seconds in phases.items()}}
    if "images" in report:
        return {**columns, "images": report["images"]["done"], "bytes": report["bytes"]}
    image = report["input"]
    # The size of a pattern of tile files is the sum of the files' sizes.
    return {**columns, "pixels": image["width"] * image["height"],
            "rows": image["height"], "tile_rows": report["output"]["tile_height"],
            "bytes": image["bytes"] or sum(map(os.path.getsize, glob.glob(words[0])))}


def run_process(command, variables, timeout):
    """Returns the wall seconds, the exit code and the last lines of standard error.

    If it is interrupted, it ends the process.
    """
    begin = time.monotonic()
    try:
        process = subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, start_new_session=True)
    except OSError as error:
        return 0.0, 127, [f"{command[0]}: {error.strerror}"]
    try:
        _, errors = process.communicate(timeout=timeout or None)
        seconds = time.monotonic() - begin
        # A shell reports the same code for a process that a signal ended.
        code = process.returncode if process.returncode >= 0 else 128 - process.returncode
        return seconds, code, last_lines(errors)
    except subprocess.TimeoutExpired:
        errors = _end(process)
        return time.monotonic() - begin, TIMED_OUT, [*last_lines(errors), f"ended after --timeout {timeout:g} s"]
    except BaseException:
        _end(process)
        raise


def _end(process):
    """Asks the process to end, so that mpirun and srun can end their ranks. Kills it after ten seconds."""
    process.terminate()
    try:
        _, errors = process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        _, errors = process.communicate()
    return errors


def last_lines(text):
    """Returns enough last lines to contain haloedge's messages beside mpirun's own two boxes, without their borders."""
    lines = [line.strip() for line in text.decode("utf-8", "replace").splitlines()]
    return [line for line in lines if line.strip("-")][-20:]


def digest_of(output):
    """Returns the SHA-256 of a file, or of all names and contents in a folder except hidden files (journals)."""
    if output.is_file():
        return environment.sha256_of(output)
    digest = hashlib.sha256()
    paths = sorted(path for path in output.rglob("*") if path.is_file())
    shown = [path for path in paths if not any(part.startswith(".") for part in path.relative_to(output).parts)]
    if not shown:
        raise OSError(f"{output}: nothing was written")
    for path in shown:
        digest.update(os.fsencode(path.relative_to(output)) + b"\0" + environment.sha256_of(path).encode())
    return digest.hexdigest()


def _remove(*paths):
    """Removes files, and renames folders to be removed at the end: ext4 makes files slowly after removing many."""
    for path in paths:
        if path.is_dir():
            path.rename(path.with_name(f"old_{time.monotonic_ns()}"))
        else:
            path.unlink(missing_ok=True)


def tell_differences(rows):
    """Reports clearly on standard error if outputs differ. Returns True if they do."""
    differences = table.differing_outputs(rows)
    for difference in differences:
        print(f"scaling.py: OUTPUTS DIFFER: {difference}", file=sys.stderr)
    return bool(differences)
