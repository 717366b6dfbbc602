#!/usr/bin/env python3
"""Makes the fixtures that tests/kernels/oracle_test.cpp compares with: results of OpenCV, scipy and scikit-image.

Needs python3-opencv, python3-scipy and python3-skimage; the tests themselves need none of them. Each fixture is a file of
raw little-endian samples; index.txt says what they are. Run it again only when a fixture is added.
"""
import pathlib
import sys

import cv2
import numpy as np
import scipy
import scipy.ndimage as ndi
import skimage
import skimage.color
import skimage.filters

FOLDER = pathlib.Path(__file__).parent / "fixtures"
WIDTH, HEIGHT = 61, 47


def make_rgb():
    """Returns an image of ramps, discs and noise, with both ends of the range."""
    rng = np.random.default_rng(20261121)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    image = np.empty((HEIGHT, WIDTH, 3))
    for channel, (fx, fy) in enumerate([(3, 1), (1, 4), (2, 2)]):
        image[..., channel] = (fx * x + fy * y) % 256
    image[(x - 20) ** 2 + (y - 15) ** 2 < 100] = (255, 30, 0)
    image[(x - 45) ** 2 + (y - 30) ** 2 < 60] = (0, 0, 255)
    image += rng.normal(0, 12, image.shape)
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def to_u8(values):
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def gradients(gray, mode="reflect"):
    gray = gray.astype(np.float64)
    return ndi.sobel(gray, axis=1, mode=mode), ndi.sobel(gray, axis=0, mode=mode)


def fixtures():
    rgb = make_rgb()
    rng = np.random.default_rng(7)
    rgb16 = (rgb.astype(np.uint16) * 257) ^ rng.integers(0, 256, rgb.shape, dtype=np.uint16)
    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    yield "rgb_u8", rgb
    yield "rgb_u16", rgb16
    yield "gray_u8", gray
    yield "gray_u16", cv2.cvtColor(rgb16, cv2.COLOR_RGB2GRAY)

    # OpenCV's default border is reflect101, scipy's mirror.
    gx, gy = (cv2.Sobel(gray, cv2.CV_32F, *d) for d in ((1, 0), (0, 1)))
    yield "opencv_sobel_l2_mirror_u8", to_u8(cv2.magnitude(gx, gy))
    ax, ay = (cv2.convertScaleAbs(cv2.Sobel(gray, cv2.CV_16S, *d)) for d in ((1, 0), (0, 1)))
    yield "opencv_sobel_l1_mirror_u8", cv2.add(ax, ay)
    yield "opencv_sobel_x_mirror_u8", cv2.Sobel(gray, cv2.CV_8U, 1, 0)
    yield "opencv_sobel_y_mirror_u8", cv2.Sobel(gray, cv2.CV_8U, 0, 1)
    sx, sy = (cv2.Scharr(gray, cv2.CV_32F, *d) for d in ((1, 0), (0, 1)))
    yield "opencv_scharr_l2_mirror_f32", cv2.magnitude(sx, sy)
    yield "opencv_laplacian_mirror_u8", cv2.convertScaleAbs(cv2.Laplacian(gray, cv2.CV_16S, ksize=1))

    for mode in ("reflect", "mirror", "nearest", "constant", "wrap"):
        yield f"scipy_sobel_l2_{mode}_u8", to_u8(np.hypot(*gradients(gray, mode)))
    px = ndi.prewitt(gray.astype(np.float64), axis=1)
    py = ndi.prewitt(gray.astype(np.float64), axis=0)
    yield "scipy_prewitt_l2_reflect_u8", to_u8(np.hypot(px, py))

    # This is the pipeline that users of dask-image run. sobel's default axis is the last one: along x.
    yield "dask_pipeline_f32", np.clip(ndi.sobel(skimage.color.rgb2gray(rgb)), 0, 1).astype(np.float32)
    yield "skimage_sobel_f32", skimage.filters.sobel(gray / 255.0).astype(np.float32)
    gx, gy = gradients(gray)
    yield "numpy_direction_f32", (np.mod(np.arctan2(gy, gx) / (2 * np.pi), 1.0)).astype(np.float32)

    for sigma in ("0.8", "1.4", "3", "7"):
        yield f"opencv_gaussian_{sigma}_u8", cv2.GaussianBlur(gray, (0, 0), float(sigma))
    yield "opencv_canny_l1_u8", cv2.Canny(gray, 60, 150)
    yield "opencv_canny_l2_u8", cv2.Canny(gray, 45.5, 110.5, L2gradient=True)
    yield "opencv_canny_l2_blurred_u8", cv2.Canny(cv2.GaussianBlur(gray, (0, 0), 1.4), 12, 30, L2gradient=True)
    for name, magnitude in magnitudes(gray).items():
        yield f"numpy_magnitude_{name}_u16", magnitude


def magnitudes(gray):
    """Returns the magnitudes of OpenCV's derivatives with Canny's border, as whole numbers, rounded up."""
    gx, gy = (cv2.Sobel(gray, cv2.CV_64F, *d, borderType=cv2.BORDER_REPLICATE) for d in ((1, 0), (0, 1)))
    return {"l1": (abs(gx) + abs(gy)).astype(np.uint16), "l2": np.ceil(np.hypot(gx, gy)).astype(np.uint16)}


def thresholds(gray):
    """Yields the norm, the way to choose a threshold, and the threshold: scikit-image's Otsu and numpy's quantiles."""
    for name, magnitude in magnitudes(gray).items():
        yield name, "otsu", skimage.filters.threshold_otsu(magnitude.astype(np.int64))
        for part in (0.05, 0.1, 0.3, 0.5):
            yield name, part, np.quantile(magnitude, 1 - part, method="inverted_cdf")


def dhash_image(width, height, seed):
    """Returns the gray image that tests/kernels/dhash_test.cpp makes, too: a hash of the place, on top of a ramp."""
    place = np.arange(width * height, dtype=np.uint64)
    noise = ((place + seed) * 2654435761 % 2**32 >> 27).astype(np.int64)
    ramp = place.astype(np.int64) % width * 200 // width
    return (noise + ramp).astype(np.uint8).reshape(height, width)


def dhashes():
    """Yields width, height, seed and OpenCV's hash, for every small size and some others."""
    rng = np.random.default_rng(5)
    sizes = [(w, h) for w in range(1, 21) for h in range(1, 21)]
    sizes += [(int(w), int(h)) for w, h in rng.integers(1, 900, (400, 2))] + [(20000, 3), (3, 20000), (6000, 4000)]
    for seed, (width, height) in enumerate(sizes):
        small = cv2.resize(dhash_image(width, height, seed), (9, 8))
        bits = (small[:, 1:] > small[:, :-1]).flatten()
        yield width, height, seed, sum(1 << i for i, bit in enumerate(bits) if bit)


def main():
    FOLDER.mkdir(exist_ok=True)
    print(f"# OpenCV {cv2.__version__}, scipy {scipy.__version__}, scikit-image {skimage.__version__}", file=sys.stderr)
    with open(FOLDER / "index.txt", "w", encoding="ascii") as index:
        for name, samples in fixtures():
            (FOLDER / f"{name}.raw").write_bytes(np.ascontiguousarray(samples).tobytes())
            shape = "x".join(str(n) for n in samples.shape)
            index.write(f"{name} {samples.dtype} {shape}\n")
            if name == "gray_u8":
                gray = samples
    with open(FOLDER / "canny_thresholds.txt", "w", encoding="ascii") as table:
        for norm, wanted, value in thresholds(gray):
            table.write(f"{norm} {wanted} {value}\n")
    with open(FOLDER / "opencv_dhash.txt", "w", encoding="ascii") as table:
        for width, height, seed, value in dhashes():
            table.write(f"{width} {height} {seed} {value:016x}\n")


if __name__ == "__main__":
    main()
