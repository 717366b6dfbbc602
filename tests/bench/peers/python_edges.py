"""Does the job of `haloedge edges` as users of Python do it today.

    python_edges.py opencv|dask|skimage INPUT OUTPUT THREADS
"""

import os
import sys

os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = "9000000000"
import cv2


def opencv(image, threads):
    cv2.setNumThreads(threads)
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    x = cv2.convertScaleAbs(cv2.Sobel(gray, cv2.CV_16S, 1, 0))
    y = cv2.convertScaleAbs(cv2.Sobel(gray, cv2.CV_16S, 0, 1))
    return cv2.add(x, y)


def dask(image, threads):
    """Filters tiles of 2048 pixels, with one pixel of their neighbours, by scipy's Sobel."""
    import dask.array as da
    import numpy as np
    from scipy import ndimage

    def edges_of_tile(tile):
        gray = cv2.cvtColor(tile, cv2.COLOR_BGR2GRAY).astype(np.float32)
        size = np.hypot(ndimage.sobel(gray, 1), ndimage.sobel(gray, 0))
        return np.clip(np.rint(size), 0, 255).astype(np.uint8)[..., np.newaxis]

    tiles = da.from_array(image, chunks=(2048, 2048, 3))
    edges = tiles.map_overlap(edges_of_tile, depth=(1, 1, 0), boundary="reflect", trim=True, dtype=np.uint8,
                              chunks=tiles.chunks[:2] + ((1,),))
    return edges.compute(scheduler="threads", num_workers=threads)[..., 0]


def skimage(image, threads):
    from skimage.color import rgb2gray
    from skimage.filters import sobel

    return (sobel(rgb2gray(image[..., ::-1])) * 255).round().astype("uint8")


def main():
    way, source, target, threads = sys.argv[1:]
    image = cv2.imread(source, cv2.IMREAD_COLOR)
    edges = {"opencv": opencv, "dask": dask, "skimage": skimage}[way](image, int(threads))
    uncompressed = [cv2.IMWRITE_TIFF_COMPRESSION, 1]
    return 0 if cv2.imwrite(target, edges, uncompressed) else 1


if __name__ == "__main__":
    sys.exit(main())
