#!/usr/bin/env python3
"""Compares `haloedge stream` with the loop that people write in Python: live, with a slow filter, and at full speed.

    scripts/bench/streams.py --bin build/bin --photo FILE [--rounds N] [--csv FILE]

In the live runs this script is the camera, which gives 30 frames a second, and the player: it records when each frame
had gone in and when it had come out. Needs python3-opencv, and ffmpeg, which makes the frames: 1280 x 720, moving over
the photo.
"""

import argparse
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PEER = Path(__file__).resolve().parents[2] / "tests" / "bench" / "peers" / "python_stream.py"
WIDTH, HEIGHT, RATE, FRAMES = 1280, 720, 30, 240
FRAME_BYTES = len(b"FRAME\n") + WIDTH * HEIGHT * 3 // 2


def make_clip(photo, path):
    move = f"scale=1920:-1,zoompan=z='min(zoom+0.002,1.5)':x='iw/4+on':y='ih/4':d=1:s={WIDTH}x{HEIGHT}:fps={RATE}"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-loop", "1", "-i", photo, "-vf", move, "-frames:v", str(FRAMES),
                    "-pix_fmt", "yuv420p", path], check=True)


def start(command):
    return subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)


def feed(sink, clip, came_in, period):
    """Writes the clip, a frame each `period` seconds, and records when each frame had gone in."""
    with open(clip, "rb") as file:
        sink.write(file.readline())
        due = time.monotonic()
        while frame := file.read(FRAME_BYTES):
            time.sleep(max(0, due - time.monotonic()))
            due += period
            view = memoryview(frame)
            while view:
                view = view[sink.write(view):]
            came_in.append(time.monotonic())
    sink.close()


def take(source, went_out):
    """Reads a stream, and records when each frame had come out."""
    while source.read(1) != b"\n":
        pass
    frame = bytearray(FRAME_BYTES)
    while True:
        view = memoryview(frame)
        while view and (got := source.readinto(view)):
            view = view[got:]
        if view:
            return
        went_out.append(time.monotonic())


def run_live(command, clip):
    """Returns the frames a second that come out, and the delay of each frame in milliseconds."""
    came_in, went_out = [], []
    with start(command) as process:
        feeder = threading.Thread(target=feed, args=(process.stdin, clip, came_in, 1 / RATE))
        feeder.start()
        take(process.stdout, went_out)
        feeder.join()
    if len(went_out) != FRAMES:
        sys.exit(f"{command[0]}: {len(went_out)} of {FRAMES} frames came out")
    delays = sorted(1000 * (out - into) for into, out in zip(came_in, went_out))
    return (FRAMES - 1) / (went_out[-1] - went_out[0]), delays


def run_fast(command, clip):
    """Returns the frames a second of the whole process."""
    begin = time.monotonic()
    with open(clip, "rb") as file:
        subprocess.run([str(word) for word in command], stdin=file, stdout=subprocess.DEVNULL, check=True)
    return FRAMES / (time.monotonic() - begin)


def measure_live(program, clip, rounds):
    slow = [program, "stream", "--quiet", "--backend", "reference", "--operator", "canny", "--sigma", "20"]
    commands = {"haloedge, filter held to 5 fps": [program, "stream", "--quiet", "--operator", "canny", "--filter-rate", "5"],
                "haloedge, filter burns 2 threads": [*slow, "--threads", "2"],
                "haloedge, filter burns 8 threads": [*slow, "--threads", "8"],
                "Python loop, filter held to 5 fps": [sys.executable, PEER, "0.2"]}
    for name, command in commands.items():
        results = [run_live(command, clip) for _ in range(rounds)]
        rate = statistics.median(rate for rate, _ in results)
        delays = sorted(delay for _, delays in results for delay in delays)
        row = {"job": name, "fps": round(rate, 2), "delay_p50_ms": round(delays[len(delays) // 2], 2),
               "delay_p99_ms": round(delays[len(delays) * 99 // 100], 2), "delay_max_ms": round(delays[-1], 2)}
        print("  {job:34} {fps:7.2f} fps out; delay {delay_p50_ms} ms, p99 {delay_p99_ms}, max {delay_max_ms}".format(**row))
        yield row


def measure_fast(program, clip, rounds):
    options = ["stream", "--policy", "all", "--show", "edges", "--operator", "canny", "--quiet"]
    commands = {"haloedge, all, 1 thread": [program, *options, "--threads", "1"],
                "haloedge, all, 2 threads": [program, *options, "--threads", "2"],
                "mpirun -n 2 haloedge, all": ["mpirun", "--oversubscribe", "-n", "2", program, *options, clip, "-o",
                                              "/dev/null", "--threads", "1"],
                "Python loop": [sys.executable, PEER]}
    rates = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            rate = run_fast(command, clip)
            if number > 0:  # the first round fills the page cache
                rates[name].append(rate)
    for name, measured in rates.items():
        print(f"  {name:34} {statistics.median(measured):7.1f} fps")
        yield {"job": name, "fps": round(statistics.median(measured), 1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True, help="folder of the program")
    parser.add_argument("--photo", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--csv", type=Path, help="where the figures go")
    options = parser.parse_args()
    if os.geteuid() == 0:
        os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.y4m"
        make_clip(options.photo, clip)
        program = options.bin / "haloedge"
        rows = [*measure_live(program, clip, options.rounds), *measure_fast(program, clip, options.rounds)]
    if options.csv:
        with open(options.csv, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["job", "fps", "delay_p50_ms", "delay_p99_ms", "delay_max_ms"])
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
