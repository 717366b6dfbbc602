#!/usr/bin/env python3
"""Does what people write today: reads frames of YUV4MPEG2 from standard input, and writes OpenCV's Canny edges of each.

    python_stream.py [SECONDS]      SECONDS: the time that the filter is made to take for a frame
"""

import sys
import time

import cv2
import numpy as np

CHROMA_SAMPLES = {"420": 0.5, "422": 1, "444": 2, "mon": 0}


def main():
    slowed_to = float(sys.argv[1]) if len(sys.argv) > 1 else 0
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    header = source.readline()
    fields = {field[:1]: field[1:] for field in header.decode().split()[1:]}
    width, height = int(fields["W"]), int(fields["H"])
    chroma = np.full(int(width * height * CHROMA_SAMPLES[fields.get("C", "420")[:3]]), 128, np.uint8)
    luma = np.empty((height, width), np.uint8)
    rest = bytearray(chroma.size)
    sink.write(header)
    while line := source.readline():
        if source.readinto(luma) + source.readinto(rest) < luma.size + chroma.size:
            break
        begin = time.monotonic()
        edges = cv2.Canny(luma, 100, 200)
        time.sleep(max(0, slowed_to - (time.monotonic() - begin)))
        sink.write(line)
        sink.write(edges)
        sink.write(chroma)
    sink.flush()


if __name__ == "__main__":
    main()
