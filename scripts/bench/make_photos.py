"""Makes a folder of small photos, cut from large ones: the same files each time.

    make_photos.py FOLDER COUNT SIDE PHOTO...

Leaves FOLDER/0/00000.jpg, FOLDER/1/00001.jpg, ...: quality 90, 4:2:0, in 9 folders; SIDE x SIDE, or with a SIDE of 0
about 300 x 200.
"""

import random
import sys
from pathlib import Path

import cv2

FOLDERS = 9


def main():
    folder, count, side, photos = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    for name in range(FOLDERS):
        (folder / str(name)).mkdir(parents=True, exist_ok=True)
    for first, photo in enumerate(photos):
        large = cv2.imread(photo, cv2.IMREAD_COLOR)
        for number in range(first, count, len(photos)):
            dice = random.Random(number)
            width, height = (side, side) if side else (dice.randint(270, 330), dice.randint(180, 220))
            # Like a thumbnail, it shows a part of a photo: one of its pixels takes 1 to 4 pixels of the large photo, in
            # each direction.
            scale = dice.uniform(1, min(4, large.shape[1] / width, large.shape[0] / height))
            cut_width, cut_height = int(width * scale), int(height * scale)
            x, y = dice.randint(0, large.shape[1] - cut_width), dice.randint(0, large.shape[0] - cut_height)
            small = cv2.resize(large[y:y + cut_height, x:x + cut_width], (width, height), interpolation=cv2.INTER_AREA)
            path = folder / str(number % FOLDERS) / f"{number:05}.jpg"
            if not cv2.imwrite(str(path), small, [cv2.IMWRITE_JPEG_QUALITY, 90]):
                return f"cannot write {path}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
