#!/usr/bin/env python3
"""Draws what haloedge score found: how the scores are distributed, and which images have the lowest and the highest.

  plot_scores.py scores.sqlite
  plot_scores.py scores.sqlite -o report/city --images 24 --root /data/city

Writes PREFIX-distribution.svg and .png, and PREFIX-images.png, a contact sheet in which missing images are grey.
Relative paths in the database start from --root. Needs Python 3.9 and matplotlib. Exit codes: 0 all is well, 1 there is
nothing to draw, or it cannot be drawn or written, 2 wrong usage.
"""

import argparse
import sys
from pathlib import Path

from scaling import plots
from scores import distribution, sheet, table


def parse():
    def count(text):
        if int(text) < 1:
            raise ValueError(text)
        return int(text)

    count.__name__ = "number of 1 or more"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=Path, metavar="DATABASE", help="an SQLite database of haloedge score")
    parser.add_argument("-o", dest="prefix", metavar="PREFIX",
                        help="the beginning of the pictures' names (default: DATABASE without its ending)")
    parser.add_argument("--images", type=count, default=12, metavar="N",
                        help="the number of images of each kind on the contact sheet (default 12)")
    parser.add_argument("--root", type=Path, default=Path(), metavar="FOLDER",
                        help="the folder that paths of images are relative to (default: the current folder)")
    return parser.parse_args()


def draw(given, images):
    scored = [image for image in images if image.score is not None]
    prefix = Path(given.prefix or given.database.with_suffix(""))
    prefix.parent.mkdir(parents=True, exist_ok=True)
    plots.prepare()
    figure = distribution.draw([image.score for image in scored], len(images) - len(scored), given.database.name)
    plots.save(figure, f"{prefix}-distribution")
    title = f"{given.database.name}: the ends of {len(scored):,} images ordered by their congestion score"
    contacts = sheet.Sheet(sheet.sections_of(scored, given.images), title, given.root)
    contacts.image.save(f"{prefix}-images.png")
    print(f"{prefix}-distribution.svg, {prefix}-distribution.png, {prefix}-images.png")
    if contacts.missing:
        more = f" (and {len(contacts.missing) - 1} more)" if len(contacts.missing) > 1 else ""
        print(f"plot_scores.py: not shown: {contacts.missing[0]}{more}. Are the paths relative to another --root?",
              file=sys.stderr)


def main():
    given = parse()
    try:
        images = table.read(given.database)
        if not plots.can_draw():
            print(f"plot_scores.py: {sys.executable} has no matplotlib. On Debian: apt install python3-matplotlib, then "
                  f"/usr/bin/python3 scripts/plot_scores.py {given.database}", file=sys.stderr)
            return 1
        draw(given, images)
    except (table.TableError, OSError) as error:
        print(f"plot_scores.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
