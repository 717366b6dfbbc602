"""Runs haloedge on an image, and compares its edge map with Sobel's filter of the pixels that other readers find."""

import enum
import os
import re
import subprocess
import time
from typing import NamedTuple

import numpy as np
from osgeo import gdal

from corpus import readers

SECONDS = 60  # the longest that haloedge may take for an image
FULL_SCALES = {"uint8": 255, "uint16": 65535, "int8": 127, "int16": 32767}  # of other types: 1


class Verdict(enum.Enum):
    EQUAL = "equal"
    DIFFERS = "differs"
    BOTH_REFUSE = "both refuse"
    HALOEDGE_REFUSES = "only haloedge refuses"
    OTHERS_REFUSE = "only haloedge reads"
    CRASHED = "crashed or hung"


class Check(NamedTuple):
    """What came of an image."""
    item: readers.Item
    format: str
    samples: str
    verdict: Verdict
    message: str  # what is wrong, or which other reader it equals
    seconds: float


def run_haloedge(program, item, output, *more):
    """Returns the exit code, which is None if it hung, and the first line of the message, without the image's name."""
    command = [program, "edges", str(item), "-o", output, "--overwrite", "-q", "--type", "f32", "--gray", "mean", *more]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None, f"not done after {SECONDS} s"
    message = (done.stderr.decode(errors="replace").strip().splitlines() or [""])[0]
    if "choose one with --band" in message and not more:
        return run_haloedge(program, item, output, "--band", "1")
    return done.returncode, message.removeprefix("haloedge: ").removeprefix(f"{item}: ").replace(item.path, "FILE")


def kind_of(message):
    """Returns a message without what is different for each file."""
    return re.sub(r"(?<![A-Za-z])\d([\d,.]*\d)?", "N", message)[:100]


def gray_of(pixels):
    """Returns the mean of the colours, as haloedge rounds it."""
    if pixels.shape[2] == 1:
        return pixels[..., 0].astype(np.float64)
    if pixels.dtype.name in FULL_SCALES:
        return ((pixels.sum(axis=2, dtype=np.int64) + 1) // 3).astype(np.float64)
    pixels = pixels if pixels.dtype == np.float32 else pixels.astype(np.float64)
    return ((pixels[..., 0] + pixels[..., 1] + pixels[..., 2]) / pixels.dtype.type(3)).astype(np.float64)


def sobel(gray):
    """Returns the magnitude of Sobel's filter, as by scipy.ndimage.sobel() with mode="reflect"."""
    near = np.pad(gray, 1, mode="symmetric")
    down = near[:-2] + 2 * near[1:-1] + near[2:]
    across = near[:, :-2] + 2 * near[:, 1:-1] + near[:, 2:]
    return np.hypot(down[:, 2:] - down[:, :-2], across[2:] - across[:-2])


def difference(edges, picture):
    """Returns how the edge map differs from that of the picture; empty if it does not."""
    rows, columns = picture.pixels.shape[:2]
    if edges.shape != (rows, columns):
        return f"{edges.shape[1]} x {edges.shape[0]} pixels, not {columns} x {rows} as by {picture.reader}"
    gray = gray_of(picture.pixels)
    good = np.isfinite(gray) if picture.valid is None else np.isfinite(gray) & picture.valid
    around = np.pad(good, 1, mode="edge")
    known = np.all([around[y:y + rows, x:x + columns] for y in range(3) for x in range(3)], axis=0)
    full = FULL_SCALES.get(picture.pixels.dtype.name, 1)
    gray = np.where(good, gray, 0)
    expected = sobel(gray) / full
    # This much float32 rounds away; a step of one in the samples of an integer type is more.
    wrong = known & ~(np.abs(edges - expected) <= 1e-6 * expected + 4e-6 * np.abs(gray).max() / full)
    if not wrong.any():
        return ""
    row, column = np.argwhere(wrong)[0]
    return (f"{wrong.sum()} of {known.sum()} pixels differ from {picture.reader}'s, the first in row {row}, column "
            f"{column}: {edges[row, column]:.6g}, not {expected[row, column]:.6g}")


def compare(edges, item):
    """Returns the verdict on an edge map, a message, and the type of the samples."""
    samples, first = "-", ""
    for picture in readers.pictures_of(item):
        found = difference(edges, picture)
        samples = samples if first else picture.pixels.dtype.name
        if not found:
            return Verdict.EQUAL, f"equal to {picture.reader}'s; {first}" if first else "", samples
        first = first or found
    return (Verdict.DIFFERS if first else Verdict.OTHERS_REFUSE), first, samples


def check(program, item, folder):
    """Checks an image. `folder` is for its edge map."""
    output = os.path.join(folder, "edges.tif")
    begin = time.monotonic()
    code, message = run_haloedge(program, item, output)
    seconds = time.monotonic() - begin
    if code == 0:
        verdict, message, samples = compare(gdal.Open(output).ReadAsArray(), item)
    else:
        picture = next(readers.pictures_of(item, also_damaged=False), None)
        samples = picture.pixels.dtype.name if picture else "-"
        verdict = Verdict.HALOEDGE_REFUSES if picture else Verdict.BOTH_REFUSE
        if code not in (1, 2):
            verdict, message = Verdict.CRASHED, f"exit code {code}: {message}"
    return Check(item, readers.format_of(item.path), samples, verdict, message, seconds)
