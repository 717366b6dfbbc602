#!/usr/bin/env python3
"""Makes the fixtures that tests/unit/score_oracle_test.cpp compares with: scores as users of OpenCV compute them.

Needs python3-opencv, python3-scipy and python3-skimage; the tests themselves need none of them. Each picture is a file
of raw little-endian samples; scores.txt describes them and has the results. The optimal levels are kept. If
scikit-learn is installed, its KMeans must find the same levels. Otherwise scipy's Lloyd iteration must stay at the
optimal solution and must find no better one. Run it again only when a fixture is added.
"""
import pathlib
import sys

import cv2
import numpy as np
import scipy
import scipy.cluster.vq
import skimage
import skimage.measure

try:
    from sklearn.cluster import KMeans
except ImportError:
    KMeans = None

FOLDER = pathlib.Path(__file__).parent / "fixtures_score"
CLUSTERS = 4


def scene(width, height, seed, texture):
    """Returns the depth, from 0 to 1, of boxes and discs above a slope, and their gray with shading and noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    depth = 0.25 * (x + 2 * y) / (width + 2 * height)
    gray = 90 + 60 * depth
    for _ in range(14):
        cx, cy, size = rng.integers(width), rng.integers(height), rng.integers(4, max(6, height // 4))
        level, tone = rng.uniform(0.2, 1), rng.uniform(20, 240)
        round_one = (x - cx) ** 2 + (y - cy) ** 2 < size**2
        square = (abs(x - cx) < size) & (abs(y - cy) < size // 2 + 1)
        shape = round_one if rng.integers(2) else square
        depth = np.where(shape & (depth < level), level + 0.02 * np.sin(x / 9), depth)
        gray = np.where(shape, tone + 0.3 * (x - cx), gray)
    gray = gray + rng.normal(0, texture, gray.shape)
    return depth, np.clip(np.rint(gray), 0, 255).astype(np.uint8)


def pictures():
    yield "gray_blocks", "gray", scene(256, 192, 1, 4)[1]
    yield "gray_rough", "gray", scene(131, 97, 2, 25)[1]
    yield "gray_smaller_than_radius", "gray", scene(40, 30, 3, 10)[1]
    yield "depth_u8", "depth", np.rint(scene(192, 144, 4, 0)[0] * 250).astype(np.uint8)
    yield "depth_u16", "depth", np.rint(scene(120, 160, 5, 0)[0] * 60000).astype(np.uint16)
    noise = np.random.default_rng(6).normal(0, 0.01, (90, 110))
    yield "depth_f32", "depth", ((scene(110, 90, 6, 0)[0] + noise) * 12.5).astype(np.float32)


def optimal_starts(values, counts, clusters):
    """Returns where the runs of the optimal 1-D k-means begin, and its inertia. Tries every last run of every layer."""
    zero = np.zeros(1)
    number = np.concatenate([zero, np.cumsum(counts)])
    total = np.concatenate([zero, np.cumsum(counts * values)])
    squares = np.concatenate([zero, np.cumsum(counts * values**2)])
    costs = np.full(len(number), np.inf)
    costs[0] = 0
    layers = []
    for _ in range(clusters):
        after, last = np.full(len(number), np.inf), np.zeros(len(number), dtype=int)
        for end in range(1, len(number)):
            run = squares[end] - squares[:end] - (total[end] - total[:end]) ** 2 / (number[end] - number[:end])
            last[end] = np.argmin(costs[:end] + run)
            after[end] = costs[last[end]] + run[last[end]]
        costs = after
        layers.append(last)
    starts, end = [], len(values)
    for last in reversed(layers):
        end = last[end]
        starts.insert(0, end)
    return starts, costs[-1]


def check_clusters(depth, starts, values, inertia):
    """Checks that another k-means agrees with the optimal one."""
    samples = depth.astype(np.float64).reshape(-1, 1)
    labels = np.searchsorted(values[starts], samples[:, 0], side="right") - 1
    if KMeans is not None:
        found = KMeans(n_clusters=CLUSTERS, n_init=50, random_state=0).fit(samples)
        rank = np.argsort(np.argsort(found.cluster_centers_[:, 0]))
        assert abs(found.inertia_ - inertia) <= 1e-9 * inertia
        assert np.array_equal(rank[found.labels_], labels)
        return
    centres = np.array([[samples[labels == i].mean()] for i in range(CLUSTERS)])
    stayed, same = scipy.cluster.vq.kmeans2(samples, centres, minit="matrix")
    assert np.array_equal(same, labels) and np.allclose(stayed, centres)
    for seed in range(20):
        _, distortion = scipy.cluster.vq.vq(samples, scipy.cluster.vq.kmeans2(samples, CLUSTERS, minit="++",
                                                                              seed=seed)[0])
        assert (distortion**2).sum() >= inertia * (1 - 1e-9)


def levels_of(depth):
    values, counts = np.unique(depth.astype(np.float64), return_counts=True)
    starts, inertia = optimal_starts(values, counts, CLUSTERS)
    check_clusters(depth, starts, values, inertia)
    labels = np.searchsorted(values[starts], depth.astype(np.float64), side="right") - 1
    return np.rint(labels * 255 / (CLUSTERS - 1)).astype(np.uint8)


def numbers_of(gray):
    """Returns the score, the edge density, the mean gradient in both norms, and the entropy."""
    edges = cv2.Canny(gray, 100, 200)
    congestion = cv2.GaussianBlur(edges.astype(np.float32), (71, 71), 7, borderType=cv2.BORDER_REPLICATE)
    gx, gy = (cv2.Sobel(gray, cv2.CV_64F, *d, borderType=cv2.BORDER_REPLICATE) for d in ((1, 0), (0, 1)))
    return (congestion.mean(dtype=np.float64), (edges > 0).mean(), (abs(gx) + abs(gy)).mean(), np.hypot(gx, gy).mean(),
            skimage.measure.shannon_entropy(gray))


def main():
    FOLDER.mkdir(exist_ok=True)
    how = "scikit-learn agrees" if KMeans is not None else "no scikit-learn: scipy and the exact inertia check it"
    print(f"# OpenCV {cv2.__version__}, scipy {scipy.__version__}, scikit-image {skimage.__version__}; {how}",
          file=sys.stderr)
    with open(FOLDER / "scores.txt", "w", encoding="ascii") as table:
        for name, kind, samples in pictures():
            (FOLDER / f"{name}.raw").write_bytes(np.ascontiguousarray(samples).tobytes())
            gray = samples if kind == "gray" else levels_of(samples)
            height, width = samples.shape
            numbers = " ".join(f"{number:.9g}" for number in numbers_of(gray))
            # Depth also has the number of pixels of each level.
            levels = "".join(f" {(gray == level).sum()}" for level in (0, 85, 170, 255)) if kind == "depth" else ""
            table.write(f"{name} {kind} {samples.dtype} {width} {height} {numbers}{levels}\n")


if __name__ == "__main__":
    main()
