#!/usr/bin/env python3
"""Runs haloedge on every image in folders, and compares its edge maps with those of the pixels that others read.

  corpus_check.py /usr/share
  HALOEDGE=build-ci/bin/haloedge corpus_check.py photos --limit 100 --verbose

The edge map, that of `edges --type f32 --gray mean`, must equal Sobel's filter of the pixels that GDAL reads or, if it
does not, or GDAL does not know the format, of those that OpenCV or tifffile read. GDAL's pixels are turned upright
first, except those of a georeferenced TIFF. Results that touch no data or NaN are left out. In an HDF5 file, h5py reads
each dataset that has the shape of an image. Symbolic links are left out. HALOEDGE names the program (default:
build/bin/haloedge). Needs Python 3.9, NumPy and GDAL; OpenCV, tifffile and h5py are used if they are there. Exit codes:
0 all is well; 1 an edge map differs, haloedge crashed, hung or refused what others read, or there is no image; 2 wrong
usage.
"""

import argparse
import collections
import itertools
import os
import sys
import tempfile
from pathlib import Path

ENDINGS = (".tif", ".tiff", ".btf", ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".jp2", ".j2k",
           ".h5", ".hdf5", ".nc", ".mat", ".heic", ".heif", ".avif")
ADVICE = ("On Debian: apt install python3-gdal python3-opencv python3-tifffile python3-h5py, then /usr/bin/python3 "
          "scripts/corpus_check.py")

try:
    from corpus import compare, readers
    from corpus.compare import Verdict
except ImportError as missing:
    sys.exit(f"corpus_check.py: {sys.executable}: {missing}. {ADVICE}")

FAULTS = (Verdict.DIFFERS, Verdict.HALOEDGE_REFUSES, Verdict.CRASHED)


def parse():
    def count(text):
        if int(text) < 1:
            raise ValueError(text)
        return int(text)

    count.__name__ = "number of 1 or more"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, metavar="DIR", nargs="+", help="a folder, which is searched through")
    parser.add_argument("--limit", type=count, metavar="N", help="check only the first N images")
    parser.add_argument("--verbose", action="store_true", help="print a line for each image")
    given = parser.parse_args()
    given.program = os.path.abspath(os.environ.get("HALOEDGE", "build/bin/haloedge"))
    if not os.access(given.program, os.X_OK):
        parser.error(f"cannot find the program {given.program}: HALOEDGE names another")
    for folder in given.folders:
        if not folder.is_dir():
            parser.error(f"{folder}: is not a folder")
    return given


def items_below(folder):
    """Yields the images in a folder and in the folders below it, in the order of their names."""
    for path, folders, names in os.walk(folder):
        folders.sort()
        for file in (os.path.join(path, name) for name in sorted(names) if name.lower().endswith(ENDINGS)):
            if os.path.isfile(file) and not os.path.islink(file):
                yield from readers.items_of(file)


def print_table(checks):
    """Prints what came of the images of each format and type of samples."""
    groups = collections.defaultdict(list)
    for check in checks:
        groups[check.format, check.samples].append(check)
    rows = [["format", "samples", "images", *(verdict.value for verdict in Verdict), "slowest"]]
    for names, group in [*sorted(groups.items()), (("all", ""), checks)]:
        counts = collections.Counter(check.verdict for check in group)
        rows.append([*names, str(len(group)), *(str(counts[verdict]) for verdict in Verdict),
                     f"{max(check.seconds for check in group):.2f} s"])
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print(row[0].ljust(widths[0]), row[1].ljust(widths[1]), *map(str.rjust, row[2:], widths[2:]), sep="  ")


def print_list(title, lines):
    if lines:
        print(f"\n{title}: {len(lines)}", *lines, sep="\n  ")


def print_report(checks):
    print_table(checks)
    for verdict in (*FAULTS, Verdict.OTHERS_REFUSE):
        print_list(verdict.value, [f"{check.item}{': ' if check.message else ''}{check.message}" for check in checks
                                   if check.verdict == verdict])
    print_list("equal, but not to the first reader", [f"{check.item}: {check.message}" for check in checks
                                                      if check.verdict == Verdict.EQUAL and check.message])
    kinds = collections.Counter(compare.kind_of(check.message) for check in checks
                                if check.verdict in (Verdict.BOTH_REFUSE, Verdict.HALOEDGE_REFUSES))
    print_list("kinds of refusals", [f"{number:4}  {kind}" for kind, number in kinds.most_common()])


def main():
    given = parse()
    absent = [name for name in readers.OPTIONAL if getattr(readers, name) is None]
    if absent:
        print(f"corpus_check.py: goes without {', '.join(absent)}. {ADVICE}", file=sys.stderr)
    checks = []
    with tempfile.TemporaryDirectory() as folder:
        for item in itertools.islice(itertools.chain.from_iterable(map(items_below, given.folders)), given.limit):
            checks.append(compare.check(given.program, item, folder))
            if given.verbose:
                print(f"{item}: {checks[-1].verdict.value}, {checks[-1].seconds:.2f} s", flush=True)
    if not checks:
        print("corpus_check.py: there is no image in these folders", file=sys.stderr)
        return 1
    print_report(checks)
    return 1 if any(check.verdict in FAULTS for check in checks) else 0


if __name__ == "__main__":
    sys.exit(main())
