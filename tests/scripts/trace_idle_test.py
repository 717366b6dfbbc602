"""Tests scripts/trace_idle.py with small traces that are made here, and one of the program in HALOEDGE_PROGRAM."""

import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "trace_idle.py"


def thread(rank, number, stage):
    return {"name": "thread_name", "ph": "M", "pid": rank, "tid": number, "args": {"name": stage}}


def interval(rank, number, name, begin, end):
    return {"name": name, "ph": "X", "pid": rank, "tid": number, "ts": begin, "dur": end - begin}


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def script(self, text, code=0):
        """Runs the script on a trace with this text. Returns what it prints, or its message about an error."""
        path = self.folder / "trace.json"
        path.write_text(text)
        run = subprocess.run([sys.executable, SCRIPT, path], text=True, capture_output=True, check=False)
        self.assertEqual(run.returncode, code, run.stderr)
        self.assertNotIn("Traceback", run.stderr)
        return run.stdout if code == 0 else run.stderr

    def rows(self, text):
        lines = [line.split() for line in self.script(text).splitlines()]
        self.assertEqual(lines[0], ["stage", "threads", "busy", "work", "room", "memory", "other"])
        return {stage: [float(number) for number in numbers] for stage, *numbers in lines[1:]}


class Tells(Folder):
    def test_where_the_time_of_each_stage_went(self):
        events = [
            {"name": "process_name", "ph": "M", "pid": 0, "tid": 0, "args": {"name": "rank 0"}},
            # The wait for memory lies within the work on an item.
            thread(0, 0, "read"), interval(0, 0, "wait for memory", 110, 150), interval(0, 0, "read", 100, 160),
            interval(0, 0, "wait for room", 160, 190),
            thread(0, 1, "read"), interval(0, 1, "read", 100, 200),
            thread(0, 2, "write"), interval(0, 2, "wait for work", 100, 160), interval(0, 2, "write", 160, 200),
            # This rank takes half the time, and its last thread got no item and left nothing.
            thread(1, 0, "read"), interval(1, 0, "read", 0, 50),
            thread(1, 1, "read"), interval(1, 1, "read", 0, 25),
            thread(1, 2, "write"),
        ]
        rows = self.rows(json.dumps({"traceEvents": events}))
        self.assertEqual(list(rows), ["read", "write"])
        self.assertEqual(rows["read"], [4, 65.0, 0, 10.0, 13.3, 11.7])
        self.assertEqual(rows["write"], [2, 26.7, 40.0, 0, 0, 33.3])

    def test_a_trace_of_batch(self):
        def chunk(kind, data):
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        (self.folder / "set").mkdir()
        for number in range(5):
            (self.folder / "set" / f"{number}.png").write_bytes(
                b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 48, 8, 0, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(bytes(65 * 48))) + chunk(b"IEND", b""))
        subprocess.run([os.environ["HALOEDGE_PROGRAM"], "batch", "set", "-o", "out", "-q", "--threads", "2", "--trace",
                        "t.json"], cwd=self.folder, check=True, timeout=60)
        rows = self.rows((self.folder / "t.json").read_text())
        threads = {stage: row[0] for stage, row in rows.items()}
        self.assertEqual(threads, {"read": 4, "filter": 2, "encode": 2, "write": 1})
        for row in rows.values():
            self.assertAlmostEqual(sum(row[1:]), 100, delta=0.5)
        self.assertGreater(sum(row[1] for row in rows.values()), 0)


class Refuses(Folder):
    def test_what_is_no_trace_of_a_set(self):
        for text in ("", "[1]", '{"x": 1}', '{"traceEvents": [{"ph": "X"}]}',
                     json.dumps({"traceEvents": [interval(0, 0, "decode", 0, 1)]})):
            self.assertIn("trace.json: not the trace of a command over a set", self.script(text, code=1))

    def test_a_file_that_is_not_there(self):
        command = [sys.executable, SCRIPT, self.folder / "none"]
        run = subprocess.run(command, text=True, capture_output=True, check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn("No such file", run.stderr)


if __name__ == "__main__":
    unittest.main()
