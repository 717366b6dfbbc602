"""Tests that includes point one way: a room of src/ includes rooms that precede it in src/CMakeLists.txt, and itself.

Only src/comm/ includes MPI, and only kernels/cuda/ includes CUDA. kernels/ includes nothing of src/.
"""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', re.M)
MPI = ("mpi.h", "mpi-ext.h")
CUDA = ("cuda", "cub/", "nvtx", "cooperative_groups", "kernels/cuda/")
SOURCES = (".cpp", ".hpp", ".cu")


def rooms():
    """Returns the rooms from the lowest to the highest."""
    return re.findall(r"add_subdirectory\((\w+)\)", (ROOT / "src" / "CMakeLists.txt").read_text())


def includes(folder):
    """Yields (file, what it includes) for all sources under a folder, as paths from the root."""
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix in SOURCES:
            for included in INCLUDE.findall(path.read_text()):
                yield path.relative_to(ROOT), included


def against_the_order(order, found):
    """Returns the (file, included) that point to a higher room, or use a path that is not the usual one."""
    wrong = []
    for path, included in found:
        room = path.parts[1]
        target = included.split("/")[0]
        if included.startswith("src/") or ".." in included.split("/"):
            wrong.append(f"{path} includes {included}")
            continue
        if "/" not in included or not (ROOT / "src" / included).exists() or path == Path("src/main.cpp"):
            continue
        if room not in order or target not in order or order.index(target) > order.index(room):
            wrong.append(f"{path} includes {included}")
    return wrong


class Includes(unittest.TestCase):
    def test_rooms(self):
        order = rooms()
        folders = sorted(path.name for path in (ROOT / "src").iterdir() if path.is_dir())
        self.assertEqual(sorted(order), folders, "src/CMakeLists.txt names other rooms")
        found = list(includes("src"))
        self.assertGreater(len(found), 1000)
        self.assertEqual(against_the_order(order, found), [])
        page = (ROOT / "src" / "README.md").read_text()
        self.assertEqual(re.findall(r"^\| `(\w+)/`", page, re.M), order[::-1], "src/README.md has another order")

    def test_the_check_finds_what_is_wrong(self):
        wrong = [(Path("src/core/file.cpp"), "comm/communicator.hpp"),
                 (Path("src/core/file.cpp"), "../stream/painter.hpp"),
                 (Path("src/core/file.cpp"), "src/stream/painter.hpp"),
                 (Path("src/core/main.cpp"), "comm/communicator.hpp")]
        self.assertEqual(len(against_the_order(rooms(), wrong)), len(wrong))
        self.assertEqual(INCLUDE.findall('  #  include "a.hpp"\n#include <b>\n'), ["a.hpp", "b"])

    def test_kernels(self):
        for path, included in includes("kernels"):
            outside = (ROOT / "src" / included).exists() or included.startswith("src/") or ".." in included.split("/")
            self.assertFalse(outside, f"{path} includes {included}")

    def test_mpi(self):
        users = {path.parent for folder in ("src", "kernels") for path, included in includes(folder) if included in MPI}
        self.assertEqual(users, {Path("src/comm")})

    def test_cuda(self):
        users = {path.parent for folder in ("src", "kernels") for path, included in includes(folder)
                 if included.startswith(CUDA)}
        self.assertEqual(users, {Path("kernels/cuda")})


if __name__ == "__main__":
    unittest.main()
