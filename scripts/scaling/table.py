"""Reads and writes runs.csv, which has one line a run. Lines are only appended."""

import csv
import os

PHASES = ("read", "decode", "gray", "halo", "filter", "hash", "device", "encode", "write", "gather",
          "hysteresis")

COLUMNS = ("mode", "command", "ranks", "threads", "nodes", "cores", "backend", "repeat", "started", "load", "input",
           "options", "wall_s", "job_s", *(f"{phase}_s" for phase in PHASES), "pixels", "rows", "tile_rows",
           "images", "bytes", "peak_bytes", "peak_rank_bytes", "sha256", "exit_code", "error")

# With 3, a set is done except for broken images, which fail in the same way in every run.
USABLE = ("0", "3")


class TableError(Exception):
    """A table that is not what this program writes."""


def read(path):
    """Returns the rows as dictionaries of text; none if there is no file."""
    if not os.path.exists(path):
        return []
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise TableError(f"{path}: its columns are not those of this version of scaling.py: choose another folder")
        rows = list(reader)
    for number, row in enumerate(rows, 2):
        if row["exit_code"] is None or row["error"] is None:
            raise TableError(f"{path}: line {number} is cut short: remove it, and its run will be made again")
    return rows


def append(path, row):
    """Adds a row, which is on the disk when this returns, so that a job that is killed later keeps it."""
    new = not os.path.exists(path)
    with open(path, "a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(row)
        file.flush()
        os.fsync(file.fileno())


def key(row):
    """Returns what identifies a run. Two rows with the same key are repetitions by mistake, or after a failure."""
    return tuple(str(row[column]) for column in ("mode", "command", "ranks", "threads", "backend", "repeat"))


def is_usable(row):
    return row["exit_code"] in USABLE and row["wall_s"] != "" and row["job_s"] != ""


def differing_outputs(rows):
    """Returns descriptions of inputs whose outputs are not the same in all runs; empty if all is well."""
    found = {}
    for row in rows:
        if row["sha256"]:
            what = (row["command"], row["input"], row["options"])
            found.setdefault(what, {}).setdefault(row["sha256"], []).append(row)
    return [_describe(what, by_sum) for what, by_sum in found.items() if len(by_sum) > 1]


def _describe(what, by_sum):
    command, source, options = what
    parts = []
    for digest, rows in sorted(by_sum.items(), key=lambda item: -len(item[1])):
        where = sorted({f"{row['mode']} {row['ranks']} rank(s) x {row['threads']} thread(s) {row['backend']}"
                        for row in rows})
        parts.append(f"{digest[:12]} in {len(rows)} run(s) ({', '.join(where)})")
    return f"{' '.join(word for word in (command, source, options) if word)}: {'; '.join(parts)}"
