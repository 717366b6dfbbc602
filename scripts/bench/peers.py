"""Runs every job with haloedge and its peers in turn; see scripts/bench_peers.sh."""

import argparse
import atexit
import csv
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEERS = HERE.parent.parent / "tests" / "bench" / "peers"
ROUNDS_OF_SLOW_ONES = 1


@dataclass
class Program:
    """One way to do a job. The command writes `output`, a file or a folder, and `report` if it can."""

    name: str
    command: list
    output: Path
    report: Path | None = None
    slow: bool = False
    one_process: bool = True  # otherwise, peak memory is known from `report` alone
    seconds: list = field(default_factory=list)
    peak_mb: list = field(default_factory=list)
    output_mb: float = 0


@dataclass
class Job:
    name: str
    input: Path
    programs: list
    peer: str  # the name of the best peer, which ratios are relative to
    goals: dict  # by program name: how many times as fast as the peer
    more_goals: list = field(default_factory=list)  # program, another peer, how many times as fast as that peer


class Bench:
    def __init__(self, bin_folder, data):
        self.bin = bin_folder
        self.data = data
        self.photos = data / "photos"

    def output(self, name):
        return self.data / f"out_{name.replace(' ', '_')}.tif"

    def haloedge(self, name, source, ranks, threads, *more):
        output = self.output(name)
        report = self.data / "report.json"
        launch = ["mpirun", "-n", str(ranks), "--oversubscribe"] if ranks else []
        canny = "canny" in more
        command = [*launch, self.bin / "haloedge", "edges", source, "-o", output, "--threads", threads, "--norm", "l1",
                   *([] if canny else ["--border", "mirror"]), "--quiet", "--report", report, *more]
        return Program(name, command, output, report)

    def peer(self, name, *command, slow=False):
        """Returns a program that runs `command`, in which None stands for the output's path."""
        output = self.output(name)
        return Program(name, [output if word is None else word for word in command], output, slow=slow)

    def jobs(self):
        big, deflate, lzw = (self.data / f"{name}.tif" for name in ("big", "big_deflate", "big_lzw_strip"))

        def haloedges(source, *more):
            return [self.haloedge("haloedge", source, 0, 2, *more), self.haloedge("mpirun -n 2", source, 2, 1, *more)]

        def vips(source, compression="none"):
            return self.peer("libvips", self.bin / "vips_edges", source, None, 2, compression)

        def opencv(source, job="l1"):
            return self.peer("OpenCV", self.bin / "opencv_edges", source, None, 2, job)

        def python(name, way, slow=False):
            return self.peer(name, sys.executable, PEERS / "python_edges.py", way, big, None, 2, slow=slow)

        plain = [*haloedges(big), vips(big), opencv(big), python("Python OpenCV", "opencv"),
                 python("dask", "dask", slow=True), python("scikit-image", "skimage", slow=True)]
        return [
            Job("tiled", big, plain, "libvips", {"haloedge": 8, "mpirun -n 2": 5}),
            Job("deflate", deflate, [*haloedges(deflate), vips(deflate), opencv(deflate)], "libvips",
                {"haloedge": 3.5, "mpirun -n 2": 3}),
            Job("lzw strips", lzw, [*haloedges(lzw), vips(lzw), opencv(lzw)], "OpenCV",
                {"haloedge": 2.6, "mpirun -n 2": 2.4}),
            Job("deflate output", big, [*haloedges(big, "--compression", "deflate"), vips(big, "deflate")], "libvips",
                {"haloedge": 2, "mpirun -n 2": 2}),
            Job("canny", big, [*haloedges(big, "--operator", "canny"), opencv(big, "canny")], "OpenCV",
                {"haloedge": 2.5, "mpirun -n 2": 2.5}),
        ]

    def set_program(self, name, output, *command, processes=1):
        """Returns a program that runs `command` in `processes` processes; None stands for the output's path."""
        output = self.data / f"out_{name.replace(' ', '_')}{output}"
        command = [output if word is None else word for word in command]
        return Program(name, command, output, one_process=processes == 1)

    def haloedge_set(self, name, command, ranks, threads):
        """Returns a program that runs haloedge's `command`, hash or batch, on the folder of photos."""
        launch = ["mpirun", "-n", str(ranks), "--oversubscribe"] if ranks else []
        output, options = {"hash": (".csv", []), "batch": ("", ["--norm", "l1", "--border", "mirror"])}[command]
        return self.set_program(name, output, *launch, self.bin / "haloedge", command, self.photos, "-o", None,
                                *options, "--threads", threads, "--overwrite", "--quiet", processes=ranks or 1)

    def python_set(self, way, output):
        return self.set_program("Python", output, sys.executable, PEERS / "python_sets.py", way, self.photos, None, 2,
                                processes=3)

    def set_jobs(self):
        decode = self.set_program("full decode", ".txt", self.bin / "jpeg_decode", self.photos, None, 2)

        def haloedges(command):
            return [self.haloedge_set("haloedge", command, 0, 2), self.haloedge_set("mpirun -n 2", command, 2, 1)]

        return [
            Job("dhash of a set", self.photos, [*haloedges("hash"), self.python_set("hash", ".csv"), decode], "Python",
                {"haloedge": 4.5}, [("haloedge", "full decode", 1)]),
            Job("edge maps of a set", self.photos, [*haloedges("batch"), self.python_set("edges", "")], "Python",
                {"haloedge": 2}),
        ]


def files_of(path):
    return [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]


def put_aside(folder):
    """Renames a folder and removes it at the end only, because ext4 makes files slowly after many were removed."""
    aside = folder.with_name(f"old_{time.monotonic_ns()}")
    folder.rename(aside)
    atexit.register(shutil.rmtree, aside)


def run(program, source):
    """Times one run with a clean disk queue and the input in the page cache."""
    if program.output.is_dir():
        put_aside(program.output)
    program.output.unlink(missing_ok=True)
    os.sync()
    for path in files_of(source):
        with open(path, "rb", buffering=0) as file:
            while file.read(1 << 24):
                pass
    command = [str(word) for word in program.command]
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begin
    if status != 0:
        if program.slow:  # the program takes 10 GB; a failure is its result
            print(f"  {program.name} failed")
            program.seconds.append(float("inf"))
            program.peak_mb.append(usage.ru_maxrss / 1e3)
            return
        sys.exit(f"failed: {' '.join(command)}")
    peak = usage.ru_maxrss * 1024
    if program.report:
        peak = sum(rank["peak_resident_bytes"] for rank in json.loads(program.report.read_text())["per_rank"])
    program.seconds.append(seconds)
    program.peak_mb.append(peak / 1e6 if program.report or program.one_process else float("nan"))
    program.output_mb = sum(file.stat().st_size for file in files_of(program.output)) / 1e6


def run_in_turn(programs, source, rounds):
    """Runs the programs in turn: A, B, A, B, ...

    The first round is not counted, because a virtual machine's memory is slow when it is first touched.
    """
    for number in range(rounds + 1):
        for program in programs:
            if not program.slow or number <= ROUNDS_OF_SLOW_ONES:
                run(program, source)
    for program in programs:
        del program.seconds[0], program.peak_mb[0]


def verdict(ratio, goal):
    return f"goal {goal}: {'reached' if ratio >= goal else 'MISSED'}"


def run_job(job, rounds):
    run_in_turn(job.programs, job.input, rounds)
    peer = next(program for program in job.programs if program.name == job.peer)
    rows = []
    print(f"\n{job.name}")
    for program in job.programs:
        seconds = statistics.median(program.seconds)
        peak = statistics.median(program.peak_mb)
        ratio = statistics.median(peer.seconds) / seconds
        goal = job.goals.get(program.name)
        print(f"  {program.name:14} {seconds:7.3f} s ({min(program.seconds):.3f} to {max(program.seconds):.3f})"
              f"  {'     ?' if math.isnan(peak) else f'{peak:6.0f}'} MB, file {program.output_mb:3.0f} MB"
              f"  {ratio:5.2f} times as fast as {job.peer}"
              + (f", {verdict(ratio, goal)}" if goal else ""), flush=True)
        rows.append({"job": job.name, "program": program.name, "seconds": round(seconds, 4),
                     "fastest": round(min(program.seconds), 4), "slowest": round(max(program.seconds), 4),
                     "runs": len(program.seconds), "peak_mb": "" if math.isnan(peak) else round(peak),
                     "output_mb": round(program.output_mb), "ratio": round(ratio, 3), "against": job.peer,
                     "goal": goal or ""})
    medians = {program.name: statistics.median(program.seconds) for program in job.programs}
    for program, other, goal in job.more_goals:
        ratio = medians[other] / medians[program]
        print(f"  {program}: {ratio:.2f} times as fast as {other}, {verdict(ratio, goal)}")
        rows.append({"job": f"{job.name}, against another", "program": program, "seconds": round(medians[program], 4),
                     "ratio": round(ratio, 3), "against": other, "goal": goal})
    return rows


def check_pixels(jobs):
    """Checks that haloedge's pixels equal OpenCV's. libvips rounds in its own way, so it is not compared."""
    os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = "9000000000"
    import cv2

    def edges(program, source):
        run(program, source)
        return cv2.imread(str(program.output), cv2.IMREAD_UNCHANGED)

    print("\npixels that differ from OpenCV's")
    for job in jobs:
        by_name = {program.name: program for program in job.programs}
        if "OpenCV" not in by_name:
            continue
        theirs = edges(by_name["OpenCV"], job.input)
        for name in ("haloedge", "mpirun -n 2"):
            different = int((edges(by_name[name], job.input) != theirs).sum())
            print(f"  {job.name}, {name}: {different} of {theirs.size}", flush=True)
            if different:
                sys.exit("the pixels are wrong")


def kernel_rows(bin_folder, rounds):
    """Measures the kernels alone on one thread, by Google Benchmark. Returns rows with medians over the rounds."""
    rates = {}
    for _ in range(rounds):
        for program, pattern in (("kernels_bench", "sobel_l[12]/rgb_u8/cpu"), ("opencv_kernels", "rgb_u8")):
            command = [bin_folder / program, f"--benchmark_filter={pattern}", "--benchmark_format=json"]
            for result in json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["benchmarks"]:
                rates.setdefault(result["name"], []).append(result["pixels"] / 1e9)
    print("\nkernel alone, RGB u8 to u8, one thread")
    rows = []
    for kernel, goal in (("sobel_l2", 5), ("sobel_l1", 2.5)):
        theirs = statistics.median(rates[f"{kernel}/rgb_u8/opencv"])
        best = True
        for name in (name for name in rates if name.startswith(kernel)):
            rate = statistics.median(rates[name])
            ours = "cpu" in name
            counts = ours and best  # kernels_bench lists the best instruction set first
            best = best and not ours
            print(f"  {name:34} {rate:6.2f} Gpx/s  {rate / theirs:5.2f} times OpenCV"
                  + (f", {verdict(rate / theirs, goal)}" if counts else ""))
            rows.append({"job": f"kernel {kernel}", "program": name.split("/")[-1], "seconds": "", "runs": rounds,
                         "ratio": round(rate / theirs, 3), "against": "OpenCV", "goal": goal if counts else "",
                         "gpx_per_s": round(rate, 3)})
    return rows


def ranks_row(name, runs, source, rounds, goal):
    """Compares one rank with two. Returns the row."""
    run_in_turn(runs, source, rounds)
    one, two = (statistics.median(program.seconds) for program in runs)
    print(f"  {name}: {one:.3f} s and {two:.3f} s: {one / two:.2f} times as fast, {verdict(one / two, goal)}",
          flush=True)
    return {"job": f"ranks {name}", "program": "2 ranks", "seconds": round(two, 4), "runs": rounds,
            "ratio": round(one / two, 3), "against": "1 rank", "goal": goal}


def scaling_rows(bench, rounds):
    """Measures ranks on the decode-bound jobs, and the cost of a pixel for several sizes. Returns rows."""
    rows = []
    print("\nranks of one thread")
    for name in ("big_deflate", "big_lzw_strip"):
        source = bench.data / f"{name}.tif"
        runs = [bench.haloedge("1 rank", source, 1, 1), bench.haloedge("2 ranks", source, 2, 1)]
        rows.append(ranks_row(name, runs, source, rounds, 1.85))
    print("\nseconds a Gpx, median and fastest")
    sizes = {"small": 8192, "big": 16384, "huge": 32768}
    programs = {name: bench.haloedge(name, bench.data / f"{name}.tif", 0, 2) for name in sizes}
    for _ in range(rounds + 1):
        for name, program in programs.items():
            run(program, bench.data / f"{name}.tif")
    for name, side in sizes.items():
        gpx = side**2 / 1e9
        seconds = programs[name].seconds[1:]
        median, fastest = statistics.median(seconds), min(seconds)
        small = min(programs["small"].seconds[1:]) / sizes["small"] ** 2 * 1e9
        print(f"  {side} x {side}: {median / gpx:.3f}, {fastest / gpx:.3f}: {fastest / gpx / small:.2f} times 8192 x 8192")
        rows.append({"job": f"size {side}", "program": "haloedge", "seconds": round(median, 4),
                     "fastest": round(fastest, 4), "runs": rounds, "ratio": round(fastest / gpx / small, 3),
                     "against": "8192, fastest of each"})
    return rows


def set_rows(bench, jobs, rounds):
    """Measures jobs on many small images, and ranks on them. Returns rows."""
    rows = []
    for job in jobs:
        rows += run_job(job, rounds)
    print("\nranks of one thread, sets")
    for job, command in zip(jobs, ("hash", "batch")):
        runs = [bench.haloedge_set(f"{ranks} ranks", command, ranks, 1) for ranks in (1, 2)]
        rows.append(ranks_row(job.name, runs, job.input, rounds, 1.9))
    return rows


def check_sets(jobs):
    """Checks that every hash and every pixel that the last runs left equals that of Python's OpenCV."""
    print("\nhashes and pixels of sets that differ from OpenCV's")
    for job in jobs:
        outputs = {program.name: program.output for program in job.programs}
        for name in ("haloedge", "mpirun -n 2"):
            differences = different_hashes if outputs[name].is_file() else different_pixels
            wrong, count, what = differences(outputs[name], outputs["Python"])
            print(f"  {job.name}, {name}: {wrong} of {count} {what}", flush=True)
            if wrong or not count:
                sys.exit("the results are wrong")


def different_hashes(ours, theirs):
    def table(path):
        with open(path, newline="", encoding="utf-8") as file:
            return {row["path"]: row["hash"] for row in csv.DictReader(file)}

    ours, theirs = table(ours), table(theirs)
    return sum(ours.get(path) != theirs.get(path) for path in ours.keys() | theirs.keys()), len(theirs), "hashes"


def different_pixels(ours, theirs):
    """Counts the pixels that differ. In an image that is missing, extra or of another size, all pixels differ."""
    import cv2

    wrong = count = 0
    for path in {file.relative_to(folder) for folder in (ours, theirs) for file in folder.rglob("*.png")}:
        mine, other = (cv2.imread(str(folder / path), cv2.IMREAD_UNCHANGED) for folder in (ours, theirs))
        same_kind = mine is not None and other is not None and (mine.shape, mine.dtype) == (other.shape, other.dtype)
        size = (mine if other is None else other).size
        wrong += int((mine != other).sum()) if same_kind else size
        count += size
    return wrong, count, "pixels"


def draw(rows, path, title):
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "haloedge"
    from matplotlib import pyplot

    jobs = [job for job in dict.fromkeys(row["job"] for row in rows) if any(
        row["job"] == job and row["program"] == "haloedge" and row.get("peak_mb") for row in rows)]
    figure, axes = pyplot.subplots(1, len(jobs), figsize=(3.4 * len(jobs), 3.2))
    for axis, job in zip(axes, jobs):
        bars = [row for row in rows if row["job"] == job][::-1]
        colours = ["#c2410c" if row["program"] in ("haloedge", "mpirun -n 2") else "#94a3b8" for row in bars]
        drawn = axis.barh([row["program"] for row in bars], [row["seconds"] for row in bars], color=colours)
        axis.bar_label(drawn, [f"{row['seconds']:.2f} s" for row in bars], padding=3, fontsize=8)
        axis.set_xscale("log")
        axis.set_xlim(0.1, max(row["seconds"] for row in bars) * 4)
        axis.set_title(job, fontsize=10)
        axis.tick_params(labelsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    figure.suptitle(f"{title}, wall seconds (logarithmic)", fontsize=11)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="jobs,kernels,scaling,sets",
                        help="parts: jobs, kernels, scaling, sets")
    options = parser.parse_args()
    parts = options.only.split(",")

    bench = Bench(options.bin, options.data)
    jobs = bench.jobs()
    set_jobs = bench.set_jobs()
    rows = []
    if "jobs" in parts:
        for job in jobs:
            rows += run_job(job, options.rounds)
    if "kernels" in parts:
        rows += kernel_rows(options.bin, options.rounds)
    if "scaling" in parts:
        rows += scaling_rows(bench, options.rounds)
    if "sets" in parts:
        rows += set_rows(bench, set_jobs, options.rounds)
    # This comes after all measurements: a process that is started counts this one's memory in its own peak, and the
    # memory grows here.
    if "jobs" in parts:
        check_pixels(jobs)
    if "sets" in parts:
        check_sets(set_jobs)

    with open(options.data / "results.csv", "w", newline="") as file:
        columns = list(dict.fromkeys(column for row in rows for column in row))
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    written = ["results.csv"]
    for part, name, title, of_part in (
            ("jobs", "results.svg", "16384 x 16384 RGB to edges", jobs),
            ("sets", "sets.svg", "9,000 JPEGs of about 300 x 200", set_jobs)):
        if part in parts:
            draw([row for row in rows if row["job"] in {job.name for job in of_part}], options.data / name, title)
            written.append(name)
    print(f"\n{options.data}/{', '.join(written)}")


if __name__ == "__main__":
    main()
