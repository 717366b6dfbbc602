#!/usr/bin/env python3
"""Counts the machine instructions that the CUDA kernels spend on a pixel, without a device.

Compiles kernels/cuda/launch.cu for one architecture and counts the instructions and the steps of a march in each
kernel's main loop, which gives the instructions that a pixel costs. All paths through the loop are counted, even those
that a run does not take. The figures of the kernels for any filter, of colour with 16 bits or floats, and of float L2
are therefore upper bounds. A device that issues i instructions for a warp in a cycle, on p multiprocessors, at a clock
of c, makes at most 32 * i * p * c / (instructions for a pixel) pixels a second; i is at most 4.
  scripts/bench/kernel_instructions.py [--arch 90] [--nvcc NVCC]
Works for compute capability 9.0 and later, whose branches it can read.
"""

import argparse
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
INSTRUCTION_BYTES = 16
BRANCH = 0x947
SHUFFLES = (0x389, 0x589, 0x989, 0xF89)
SHUFFLES_A_STEP = 2
LANE_BYTES = 16  # bytes of each channel that a thread has in a row
SAMPLE_BYTES = {"unsigned char": 1, "unsigned short": 2, "float": 4}
VALUES = {"0": "L2", "1": "L1"}


def compile_kernels(nvcc, arch, folder):
    """Returns the path of the machine code, and the compiler's messages about it."""
    cubin = pathlib.Path(folder) / "launch.cubin"
    command = [nvcc, "-std=c++20", "-O3", "-fmad=false", f"-I{ROOT}", f"-arch=sm_{arch}", "-cubin", "-o", cubin,
               "-Xptxas", "-v", ROOT / "kernels" / "cuda" / "launch.cu"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{nvcc} failed:\n{done.stderr}")
    return cubin, done.stderr


def code_sections(path):
    """Yields the name and the machine code of each function of an ELF file."""
    data = path.read_bytes()
    first, = struct.unpack_from("<Q", data, 0x28)
    count, names = struct.unpack_from("<HH", data, 0x3C)
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, first + i * 64) for i in range(count)]
    begin = headers[names][4]
    for name_at, _, _, _, offset, size, *_ in headers:
        name = data[begin + name_at:data.index(b"\0", begin + name_at)].decode()
        if name.startswith(".text."):
            yield name.removeprefix(".text."), data[offset:offset + size]


def branch_distance(low, high):
    """Returns the number of instructions that a branch jumps, counted from the instruction after it.

    The distance is stored in units of four bytes, in three bit fields.
    """
    units = (low >> 16 & 0xFF) | (low >> 34) << 8 | (high & 0x3FFFF) << 38
    if units >> 55:
        units -= 1 << 56
    return units * 4 // INSTRUCTION_BYTES


def main_loop(code):
    """Returns the opcodes of the longest loop that contains shuffles."""
    words = [struct.unpack_from("<QQ", code, at) for at in range(0, len(code), INSTRUCTION_BYTES)]
    opcodes = [low & 0xFFF for low, _ in words]
    loops = []
    for i, (low, high) in enumerate(words):
        if opcodes[i] == BRANCH and (distance := branch_distance(low, high)) < -1:
            loops.append(opcodes[i + 1 + distance:i + 1])
    return max((loop for loop in loops if any(op in SHUFFLES for op in loop)), key=len, default=[])


def registers(messages):
    """Returns the numbers of registers and of spilled bytes by mangled name."""
    pattern = re.compile(r"Compiling entry function '(\w+)'.*?(\d+) bytes spill stores.*?Used (\d+) registers", re.S)
    return {name: (int(used), int(spilled)) for name, spilled, used in pattern.findall(messages)}


def describe(name):
    """Returns the source, the filter and the bytes of a sample for a mangled name; None if it is no march."""
    readable = subprocess.run(["c++filt", name], capture_output=True, text=True, check=True).stdout
    found = re.search(r"march<([a-z ]+), (\d)ul, [\w:]+, [\w:]+(?:<.*Value\)(\d))?", readable)
    if not found:
        return None
    sample, channels, value = found.groups()
    source = {"1": "gray", "2": "gray+alpha", "3": "RGB", "4": "RGBA"}[channels]
    size = SAMPLE_BYTES[sample]
    kind = {1: "u8", 2: "u16", 4: "f32"}[size]
    return f"{source} {kind}", f"sobel {VALUES[value]}" if value else "any filter", size


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--arch", default="90", help="compute capability without its point (default 90)")
    parser.add_argument("--nvcc", default=shutil.which("nvcc") or "/usr/local/cuda/bin/nvcc")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cubin, messages = compile_kernels(arguments.nvcc, arguments.arch, folder)
        used = registers(messages)
        print(f"{'source':15} {'filter':12} {'a pixel':>8} {'in loop':>8} {'steps':>6} {'registers':>10} {'spilled':>8}")
        rows = []
        for name, code in code_sections(cubin):
            if not (described := describe(name)):
                continue
            source, filter_name, size = described
            loop = main_loop(code)
            steps = sum(op in SHUFFLES for op in loop) // SHUFFLES_A_STEP
            if steps == 0:
                sys.exit(f"the main loop of {source} {filter_name} was not found: is this architecture too old?")
            a_pixel = len(loop) / steps / (LANE_BYTES // size)
            rows.append((source, filter_name, a_pixel, len(loop), steps, *used[name]))
        for source, filter_name, a_pixel, length, steps, count, spilled in sorted(rows):
            print(f"{source:15} {filter_name:12} {a_pixel:8.1f} {length:8} {steps:6} {count:10} {spilled:8}")


if __name__ == "__main__":
    main()
