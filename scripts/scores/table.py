"""Reads the table `images` of a database of scores."""

import contextlib
import os
import sqlite3
import urllib.parse
from dataclasses import dataclass

COLUMNS = ("path", "score", "edge_density", "gradient_mean", "entropy", "width", "height", "bytes", "modified",
           "seconds", "error")


class TableError(Exception):
    """The file is no database, or not one of scores."""


@dataclass
class Image:
    path: str
    score: float  # None where there is an error
    error: str


def _text(value):
    """Returns a value as text. Text that is not UTF-8 is stored in the database as bytes."""
    return os.fsdecode(value) if isinstance(value, bytes) else str(value or "")


def _columns(path, database):
    found = [row[1] for row in database.execute("PRAGMA table_info(images)")]
    if not found:
        raise TableError(f"{path}: it has no table 'images', so it is not a database of scores")
    missing = [column for column in COLUMNS if column not in found]
    if missing:
        other = ": it is a table of hashes" if "hash" in found else ""
        raise TableError(f"{path}: its table 'images' has no column {', '.join(missing)}{other}")


def read(path):
    """Returns all images, in the database's order. At least one of them has a score."""
    if not os.path.exists(path):
        raise TableError(f"{path}: the file does not exist")
    if os.path.isdir(path):
        raise TableError(f"{path}: it is a folder, not a database")
    address = f"file:{urllib.parse.quote(os.path.abspath(path))}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as database:
            _columns(path, database)
            rows = database.execute("SELECT path, score, error FROM images ORDER BY rowid").fetchall()
    except sqlite3.Error as error:
        raise TableError(f"{path}: it cannot be read as an SQLite database: {error}") from error
    images = []
    for place, score, error in rows:
        if not error and not isinstance(score, (int, float)):
            raise TableError(f"{path}: {_text(place)} has neither a score nor an error")
        images.append(Image(_text(place), None if error else float(score), _text(error)))
    if all(image.score is None for image in images):
        first = f"; the first of {len(images)} errors: {images[0].path}: {images[0].error}" if images else ""
        raise TableError(f"{path}: no image has a score{first}")
    return images
