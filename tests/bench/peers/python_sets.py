"""Does the jobs of `haloedge hash` and `batch` as users of Python do them today: with a pool of processes and OpenCV.

    python_sets.py hash FOLDER TABLE.csv PROCESSES
    python_sets.py edges FOLDER OUTPUT_FOLDER PROCESSES
"""

import csv
import multiprocessing
import sys
from functools import partial
from pathlib import Path

import cv2
import numpy as np

CHUNK = 32


def dhash(path):
    gray = cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2GRAY)
    small = cv2.resize(gray, (9, 8))
    bits = np.packbits(small[:, 1:] > small[:, :-1], bitorder="little")
    return path, f"{int.from_bytes(bits.tobytes(), 'little'):016x}"


def edges(folder, output, path):
    gray = cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2GRAY)
    x = cv2.convertScaleAbs(cv2.Sobel(gray, cv2.CV_16S, 1, 0))
    y = cv2.convertScaleAbs(cv2.Sobel(gray, cv2.CV_16S, 0, 1))
    target = (output / path.relative_to(folder)).with_suffix(".png")
    target.parent.mkdir(parents=True, exist_ok=True)
    return cv2.imwrite(str(target), cv2.add(x, y))


def main():
    way, folder, output, processes = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    paths = sorted(folder.rglob("*.jpg"))
    # Each process uses one thread of OpenCV's; otherwise the processes would fight for the cores.
    with multiprocessing.Pool(processes, cv2.setNumThreads, (1,)) as pool:
        if way == "edges":
            return 0 if all(pool.imap(partial(edges, folder, output), paths, CHUNK)) else 1
        with open(output, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("path", "hash"))
            writer.writerows(pool.imap(dhash, paths, CHUNK))
    return 0


if __name__ == "__main__":
    sys.exit(main())
