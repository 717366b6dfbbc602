"""The input of each rank count: the same for all in strong scaling, N times as much for N ranks in weak scaling."""

import glob
import os
import shutil
from dataclasses import dataclass

from .launch import UsageError

IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".btf")  # the same as in src/sets/image_list.hpp


@dataclass(frozen=True)
class Input:
    """An input: `label` describes it in runs.csv, and `words` are its words in haloedge's command line."""

    label: str
    words: tuple


def make_inputs(mode, command, given, rank_counts, images_per_rank, work):
    """Returns an Input for each rank count. Makes the files that weak scaling needs in the folder `work`."""
    if command == "edges" and len(given) != 1:
        raise UsageError(f"edges takes one --input, but {len(given)} were given; for tile files, a quoted "
                         "pattern, and -- --grid RxC")
    if mode == "strong":
        return {ranks: Input(" ".join(given), tuple(given)) for ranks in rank_counts}
    if any("{ranks}" in path for path in given):
        return {ranks: _by_pattern(given, ranks) for ranks in rank_counts}
    if command == "edges":
        return _taller_images(given[0], rank_counts, work)
    return _longer_lists(given, rank_counts, images_per_rank, work)


def _by_pattern(given, ranks):
    words = tuple(path.replace("{ranks}", str(max(ranks, 1))) for path in given)
    return Input(" ".join(words), words)


def _taller_images(image, rank_counts, work):
    """Makes N copies of an image as tile files. haloedge reads them as one image of N times the rows.

    They are true copies, so that no rank finds in a cache what another rank has read from disk.
    """
    if not os.path.isfile(image):
        raise UsageError(f"--input {image}: not a file that can be copied. Weak scaling of anything but an image file "
                         "takes a pattern, such as world-{ranks}.tif")
    if glob.has_magic(work):
        raise UsageError(f"-o: weak scaling needs a folder without * ? [ in its name: {work}")
    ending = os.path.splitext(image)[1]
    os.makedirs(f"{work}/copies", exist_ok=True)
    copies = [f"{work}/copies/{number:05}{ending}" for number in range(max(1, *rank_counts))]
    for copy in copies:
        shutil.copyfile(image, copy)
    inputs = {}
    for ranks in rank_counts:
        rows = max(ranks, 1)
        folder = f"{work}/rows_{ranks}"
        os.makedirs(folder)
        for copy in copies[:rows]:
            os.symlink(os.path.abspath(copy), f"{folder}/{os.path.basename(copy)}")
        inputs[ranks] = Input(f"{rows} x {image}", (f"{folder}/*{ending}", "--grid", f"{rows}x1"))
    return inputs


def _longer_lists(given, rank_counts, images_per_rank, work):
    """Writes the first N * k images of a set to lists, which haloedge reads as @LIST."""
    images = sorted(set(_images_of(given)))
    most = max(1, *rank_counts)
    each = images_per_rank or len(images) // most
    if each == 0 or each * most > len(images):
        raise UsageError(f"weak scaling to {most} ranks needs {max(each, 1) * most} images, --input has {len(images)}")
    inputs = {}
    for ranks in rank_counts:
        count = each * max(ranks, 1)
        path = f"{work}/first_{count}.list"
        with open(path, "wb") as file:
            file.write(b"".join(os.fsencode(image) + b"\0" for image in images[:count]))
        inputs[ranks] = Input(f"first {count} image(s) of {' '.join(given)}", (f"@{path}",))
    return inputs


def _images_of(given):
    for path in given:
        if path.startswith("@"):
            with open(path[1:], "rb") as file:
                text = file.read()
            for name in text.split(b"\0" if b"\0" in text else b"\n"):
                if name:
                    yield os.fsdecode(name)
        elif os.path.isdir(path):
            yield from _images_in(path, set())
        elif os.path.exists(path):
            yield path
        else:
            yield from glob.glob(path)


def _images_in(folder, seen):
    """Yields the images below a folder. Follows links, but enters each folder once."""
    real = os.path.realpath(folder)
    if real in seen:
        return
    seen.add(real)
    for entry in os.scandir(folder):
        if entry.is_dir():
            yield from _images_in(entry.path, seen)
        elif entry.name.lower().endswith(IMAGE_ENDINGS):
            yield entry.path
