"""Tests scripts/plot_scores.py with a small database and pictures that are made here."""

import importlib.util
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "plot_scores.py"
sys.path.insert(0, str(SCRIPT.parent))

from scores import sheet, table  # noqa: E402

COLUMNS = ("path TEXT NOT NULL PRIMARY KEY, score REAL, edge_density REAL, gradient_mean REAL, entropy REAL, "
           "width INTEGER, height INTEGER, bytes INTEGER, modified TEXT, seconds REAL, error TEXT NOT NULL")
TILE_ROW = sheet.TILE[1] + sheet.CAPTION + sheet.GAP
FIRST_ROW = sheet.GAP + 28 + sheet.HEADING


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def database(self, rows, columns=COLUMNS, name="scores.sqlite"):
        """Makes a database. `rows` are paths, scores (None: an error) and errors."""
        database = sqlite3.connect(self.folder / name)
        database.execute(f"CREATE TABLE images ({columns})")
        for path, score, error in rows:
            database.execute("INSERT INTO images (path, score, error) VALUES (?, ?, ?)", (path, score, error))
        database.commit()
        database.close()
        return name

    def plot(self, *arguments, code=0, **environment):
        """Runs the script, which must end with `code`. Returns its standard output and standard error."""
        done = subprocess.run([sys.executable, SCRIPT, *arguments], cwd=self.folder, text=True, capture_output=True,
                              timeout=100, check=False, env={**os.environ, **environment})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout, done.stderr


@unittest.skipUnless(importlib.util.find_spec("matplotlib"), "no matplotlib")
class Draws(Folder):
    def pictures(self, count):
        """Makes plain pictures, each in another red."""
        from PIL import Image

        rows = []
        for number in range(count):
            Image.new("RGB", (80, 60), self.colour(number)).save(self.folder / f"{number}.png")
            rows.append((f"{number}.png", number * 1.5, ""))
        return rows

    @staticmethod
    def colour(number):
        return (10 + 20 * number, 0, 255)

    def shown(self, prefix="scores", columns=3, rows=1):
        """Returns the colours in the middle of the tiles of both sections, in order."""
        from PIL import Image

        with Image.open(self.folder / f"{prefix}-images.png") as image:
            return [[image.getpixel((sheet.GAP + column * (sheet.TILE[0] + sheet.GAP) + sheet.TILE[0] // 2,
                                     FIRST_ROW + section * (sheet.HEADING + rows * TILE_ROW) + 90))
                     for column in range(columns)] for section in range(2)]

    def words(self, prefix="scores"):
        tree = xml.etree.ElementTree.parse(self.folder / f"{prefix}-distribution.svg")
        return "\n".join("".join(text.itertext()) for text in tree.iter("{http://www.w3.org/2000/svg}text"))

    def test_distribution_tells_numbers(self):
        rows = self.pictures(11) + [("broken.jpg", None, "cut short")]
        output, errors = self.plot(self.database(rows))
        self.assertEqual(output, "scores-distribution.svg, scores-distribution.png, scores-images.png\n")
        self.assertEqual(errors, "")
        words = self.words()
        for expected in ("Congestion of 11 images, 1 more without a score", "median 7.5, mean 7.5", "10 %: 1.5",
                         "50 %: 7.5", "90 %: 13.5"):
            self.assertIn(expected, words)
        self.assertEqual((self.folder / "scores-distribution.png").read_bytes()[:4], b"\x89PNG")

    def test_sheet_has_the_lowest_and_the_highest(self):
        self.plot(self.database(reversed(self.pictures(10))), "--images", "3", "-o", "out/city")
        self.assertEqual(self.shown("out/city"), [[self.colour(n) for n in (0, 1, 2)],
                                                  [self.colour(n) for n in (9, 8, 7)]])

    def test_no_image_is_on_the_sheet_twice(self):
        images = [table.Image(str(n), float(n), "") for n in range(5)]
        sections = sheet.sections_of(images, 12)
        self.assertEqual([[image.path for image in part] for _, part in sections], [["0", "1", "2"], ["4", "3"]])
        self.assertEqual([heading for heading, _ in sheet.sections_of(images[:1], 12)], ["Least congested"])

    def test_images_that_cannot_be_shown_are_grey(self):
        from PIL import ImageColor

        rows = self.pictures(6)
        (self.folder / "0.png").unlink()
        (self.folder / "2.png").write_bytes(b"no picture")
        _, errors = self.plot(self.database(rows), "--images", "3")
        self.assertIn("not shown: 0.png: the file is missing (and 1 more)", errors)
        grey = ImageColor.getrgb(sheet.GONE)
        low = self.shown()[0]
        # The words of the note cover the middle of the grey.
        self.assertEqual(low[1], self.colour(1))
        for colour in (low[0], low[2]):
            self.assertTrue(colour[0] <= grey[0] and abs(colour[0] - colour[2]) < 20, colour)

    def test_relative_paths_start_from_root(self):
        (self.folder / "set").mkdir()
        rows = self.pictures(6)
        for path, _, _ in rows:
            (self.folder / path).rename(self.folder / "set" / path)
        _, errors = self.plot(self.database(rows), "--images", "3", "--root", "set")
        self.assertEqual(errors, "")
        self.assertEqual(self.shown()[1], [self.colour(n) for n in (5, 4, 3)])

    def test_depth_and_floats_span_black_to_white(self):
        import numpy
        from PIL import Image

        ramp = numpy.tile(numpy.linspace(0, 1, 200), (150, 1))
        Image.fromarray((1000 + 500 * ramp).astype(numpy.int32)).save(self.folder / "depth.png")
        ramp[0, 0] = numpy.nan
        Image.fromarray((ramp - 7).astype(numpy.float32)).save(self.folder / "depth.tif")
        for name in ("depth.png", "depth.tif"):
            picture = sheet.load(self.folder / name)
            self.assertLess(picture.getpixel((2, 100))[0], 10, name)
            self.assertGreater(picture.getpixel((197, 100))[0], 245, name)

    def test_equal_scores_one_image_and_odd_names(self):
        self.plot(self.database([(f"{n}.png", 3.25, "") for n in range(4)]))
        self.assertIn("median 3.25", self.words())
        odd = os.fsencode("caf\udce9 \n" + "x" * 200 + ".png")
        _, errors = self.plot(self.database([(odd, 0, "")], name="one.db"), PYTHONIOENCODING="utf-8:backslashreplace")
        self.assertIn("Congestion of 1 image\n", self.words("one") + "\n")
        self.assertIn("the file is missing", errors)


class Refuses(Folder):
    def refused(self, *arguments, code=1):
        output, errors = self.plot(*arguments, code=code)
        self.assertEqual(output, "")
        self.assertNotIn("Traceback", errors)
        return errors

    def test_what_is_no_database_of_scores(self):
        self.assertIn("none.sqlite: the file does not exist", self.refused("none.sqlite"))
        self.assertIn("it is a folder", self.refused("."))
        (self.folder / "scores.csv").write_text("path,score\n" * 100)
        self.assertIn("scores.csv: it cannot be read as an SQLite database", self.refused("scores.csv"))
        sqlite3.connect(self.folder / "empty.db").close()
        self.assertIn("no table 'images'", self.refused("empty.db"))
        hashes = self.database([], "path, hash, width, height, bytes, modified, error", "hashes.db")
        self.assertIn("no column score, edge_density, gradient_mean, entropy, seconds: it is a table of hashes",
                      self.refused(hashes))
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["empty.db", "hashes.db", "scores.csv"])

    def test_rows_without_a_score(self):
        self.assertIn("a.png has neither a score nor an error", self.refused(self.database([("a.png", None, "")])))

    def test_nothing_to_draw(self):
        failed = self.database([("a.png", None, "cut short"), ("b.png", None, "no PNG")])
        self.assertIn("no image has a score; the first of 2 errors: a.png: cut short", self.refused(failed))
        self.assertIn("no image has a score\n", self.refused(self.database([], name="empty.db")))

    def test_wrong_usage(self):
        self.assertIn("number of 1 or more", self.refused("scores.sqlite", "--images", "0", code=2))


if __name__ == "__main__":
    unittest.main()
