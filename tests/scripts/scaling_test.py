"""Tests scripts/scaling.py with small images on one and two ranks. HALOEDGE_PROGRAM: the program that is measured."""

import csv
import hashlib
import html.parser
import importlib.util
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock
import xml.etree.ElementTree
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCALING = ROOT / "scripts" / "scaling.py"
sys.path.insert(0, str(SCALING.parent))

from scaling import lanes, measure, summary, table  # noqa: E402
from scaling.launch import Launcher, UsageError  # noqa: E402

PROGRAM = os.environ["HALOEDGE_PROGRAM"]
WIDTH, HEIGHT = 320, 200
TILE = "64"  # so low that tiles have the same height on two ranks as on one

# A stand-in for haloedge that makes trouble on two ranks. TROUBLE=spoil adds a byte to the output, fail makes the run
# fail, hang makes it hang.
TROUBLED = """#!/bin/sh
if [ "$OMPI_COMM_WORLD_SIZE" = 2 ]; then
  case $TROUBLE in
    fail) echo "out of luck" >&2; exit 7 ;;
    hang) exec sleep 60 ;;
  esac
fi
"$HALOEDGE_PROGRAM" "$@" || exit
if [ "$TROUBLE $OMPI_COMM_WORLD_SIZE $OMPI_COMM_WORLD_RANK" = "spoil 2 0" ]; then
  while [ "$1" != -o ]; do shift; done
  printf x >> "$2"
fi
"""


def write_png(path, seed):
    """Writes a gray image whose edges are different everywhere."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((x * y * seed // 7 + x) % 256 for x in range(WIDTH)) for y in range(HEIGHT))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0))
                     + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Loads(html.parser.HTMLParser):
    """Collects what a page would load."""

    def __init__(self):
        super().__init__()
        self.found = []
        self.svgs = 0

    def handle_starttag(self, tag, attributes):
        self.svgs += tag == "svg"
        if tag in ("script", "link", "iframe"):
            self.found.append(tag)
        self.found += [value for name, value in attributes
                       if name in ("src", "href", "xlink:href") and not value.startswith(("#", "data:"))]


class Folder(unittest.TestCase):
    plots = False  # most tests do not need plots, which take seconds

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        write_png(self.folder / "image.png", 3)
        (self.folder / "set").mkdir()
        for number in range(4):
            write_png(self.folder / "set" / f"{number}.png", number + 1)
        self.troubled = self.folder / "troubled"
        self.troubled.write_text(TROUBLED)
        self.troubled.chmod(0o755)

    def start(self, mode, *arguments, trouble=""):
        """Starts the script in this folder."""
        more = [] if mode == "plot" else ["--launcher", "mpirun", *([] if self.plots else ["--no-plots"])]
        return subprocess.Popen([sys.executable, SCALING, mode, *more, *arguments], cwd=self.folder, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**os.environ, "TROUBLE": trouble})

    def scaling(self, *arguments, code=0, trouble=""):
        """Runs the script, which must end with `code`. Returns its standard error."""
        process = self.start(*arguments, trouble=trouble)
        out, errors = process.communicate(timeout=100)
        self.assertEqual(process.returncode, code, out + errors)
        return errors

    def strong(self, *more, program=None, source="image.png", repeats=2, **how):
        return self.scaling("strong", "--bin", program or PROGRAM, "--input", source, "-o", "results",
                            "--ranks", "1,2", "--repeats", str(repeats), "--", "--tile", TILE, *more, **how)

    def troubled_run(self, trouble, **how):
        return self.strong(program=self.troubled, trouble=trouble, **how)

    def rows(self, folder="results"):
        with open(self.folder / folder / "runs.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def digest(self, *arguments):
        """Returns the digest of what the program writes when it is not measured."""
        output = self.folder / "expected.tif"
        subprocess.run([PROGRAM, "edges", *arguments, "-o", output, "--overwrite", "-q"],
                       cwd=self.folder, check=True)
        return hashlib.sha256(output.read_bytes()).hexdigest()


class Measures(Folder):
    def test_strong_edges_has_a_line_a_run_in_turn(self):
        self.strong("--norm", "l1")
        rows = self.rows()
        self.assertEqual([row["repeat"] + row["ranks"] for row in rows], ["11", "12", "21", "22"])
        for row in rows:
            expected = {"mode": "strong", "command": "edges", "threads": "1", "backend": "cpu", "nodes": "1",
                        "images": "", "options": "--tile 64 --norm l1", "pixels": str(WIDTH * HEIGHT), "exit_code": "0"}
            self.assertEqual({column: row[column] for column in expected}, expected)
            self.assertEqual(int(row["bytes"]), (self.folder / "image.png").stat().st_size)
            self.assertGreater(float(row["wall_s"]), float(row["job_s"]))
            self.assertGreater(float(row["decode_s"]), 0)
            self.assertGreaterEqual(int(row["peak_bytes"]), int(row["peak_rank_bytes"]))
        self.assertEqual({row["sha256"] for row in rows}, {self.digest("image.png", "--tile", TILE, "--norm", "l1")})
        self.assertFalse((self.folder / "results" / "work").exists())

    def test_environment_tells_program_and_command_line(self):
        self.strong(repeats=1)
        session, = json.loads((self.folder / "results" / "environment.json").read_text())
        version = subprocess.run([PROGRAM, "--version"], check=True, capture_output=True, text=True)
        self.assertEqual(session["haloedge"], version.stdout.splitlines())
        self.assertIn("--ranks 1,2 --repeats 1", session["command_line"])
        self.assertEqual(session["cores"], len(os.sched_getaffinity(0)))

    def test_weak_edges_has_rows_that_grow_with_the_ranks(self):
        self.scaling("weak", "--bin", PROGRAM, "--input", "image.png", "-o", "results", "--ranks", "1,2",
                     "--repeats", "1")
        one, two = self.rows()
        self.assertEqual((int(one["pixels"]), int(two["pixels"])), (WIDTH * HEIGHT, 2 * WIDTH * HEIGHT))
        self.assertEqual(int(two["bytes"]), 2 * int(one["bytes"]))
        self.assertEqual(one["sha256"], self.digest("image.png"))
        (self.folder / "again.png").write_bytes((self.folder / "image.png").read_bytes())
        self.assertEqual(two["sha256"], self.digest("*a*.png", "--grid", "2x1"))

    def test_weak_input_may_be_a_pattern(self):
        shutil.copy(self.folder / "image.png", self.folder / "of-1.png")
        shutil.copy(self.folder / "set" / "0.png", self.folder / "of-2.png")
        self.scaling("weak", "--bin", PROGRAM, "--input", "of-{ranks}.png", "-o", "results",
                     "--ranks", "1,2", "--repeats", "1", "--", "--tile", TILE)
        self.assertEqual([row["sha256"] for row in self.rows()],
                         [self.digest(image, "--tile", TILE) for image in ("image.png", "set/0.png")])

    def test_an_image_of_too_few_rows_is_refused_at_once(self):
        errors = self.scaling("strong", "--bin", PROGRAM, "--input", "image.png", "-o", "results",
                              "--ranks", "1,2", code=2)
        self.assertIn("-- --tile 96", errors)
        self.assertFalse((self.folder / "results" / "runs.csv").exists())

    def test_sets_count_images(self):
        for command in ("batch", "hash"):
            for mode in ("strong", "weak"):
                self.scaling(mode, command, "--bin", PROGRAM, "--input", "set", "-o", "results",
                             "--ranks", "1,2", "--repeats", "1")
        rows = self.rows()
        self.assertEqual([(row["mode"], row["command"], row["ranks"], row["images"]) for row in rows], [
            (mode, command, ranks, images) for command in ("batch", "hash") for mode, ranks, images in (
                ("strong", "1", "4"), ("strong", "2", "4"), ("weak", "1", "2"), ("weak", "2", "4"))])
        sums = {command: [row["sha256"] for row in rows if row["command"] == command] for command in ("batch", "hash")}
        for strong_one, strong_two, weak_one, weak_two in sums.values():
            self.assertEqual(strong_one, strong_two)
            self.assertNotEqual(weak_one, weak_two)
        self.assertEqual(sums["hash"][0], sums["hash"][3], "the table of all four images, however they are named")
        self.assertTrue(all(float(row["filter_s" if row["command"] == "batch" else "hash_s"]) > 0 for row in rows))


class GoesOn(Folder):
    def test_runs_that_are_there_are_not_repeated(self):
        self.strong(repeats=1)
        before = (self.folder / "results" / "runs.csv").read_bytes()
        self.strong(repeats=2)
        after = (self.folder / "results" / "runs.csv").read_bytes()
        self.assertTrue(after.startswith(before))
        self.assertEqual([row["repeat"] for row in self.rows()], ["1", "1", "2", "2"])

    def test_a_failed_run_is_told_and_the_rest_goes_on(self):
        self.assertIn("2 run(s) FAILED", self.troubled_run("fail", code=1))
        self.assertEqual([row["exit_code"] for row in self.rows()], ["0", "7", "0", "7"])
        self.assertIn("out of luck", self.rows()[1]["error"])
        self.assertIn("out of luck", (self.folder / "results" / "report.html").read_text())

        self.troubled_run("", code=0)
        self.assertEqual([row["exit_code"] for row in self.rows()], ["0", "7", "0", "7", "0", "0"])

    def test_outputs_that_differ_are_no_success(self):
        errors = self.troubled_run("spoil", code=1)
        self.assertIn("OUTPUTS DIFFER", errors)
        self.assertIn("strong 2 rank(s)", errors)
        self.assertIn("OUTPUTS DIFFER", (self.folder / "results" / "report.html").read_text())

    def test_a_stop_keeps_what_is_done(self):
        process = self.start("strong", "--bin", self.troubled, "--input", "image.png", "-o", "results", "--ranks",
                             "1,2", "--repeats", "1", "--", "--tile", TILE, trouble="hang")
        while not (self.folder / "results" / "runs.csv").exists():
            self.assertIsNone(process.poll())
            time.sleep(0.05)
        time.sleep(0.5)  # by now the second run hangs
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130, errors)
        self.assertEqual([row["ranks"] for row in self.rows()], ["1"])
        self.assertFalse((self.folder / "results" / "work").exists())
        self.troubled_run("", repeats=1)
        self.assertEqual([row["ranks"] for row in self.rows()], ["1", "2"])

    def test_a_run_that_hangs_is_ended(self):
        self.scaling("strong", "--bin", self.troubled, "--input", "image.png", "-o", "results", "--ranks", "1,2",
                     "--repeats", "1", "--timeout", "2", "--", "--tile", TILE, trouble="hang", code=1)
        self.assertEqual([row["exit_code"] for row in self.rows()], ["0", "124"])

    def test_other_inputs_and_programs_want_another_folder(self):
        self.strong(repeats=1)
        before = (self.folder / "results" / "runs.csv").read_bytes()
        self.assertIn("choose another -o", self.strong(source="set/1.png", code=2))
        self.assertIn("choose another -o", self.strong("--norm", "l1", code=2))
        self.assertIn("another build of haloedge", self.strong(program=self.troubled, code=2))
        self.assertEqual((self.folder / "results" / "runs.csv").read_bytes(), before)


@unittest.skipUnless(importlib.util.find_spec("matplotlib"), "no matplotlib")
class Draws(Folder):
    plots = True

    def test_page_and_plots(self):
        self.strong(repeats=1)
        results = self.folder / "results"
        names = [f"strong-edges-{kind}" for kind in ("speedup", "efficiency", "phases", "lanes")]
        self.assertEqual(sorted(path.stem for path in results.glob("*.svg")), sorted(names))
        text = {}
        for name in names:
            root = xml.etree.ElementTree.parse(results / f"{name}.svg").getroot()
            self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
            text[name] = " ".join(root.itertext())
            self.assertEqual((results / f"{name}.png").read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
        self.assertIn("ideal", text["strong-edges-speedup"])
        self.assertIn("80 %", text["strong-edges-efficiency"])
        for name in names[2:]:
            self.assertIn("decode", text[name])
            self.assertIn("idle", text[name])
        self.assertIn("2 ranks x 1 thread", text["strong-edges-lanes"])

        page = (results / "report.html").read_text(encoding="utf-8")
        loads = Loads()
        loads.feed(page)
        self.assertEqual(loads.found, [])
        self.assertNotRegex(page, r"@import|url\((?!#)")
        self.assertEqual(loads.svgs, len(names))
        self.assertIn("The outputs of all 2 runs are identical", page)
        self.assertIn("--ranks 1,2 --repeats 1", page)
        # A word is not broken: only long texts may be.
        self.assertIn("<td class=text>cpu</td>", page)
        self.assertEqual(re.findall(r"\.(\w+) {[^}]*overflow-wrap: anywhere", page), ["long"])

    def test_plot_needs_the_table_alone(self):
        self.strong(repeats=1)
        (self.folder / "copy").mkdir()
        shutil.copy(self.folder / "results" / "runs.csv", self.folder / "copy")
        self.scaling("plot", "copy")
        for kind in ("speedup", "efficiency", "phases"):
            name = f"strong-edges-{kind}.svg"
            self.assertEqual((self.folder / "copy" / name).read_bytes(), (self.folder / "results" / name).read_bytes())
        self.assertIn("no runs.csv", self.scaling("plot", "set", code=2))


class Launches(unittest.TestCase):
    def words(self, kinds, variables, ranks, threads, more=""):
        """Returns the launcher's words on a machine whose srun has these `kinds` of MPI.

        Without kinds, the machine has no srun. There is always an mpirun.
        """
        with tempfile.TemporaryDirectory() as folder:
            for name, says in (("mpirun", ""), ("srun", kinds)):
                if says is not None:
                    Path(folder, name).write_text(f"#!/bin/sh\necho '{says}' >&2\n")
                    Path(folder, name).chmod(0o755)
            with unittest.mock.patch.dict(os.environ, {"PATH": f"{folder}:/bin", **variables}, clear=True):
                return " ".join(Launcher("auto", more, ranks).words(ranks, threads))

    def test_slurm_with_pmix(self):
        job = {"SLURM_JOB_ID": "1", "SLURM_JOB_NUM_NODES": "4", "SLURM_CPUS_ON_NODE": "16"}
        self.assertEqual(self.words("none pmi2 pmix", job, 8, 2, "--exact"), "srun --mpi=pmix -n 8 -c 2 --exact")
        self.assertEqual(self.words("none pmi2", job, 64, 1), "mpirun -n 64 --bind-to none")
        self.assertEqual(self.words("none pmi2", job, 65, 1), "mpirun -n 65 --bind-to none --oversubscribe")

    def test_no_slurm(self):
        cores = len(os.sched_getaffinity(0))
        self.assertEqual(self.words(None, {}, cores, 1, "--bind-to core"), f"mpirun -n {cores} --bind-to core")
        self.assertEqual(self.words("pmix", {}, cores + 1, 1), f"mpirun -n {cores + 1} --bind-to none --oversubscribe")
        self.assertEqual(self.words(None, {}, 0, 2), "")

    def test_no_mpi_at_all(self):
        with unittest.mock.patch.dict(os.environ, {"PATH": "/nowhere"}, clear=True):
            self.assertRaisesRegex(UsageError, "mpirun is not on the PATH", Launcher, "auto", "", 2)
            self.assertEqual(Launcher("auto", "", 0).words(0, 1), [])


class Computes(unittest.TestCase):
    @staticmethod
    def row(ranks, repeat, wall, job, pixels=1_000_000, **more):
        columns = {"mode": "strong", "command": "edges", "ranks": ranks, "threads": 1, "backend": "cpu",
                   "repeat": repeat, "nodes": 1, "cores": 2, "wall_s": wall, "job_s": job, "pixels": pixels,
                   "peak_bytes": 1, "exit_code": 0, **more}
        return {**dict.fromkeys(table.COLUMNS, ""), **{name: str(value) for name, value in columns.items()}}

    def points(self, *rows):
        group, = summary.groups_of(rows)
        return [(point.ranks, point.speedup, point.efficiency) for point in group.points]

    def test_speed_ups_of_medians(self):
        rows = [self.row(1, 1, 4, 4), self.row(1, 2, 8, 4), self.row(1, 3, 100, 4), self.row(4, 1, 4, 4)]
        self.assertEqual(self.points(*rows), [(1, 1, 1), (4, 2, 0.5)])

    def test_weak_scaling_counts_the_work(self):
        self.assertEqual(self.points(self.row(1, 1, 4, 4), self.row(4, 1, 5, 5, 4_000_000)), [(1, 1, 1), (4, 3.2, 0.8)])

    def test_the_first_point_need_not_be_one_rank(self):
        self.assertEqual(self.points(self.row(2, 1, 4, 4), self.row(8, 1, 2, 2)), [(2, 2, 1), (8, 4, 0.5)])

    def test_without_launcher_is_compared_with_one_rank(self):
        self.assertEqual(self.points(self.row(0, 1, 1, 1), self.row(1, 1, 2, 1)), [(0, 2, 2), (1, 1, 1)])

    def test_failed_runs_count_until_they_are_made_well(self):
        failed = self.row(2, 1, 0.1, "", exit_code=7)
        group, = summary.groups_of([self.row(1, 1, 4, 4), failed])
        self.assertEqual(([point.ranks for point in group.points], len(group.failures)), ([1], 1))
        group, = summary.groups_of([self.row(1, 1, 4, 4), failed, self.row(2, 1, 2, 2)])
        self.assertEqual(([point.ranks for point in group.points], len(group.failures)), ([1, 2], 0))

    def test_a_bar_is_as_high_as_the_run_took(self):
        idle, = summary.groups_of([self.row(2, 1, 5, 4, decode_s=2, filter_s=4)])
        point, = idle.points
        self.assertEqual((point.phases, point.idle, point.around), ({"decode": 1, "filter": 2}, 1, 1))
        # Stages of sets have more threads than --threads says.
        full, = summary.groups_of([self.row(1, 1, 5, 4, filter_s=6, encode_s=2)])
        point, = full.points
        self.assertEqual((point.phases, point.idle, point.around), ({"filter": 3, "encode": 1}, 0, 1))

    def test_what_mpirun_says_hides_nothing(self):
        border = "-" * 74
        primary = ["Primary job  terminated normally, but 1 process returned",
                   "a non-zero exit code. Per user-direction, the job has been aborted."]
        detected = ["mpirun detected that one or more processes exited with non-zero status, thus causing",
                    "the job to be terminated. The first process to do so was:", "", "  Process name: [[1,1],0]",
                    "  Exit code:    7"]
        text = "\n".join(["haloedge: rank 1: no", border, *primary, border, border, *detected, border])
        lines = measure.last_lines(text.encode())
        self.assertEqual((lines[0], lines[-1], len(lines)), ("haloedge: rank 1: no", "Exit code:    7", 7))

    def test_nested_intervals_are_counted_once(self):
        pieces = lanes.own_time([(1, 9, "decode"), (2, 3, "gray"), (3, 5, "gray"), (9, 10, "write"), (12, 13, "halo")])
        self.assertEqual(pieces, [(1, 2, "decode"), (2, 3, "gray"), (3, 5, "gray"), (5, 9, "decode"), (9, 10, "write"),
                                  (12, 13, "halo")])

    def test_lanes_keep_the_seconds(self):
        with tempfile.TemporaryDirectory() as folder:
            trace = Path(folder, "trace.json")
            trace.write_text('{"traceEvents": [{"ph": "M", "pid": 0}, '
                             '{"ph": "X", "name": "decode", "pid": 0, "tid": 0, "ts": 0, "dur": 1000000},'
                             '{"ph": "X", "name": "gray", "pid": 0, "tid": 0, "ts": 500000, "dur": 250000},'
                             '{"ph": "X", "name": "write", "pid": 1, "tid": 0, "ts": 1500000, "dur": 500000}]}')
            path = Path(folder, "lanes.csv")
            what = {"mode": "strong", "command": "edges", "ranks": 2, "threads": 1, "backend": "cpu"}
            lanes.append(path, what, trace)
            seconds = {}
            for row in lanes.read(path):
                what = (row["rank"], row["phase"])
                seconds[what] = seconds.get(what, 0) + float(row["busy_s"])
        self.assertEqual({what: round(value, 4) for what, value in seconds.items()},
                         {("0", "decode"): 0.75, ("0", "gray"): 0.25, ("1", "write"): 0.5})


if __name__ == "__main__":
    unittest.main()
