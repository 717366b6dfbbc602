"""Does the job of `haloedge score` as it is done today: one image after the other, with OpenCV and SQLite.

    python_scores.py FOLDER DATABASE
"""

import sqlite3
import sys
from pathlib import Path

import cv2
import numpy as np


def score(path):
    gray = cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2GRAY)
    features = cv2.Canny(gray, 100, 200).astype(np.float32)
    return float(cv2.GaussianBlur(features, (71, 71), 7, borderType=cv2.BORDER_REPLICATE).mean())


def main():
    folder, database = Path(sys.argv[1]), Path(sys.argv[2])
    database.unlink(missing_ok=True)
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE images (path TEXT PRIMARY KEY, score REAL)")
        for path in sorted(folder.rglob("*.jpg")):
            connection.execute("INSERT INTO images VALUES (?, ?)", (str(path), score(path)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
