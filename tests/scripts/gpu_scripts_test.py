"""Tests scripts/gpu_check.sh and scripts/gpu_job.sh without a GPU, with stand-ins for the programs that need one.

HALOEDGE_PROGRAM: the program that gpu_job.sh runs.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
PROGRAM = os.environ["HALOEDGE_PROGRAM"]

# A stand-in for haloedge whose CUDA backend is the processor. TROUBLE makes one row of Canny's go wrong: spoil adds a
# byte to its output, fail makes it fail, hang makes it hang. With TROUBLE=no_device there is no device.
HALOEDGE = """#!/usr/bin/env bash
if [[ "$*" == "info --devices" ]]; then
  [[ $TROUBLE == no_device ]] && echo "devices       none: none in a test" || echo "device 0      a stand-in"
  exit 0
fi
if [[ $TROUBLE == no_device && "$*" == *cuda* ]]; then echo "haloedge: no driver in a test" >&2; exit 1; fi
[[ "$1 $*" != edges*canny* || "$*" != *"--backend cuda"* ]] && TROUBLE=""
case $TROUBLE in
  fail) printf '%s\\n' ------ "haloedge: out of luck" >&2; exit 7 ;;
  hang) exec sleep 60 ;;
esac
"$HALOEDGE_PROGRAM" "${@/#cuda/cpu}" || exit
if [[ $TROUBLE == spoil ]]; then
  while [[ $1 != -o ]]; do shift; done
  printf x >>"$2"
fi
"""

# A stand-in for kernels_test with a few tests; the first letters of --gtest_filter choose among them.
# TROUBLE=no_device: device tests are skipped; fail: a device test fails; hang: one never ends; crash: one ends all.
KERNELS_TEST = """#!/usr/bin/env bash
for word in "$@"; do [[ $word != --gtest_filter=* ]] || filter=${word#*=}; done
run() { echo "[ RUN      ] $1"; }
ok() { run "$1"; echo "[       OK ] $1 (3 ms)"; }
skip() { run "$1"; printf '%s\\n' "/a/test.cpp:34: Skipped" "$2" "[  SKIPPED ] $1 (0 ms)"; }
device_tests=(Kernels/OnDevice.ClipsFloats/device Kernels/OnDevice.ManyImages/device)
case $filter in
  -*)
    ok BorderIndex.Reflects
    [[ $TROUBLE == host_skips ]] && skip Oracle.Something "no fixtures"
    skip MakeDeviceFilter.NoDevice "there is a device"
    exit 0 ;;
esac
[[ $filter == "*OnDevice*/device:*DeviceOnly*" ]] || [[ $TROUBLE == no_device ]] || TROUBLE=""
for test in "${device_tests[@]}"; do
  case $TROUBLE in
    no_device) skip "$test" "no driver in a test"; continue ;;
    fail) run "$test"; echo "[  FAILED  ] $test, where GetParam() = 4-byte object (3 ms)"; status=1; continue ;;
    hang) run "$test"; exec sleep 60 ;;
    crash) run "$test"; kill -SEGV $$ ;;
  esac
  ok "$test"
done
exit "${status:-0}"
"""

GPU_BENCH = """#!/usr/bin/env bash
row="sobel L2 RGB u8      1000 GB/s     80 % of copy"
echo "$row"
[[ $1 != --csv ]] || echo "$row" >"$2"
[[ $TROUBLE != slow_bench ]] || exec sleep 60
[[ $TROUBLE != bench ]]
"""

COMPUTE_SANITIZER = """#!/usr/bin/env bash
while [[ $1 == --* ]]; do [[ $1 != --tool ]] || tool=$2; shift 2; done
"$@" || exit
case $TROUBLE$tool in
  hazardsracecheck) echo "========= RACECHECK SUMMARY: 2 hazards displayed (0 errors, 2 warnings)" ;;
  silentmemcheck) ;;
  *racecheck) echo "========= RACECHECK SUMMARY: 0 hazards displayed (0 errors, 0 warnings)" ;;
  *) echo "========= ERROR SUMMARY: 0 errors" ;;
esac
"""

CMAKE = """#!/usr/bin/env bash
echo "cmake $*" >>"$CALLS"
while (($# > 0)); do
  case $1 in
    -B) mkdir -p "$2/bin"; cp "$STAND_INS/kernels_test" "$STAND_INS/gpu_bench" "$2/bin/" ;;
  esac
  shift
done
[[ $TROUBLE != build ]]
"""

NVIDIA_SMI = """#!/usr/bin/env bash
[[ $1 != -L ]] && echo "NVIDIA Stand-in, 580.1" || echo "GPU 0: NVIDIA Stand-in"
"""

# The commands that the scripts may use on a machine with a GPU.
TOOLS = ("bash cat cp date dirname env grep head kill ln mkdir mktemp nproc paste printf pwd realpath rm sed sleep sort "
         "tail tee timeout uname wc").split()


class Scripts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "out").mkdir()
        (self.folder / "temporary").mkdir()

    def stand_in(self, path, text):
        path = self.folder / path
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def start(self, *words, trouble="", **environment):
        # The process gets its own session, so that a signal reaches the script alone and nothing is left after a
        # failure.
        process = subprocess.Popen(
            words, cwd=self.folder, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "TROUBLE": trouble, "OUT": str(self.folder / "out"),
                 "TMPDIR": str(self.folder / "temporary"), **environment})
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def end(self, process, code):
        """Returns what the script printed. It must end with `code` and leave no temporary files."""
        out, _ = process.communicate(timeout=100)
        self.assertEqual(process.returncode, code, out)
        self.assertEqual(list((self.folder / "temporary").iterdir()), [], out)
        return out

    def stop_after(self, process, text):
        """Sends SIGTERM to the script after it has printed `text`. Returns all that it printed."""
        lines = []
        for line in process.stdout:
            lines.append(line)
            if text in line:
                break
        time.sleep(0.5)
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        out = "".join(lines) + self.end(process, 128 + signal.SIGTERM)
        self.assertLess(time.monotonic() - started, 20)
        return out

    def summary(self, out):
        self.assertIn("==== summary after", out)
        return out.split("==== summary after")[1]


class Job(Scripts):
    ROWS = 2 * 2 * 3 + 2 * 3

    def job(self, *options, **how):
        program = self.stand_in("haloedge", HALOEDGE)
        image = self.folder / "image.tif"
        subprocess.run(["vips", "zone", f"{image}", "180", "140", "--uchar"], check=True)
        return self.start(SCRIPTS / "gpu_job.sh", "--program", program, "--grid", "2x2", "--ranks", "1 2", "--frames", "2",
                          *options, image, **how)

    def rows(self, out):
        return [line for line in self.summary(out).splitlines()[1:] if line]

    def test_all_rows_come_and_the_bytes_are_the_same(self):
        out = self.end(self.job("--rounds", "2"), 0)
        rows = self.rows(out)
        self.assertEqual(len(rows), self.ROWS, out)
        self.assertEqual(sum(row.endswith("  the same bytes") for row in rows), 6)
        for job in ("edges, 1 rank(s)", "edges, 2 rank(s)", "canny, 1 rank(s)", "canny, 2 rank(s)"):
            for backend in ("cpu", "cuda"):
                self.assertRegex(out, rf"(?m)^{job.replace('(s)', '.s.')}  {backend} +\d+\.\d{{3}} s +\d+ Mpx/s  "
                                      r"waiting for the device \d+\.\d{3} s ")
        self.assertRegex(out, r"(?m)^stream 1080p, canny  cuda +[1-9]\d*\.\d frames/s$")
        # Rows are printed as soon as they are known, and kept in a file, too.
        self.assertEqual(out.split("\n==== summary")[0].splitlines()[-self.ROWS:], rows)
        self.assertEqual((self.folder / "out" / "gpu_job.txt").read_text(), out)

    def test_different_bytes_are_found(self):
        out = self.end(self.job(trouble="spoil"), 1)
        rows = self.rows(out)
        self.assertEqual(len(rows), self.ROWS, out)
        self.assertIn("canny, 1 rank(s)  DIFFERENT BYTES", self.summary(out))
        self.assertIn("canny, 2 rank(s)  DIFFERENT BYTES", self.summary(out))
        self.assertEqual(sum(row.endswith("  the same bytes") for row in rows), 4)

    def test_goes_on_after_a_row_that_fails(self):
        summary = self.summary(self.end(self.job(trouble="fail"), 1))
        self.assertRegex(summary, r"canny, 2 rank.s.  cuda  FAILED: exit status 7\n(    .*\n)*?    haloedge: out of luck\n")
        self.assertNotIn("    ---", summary)
        self.assertIn("canny, 2 rank(s)  NOT COMPARED: one output is missing", summary)
        self.assertEqual(summary.count("  the same bytes"), 4)
        self.assertRegex(summary, r"stream 1080p, canny  cuda +\d")

    def test_a_program_that_hangs_is_stopped(self):
        summary = self.summary(self.end(self.job("--bound", "3", "--ranks", "1", "--frames", "0", trouble="hang"), 1))
        self.assertIn("canny, 1 rank(s)  cuda  FAILED: stopped after 3 s", summary)
        self.assertIn("canny, 1 rank(s)  NOT COMPARED", summary)

    def test_no_row_is_lost_when_it_is_stopped(self):
        out = self.stop_after(self.job("--frames", "0", trouble="hang"), "canny, 1 rank(s)  cpu")
        rows = self.rows(out)
        self.assertEqual(len(rows), 2 * 3 + 2, out)
        self.assertEqual(rows[-1], "canny, 1 rank(s)  cuda  STOPPED by a signal")

    def test_without_a_device_it_says_why(self):
        out = self.end(self.job(trouble="no_device"), 77)
        self.assertIn("--backend cuda FAILED: exit status 1\n    haloedge: no driver in a test\n", out)
        self.assertIn("There is no device", out)

    def test_command_line(self):
        for words in (["--grid", "8"], ["--frames", "1"], ["--ranks", "1,2"], ["--rounds", "0"], ["--what", "1"], ["--bound"]):
            process = self.start(SCRIPTS / "gpu_job.sh", ROOT / "README.md", *words)
            self.assertIn("usage: ", self.end(process, 2))
        self.assertIn("usage: ", self.end(self.start(SCRIPTS / "gpu_job.sh", "--help"), 0))


class Check(Scripts):
    def setUp(self):
        super().setUp()
        self.stand_in("bin/kernels_test", KERNELS_TEST)
        self.stand_in("bin/gpu_bench", GPU_BENCH)
        self.stand_in("tools/compute-sanitizer", COMPUTE_SANITIZER)
        for tool in TOOLS:
            path = shutil.which(tool)
            if path:
                (self.folder / "tools" / tool).symlink_to(path)

    def start_check(self, *options, script=SCRIPTS / "gpu_check.sh", **how):
        return self.start(script, *options, PATH=str(self.folder / "tools"), CUDA_HOME=str(self.folder),
                          CALLS=str(self.folder / "calls"), STAND_INS=str(self.folder / "bin"), **how)

    def check(self, code, *options, **how):
        """Returns the summary of a run with prebuilt programs."""
        out = self.end(self.start_check("--prebuilt", "bin", *options, **how), code)
        self.assertIn(self.summary(out), (self.folder / "out" / "gpu_check.log").read_text())
        return self.summary(out)

    def test_all_passed(self):
        self.stand_in("tools/nvidia-smi", NVIDIA_SMI)
        summary = self.check(0, "--csv", "rows.csv")
        names = [line.split(":")[0] for line in summary.splitlines()[1:9]]
        self.assertEqual(names, ["nvidia-smi", "smoke", "gpu_bench", "device tests", "memcheck", "racecheck", "synccheck",
                                 "host tests"])
        self.assertIn("NVIDIA Stand-in, 580.1", summary)
        self.assertIn("; RACECHECK SUMMARY: 0 hazards", summary)
        self.assertIn("host tests: 1 tests passed", summary)
        self.assertIn("sobel L2 RGB u8", summary)
        self.assertIn("sobel", (self.folder / "rows.csv").read_text())

    def test_without_a_device(self):
        summary = self.check(77, trouble="no_device")
        self.assertIn("There is no device: no driver in a test", summary)
        self.assertNotIn("gpu_bench", summary)

    def test_failures(self):
        for trouble, found in {
            "fail": "device tests: FAILED (exit status 1): 0 tests passed, 2 failed",
            "crash": "device tests: FAILED (exit status 139) in Kernels/OnDevice.ClipsFloats/device: 0 tests passed",
            "bench": "gpu_bench: FAILED (exit status 1)",
            "hazards": "racecheck: FAILED: RACECHECK SUMMARY: 2 hazards displayed",
            "silent": "memcheck: FAILED: compute-sanitizer printed no summary",
            "host_skips": "host tests: NOT RUN: 1 tests were skipped, 1 passed",
        }.items():
            with self.subTest(trouble=trouble):
                summary = self.check(1, trouble=trouble)
                self.assertIn(found, summary)
                self.assertEqual(len([line for line in summary.splitlines() if "FAILED" in line or "NOT RUN" in line]), 1)
                self.assertIn("host tests: ", summary)

    def test_without_compute_sanitizer(self):
        (self.folder / "tools" / "compute-sanitizer").unlink()
        self.assertIn("NOT RUN: compute-sanitizer is not installed", self.check(1))

    def test_prebuilt_programs_find_the_oracles_files(self):
        self.stand_in("bin/kernels_test", KERNELS_TEST.replace("  -*)", "  -*) echo \"fixtures in $HALOEDGE_FIXTURES\""))
        self.check(0)
        self.assertIn(f"fixtures in {ROOT}/tests/oracles/fixtures", (self.folder / "out" / "gpu_check.log").read_text())

    def test_a_step_that_hangs_is_stopped(self):
        summary = self.check(1, "--bound", "2", trouble="hang")
        self.assertIn("device tests: TIMED OUT after 2 s in Kernels/OnDevice.ClipsFloats/device: 0 tests passed", summary)
        self.assertIn("host tests: 1 tests passed", summary)

    def test_no_outcome_is_lost_when_it_is_stopped(self):
        out = self.stop_after(self.start_check("--prebuilt", "bin", trouble="hang"), "== device tests")
        self.assertIn("\ndevice tests: STOPPED by a signal\n", self.summary(out))
        out = self.stop_after(self.start_check("--prebuilt", "bin", trouble="slow_bench"), "sobel")
        summary = self.summary(out)
        self.assertIn("smoke: 2 tests passed", summary)
        self.assertIn("gpu_bench: STOPPED by a signal", summary)
        self.assertIn("sobel L2 RGB u8", summary)
        self.assertIn("gpu_bench: STOPPED", (self.folder / "out" / "gpu_check.log").read_text())

    def build(self, code, *options, **how):
        """Runs the script so that it builds in its own source tree. Returns its output and its calls of CMake."""
        (self.folder / "calls").unlink(missing_ok=True)
        self.stand_in("tools/cmake", CMAKE)
        script = self.stand_in("scripts/gpu_check.sh", (SCRIPTS / "gpu_check.sh").read_text())
        out = self.end(self.start_check(*options, script=script, **how), code)
        return out, (self.folder / "calls").read_text()

    def test_prebuilds_for_gpus_elsewhere(self):
        out, calls = self.build(0, "--prebuild", "elsewhere", "--arch", "100")
        self.assertIn("-DCMAKE_CUDA_ARCHITECTURES=100-real", calls)
        self.assertNotIn("smoke", out)
        for name in ("kernels_test", "gpu_bench"):
            self.assertTrue(os.access(self.folder / "elsewhere" / name, os.X_OK))
        for wrong in (["--prebuild", "a", "--prebuilt", "bin"], ["--prebuild", "a", "--arch", "ninety"]):
            self.end(self.start_check(*wrong), 2)

    def test_builds_with_what_there_is(self):
        out, calls = self.build(0, "--gtest", "/some/googletest")
        self.assertIn("-G Unix Makefiles -B ", calls)
        self.assertIn("-DHALOEDGE_GTEST_SOURCE=/some/googletest", calls)
        self.assertNotIn("native", calls)
        self.assertIn("build: ", self.summary(out))
        # Make has filled the folder.
        (self.folder / "build-gpu" / "CMakeCache.txt").write_text("CMAKE_GENERATOR:INTERNAL=Unix Makefiles\n")
        self.stand_in("tools/ninja", "")
        self.stand_in("tools/nvidia-smi", NVIDIA_SMI)
        _, calls = self.build(0)
        self.assertIn("-G Ninja -B ", calls)
        self.assertIn("--fresh", calls)
        self.assertIn("-DCMAKE_CUDA_ARCHITECTURES=native", calls)

    def test_a_build_that_fails(self):
        out, _ = self.build(1, trouble="build")
        self.assertIn("build: FAILED (exit status 1)", self.summary(out))
        self.assertNotIn("smoke", out)

    def test_machine_code_ends_nothing(self):
        self.stand_in("tools/cuobjdump", "#!/usr/bin/env bash\nexit 1\n")
        out, _ = self.build(0)
        self.assertIn("machine code: cuobjdump cannot read it", self.summary(out))
        self.stand_in("tools/cuobjdump", "#!/usr/bin/env bash\necho LDG.E.128\n")
        out, _ = self.build(0)
        self.assertIn("machine code: 1 loads and 0 stores of 16 bytes, 0 spills", self.summary(out))

    def test_command_line(self):
        for words in (["--bound", "x"], ["--prebuilt", "nowhere"], ["--what", "1"], ["--csv"]):
            self.assertIn("usage: ", self.end(self.start_check(*words), 2))
        self.assertIn("usage: ", self.end(self.start_check("--help"), 0))


if __name__ == "__main__":
    unittest.main()
