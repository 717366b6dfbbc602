"""Tests scripts/corpus_check.py with small images that are made here. HALOEDGE_PROGRAM: the program that is checked."""

import importlib.util
import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
import zlib
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "corpus_check.py"
sys.path.insert(0, str(SCRIPT.parent))
HAS_GDAL = all(importlib.util.find_spec(name) for name in ("numpy", "osgeo"))
NO_GDAL = f"{sys.executable} has no NumPy or no GDAL"

# A stand-in for haloedge that makes trouble: flip changes a pixel of the edge map, crash and refuse do what they say.
TROUBLED = """#!/bin/sh
case $TROUBLE in
  crash) kill -SEGV $$ ;;
  refuse) echo "haloedge: $2: is the 3rd file that is too odd" >&2; exit 1 ;;
esac
"$HALOEDGE_PROGRAM" "$@" || exit
while [ "$1" != -o ]; do shift; done
exec "$PYTHON" -c 'if True:
  import sys
  from osgeo import gdal
  gdal.UseExceptions()
  edges = gdal.Open(sys.argv[1], gdal.GA_Update)
  pixels = edges.ReadAsArray()
  pixels[7, 5] += 0.001
  edges.GetRasterBand(1).WriteArray(pixels)' "$2"
"""


def value(x, y, colour=0):
    return (x * y * (colour + 3) // 7 + x) % 256


def write_png(path, width=40, height=30):
    """Writes a colour image whose edges are different everywhere."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(value(x, y, colour) for x in range(width) for colour in range(3))
                    for y in range(height))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
                     + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_tiff(path, kind, nodata=None, options=()):
    """Writes a gray TIFF."""
    import numpy
    from osgeo import gdal

    gray = numpy.fromfunction(numpy.vectorize(value), (30, 40), dtype=int)
    file = gdal.GetDriverByName("GTiff").Create(str(path), 40, 30, 1, gdal.GetDataTypeByName(kind), list(options))
    if nodata is not None:
        file.GetRasterBand(1).SetNoDataValue(nodata)
    file.GetRasterBand(1).WriteArray(gray // 32 if options else gray)


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.set = self.folder / "set"
        self.set.mkdir()
        self.troubled = self.folder / "troubled"
        self.troubled.write_text(TROUBLED)
        self.troubled.chmod(0o755)

    def script(self, *arguments, code=0, trouble=""):
        """Runs the script, which must end with `code`. Returns its standard output and standard error."""
        program = self.troubled if trouble else os.environ["HALOEDGE_PROGRAM"]
        done = subprocess.run([sys.executable, SCRIPT, *arguments], cwd=self.folder, text=True, capture_output=True,
                              timeout=100, check=False, env={**os.environ, "HALOEDGE": str(program), "TROUBLE": trouble,
                                                             "PYTHON": sys.executable})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        return done.stdout, done.stderr

    def checked(self, **how):
        """Runs the script on the set. Returns the rows of its table, without what is 0, and what follows."""
        table, _, lists = self.script("set", **how)[0].partition("\n\n")
        heads, *rows = [re.split("  +", line) for line in table.splitlines()]
        found = {}
        for name, *words in rows:
            numbers = words[-len(heads[2:]):-1]
            counts = {head: int(number) for head, number in zip(heads[2:-1], numbers) if number != "0"}
            found[" ".join([name, *words[:-len(heads[2:])]])] = counts
        return found, lists


@unittest.skipUnless(HAS_GDAL, NO_GDAL)
class Compares(Folder):
    def test_images_of_many_kinds_are_equal(self):
        (self.set / "deep").mkdir()
        write_png(self.set / "deep" / "colour.PNG")
        write_tiff(self.set / "bits.tif", "Byte", options=["NBITS=3"])
        write_tiff(self.set / "holes.tif", "Byte", nodata=0)
        write_tiff(self.set / "signed.tif", "Int16")
        write_tiff(self.set / "wide.tif", "UInt32")
        write_tiff(self.set / "real.tif", "Float32", nodata=0)
        (self.set / "text.txt").write_text("no image")
        (self.set / "link.tif").symlink_to("bits.tif")
        found, lists = self.checked()
        self.assertEqual(found["all"], {"images": 6, "equal": 6})
        self.assertEqual(found["TIFF uint8"], {"images": 2, "equal": 2})
        self.assertEqual(found["PNG uint8"], {"images": 1, "equal": 1})
        self.assertEqual(lists, "")

    def test_what_both_refuse_is_no_fault(self):
        write_png(self.set / "good.png")
        (self.set / "half.png").write_bytes((self.set / "good.png").read_bytes()[:900])
        (self.set / "no.tif").write_bytes(b"II*\0garbage")
        found, lists = self.checked()
        self.assertEqual(found["all"], {"images": 3, "equal": 1, "both refuse": 2})
        self.assertEqual(found["TIFF -"], {"images": 1, "both refuse": 1})
        self.assertIn("kinds of refusals: 2\n", lists)

    def test_limit_and_verbose(self):
        for number in range(3):
            write_png(self.set / f"{number}.png")
        output, _ = self.script("set", "--limit", "2", "--verbose")
        self.assertEqual([line.split(",")[0] for line in output.splitlines()[:2]],
                         ["set/0.png: equal", "set/1.png: equal"])
        self.assertNotIn("2.png", output)


@unittest.skipUnless(HAS_GDAL, NO_GDAL)
class Finds(Folder):
    def setUp(self):
        super().setUp()
        write_png(self.set / "a.png")

    def test_a_pixel_that_differs(self):
        found, lists = self.checked(code=1, trouble="flip")
        self.assertEqual(found["PNG uint8"], {"images": 1, "differs": 1})
        self.assertIn("set/a.png: 1 of 1200 pixels differ from GDAL's, the first in row 7, column 5: ", lists)

    def test_a_crash(self):
        found, lists = self.checked(code=1, trouble="crash")
        self.assertEqual(found["PNG uint8"], {"images": 1, "crashed or hung": 1})
        self.assertIn("set/a.png: exit code -11", lists)

    def test_a_refusal_of_what_others_read(self):
        (self.set / "no.tif").write_bytes(b"II*\0garbage")
        found, lists = self.checked(code=1, trouble="refuse")
        self.assertEqual(found["all"], {"images": 2, "only haloedge refuses": 1, "both refuse": 1})
        self.assertIn("set/a.png: is the 3rd file that is too odd\n", lists)
        self.assertIn("kinds of refusals: 1\n     2  is the Nrd file that is too odd\n", lists)

    def test_a_run_that_hangs(self):
        from corpus import compare, readers

        self.troubled.write_text("#!/bin/sh\nexec sleep 60\n")
        with unittest.mock.patch.object(compare, "SECONDS", 0.5):
            check = compare.check(self.troubled, readers.Item(str(self.set / "a.png")), str(self.folder))
        self.assertEqual(check.verdict, compare.Verdict.CRASHED)
        self.assertIn("not done after 0.5 s", check.message)


@unittest.skipUnless(HAS_GDAL, NO_GDAL)
class Refuses(Folder):
    def test_wrong_usage(self):
        self.assertIn("none: is not a folder", self.script("none", code=2)[1])
        self.assertIn("number of 1 or more", self.script("set", "--limit", "0", code=2)[1])
        self.troubled.chmod(0o644)
        if not os.access(self.troubled, os.X_OK):
            self.assertIn("troubled: HALOEDGE names another", self.script("set", code=2, trouble="flip")[1])

    def test_a_folder_without_images(self):
        self.assertIn("there is no image", self.script("set", code=1)[1])


@unittest.skipUnless(HAS_GDAL, NO_GDAL)
class Computes(unittest.TestCase):
    def test_upright_images(self):
        import numpy
        from corpus import readers

        image = numpy.arange(6).reshape(2, 3)
        # As EXIF says it: where the first row and the first column of the stored image are to be seen.
        expected = {1: image, 2: image[:, ::-1], 3: image[::-1, ::-1], 4: image[::-1], 5: image.T,
                    6: [[3, 0], [4, 1], [5, 2]], 7: [[5, 2], [4, 1], [3, 0]], 8: [[2, 5], [1, 4], [0, 3]]}
        for orientation, right in expected.items():
            self.assertTrue(numpy.array_equal(readers.upright(image, orientation), right), orientation)

    def test_mean_of_colours(self):
        import numpy
        from corpus import compare

        for kind, right in (("uint8", 34), ("int16", 34), ("float64", 101 / 3)):
            self.assertEqual(compare.gray_of(numpy.array([[[100, 0, 1]]], kind))[0, 0], right)
        self.assertEqual(compare.gray_of(numpy.array([[[-100, 0, -1]]], "int16"))[0, 0], -34)


@unittest.skipUnless(HAS_GDAL and importlib.util.find_spec("scipy"), f"{NO_GDAL} or no SciPy")
class Filters(unittest.TestCase):
    def test_sobel_as_in_scipy(self):
        import numpy
        import scipy.ndimage
        from corpus import compare

        for shape in ((9, 7), (1, 5), (5, 1), (1, 1), (2, 2)):
            gray = numpy.random.default_rng(1).integers(0, 65536, shape).astype(float)
            x, y = (scipy.ndimage.sobel(gray, axis, mode="reflect") for axis in (1, 0))
            self.assertTrue(numpy.array_equal(compare.sobel(gray), numpy.hypot(x, y)), shape)


if __name__ == "__main__":
    unittest.main()
