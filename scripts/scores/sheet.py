"""Draws the contact sheet: the least and the most congested images, small, with names and scores."""

import os
import warnings
from pathlib import Path

COLUMNS = 6
TILE = (240, 180)
GAP = 16
CAPTION = 44  # below a tile
HEADING = 48  # above a section
PAPER, FRAME, DARK, PALE = "#ffffff", "#f3f4f6", "#111827", "#6b7280"
GONE, GONE_TEXT = "#d1d5db", "#374151"


class NoPicture(Exception):
    """The reason why an image cannot be shown, in few words."""


def _as_bytes(samples):
    """Maps samples to bytes: the least value is black, the greatest is white, and NaN is black."""
    import numpy

    finite = samples[numpy.isfinite(samples)]
    least, most = (finite.min(), finite.max()) if finite.size else (0, 0)
    scaled = (samples - least) / max(most - least, 1e-300)
    return numpy.uint8(255 * numpy.nan_to_num(scaled, nan=0, posinf=1, neginf=0))


def load(path):
    """Returns the picture, no larger than a tile."""
    import numpy
    from PIL import Image, ImageOps

    if not os.path.exists(path):
        raise NoPicture("the file is missing")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                image.draft("RGB", (2 * TILE[0], 2 * TILE[1]))  # lets JPEG decode a small image
                if image.mode in ("F", "I") or image.mode.startswith("I;"):
                    image = Image.fromarray(_as_bytes(numpy.asarray(image, dtype=numpy.float64)))
                image = ImageOps.exif_transpose(image.convert("RGB"))  # drops alpha, which scores ignore
    except Image.DecompressionBombError as error:
        raise NoPicture("too large to be shown") from error
    except Exception as error:  # Pillow's readers raise whatever a broken file provokes
        raise NoPicture("cannot be read") from error
    image.thumbnail(TILE, Image.Resampling.LANCZOS)
    return image


class Sheet:
    def __init__(self, sections, title, root):
        """Draws the sheet. `sections` are headings with their images."""
        from matplotlib import font_manager
        from PIL import Image, ImageDraw, ImageFont

        regular = font_manager.findfont("DejaVu Sans")
        bold = font_manager.findfont(font_manager.FontProperties("DejaVu Sans", weight="bold"))
        self._name, self._score, self._heading, self._title = (
            ImageFont.truetype(file, size) for file, size in ((regular, 13), (bold, 14), (bold, 17), (regular, 15)))
        self._root = root
        self.missing = []
        columns = max(1, min(COLUMNS, max(len(images) for _, images in sections)))
        row = TILE[1] + CAPTION + GAP
        height = GAP + 28 + sum(HEADING + row * -(-len(images) // columns) for _, images in sections)
        width = max(GAP + columns * (TILE[0] + GAP), 560)
        self.image = Image.new("RGB", (width, height), PAPER)
        self._draw = ImageDraw.Draw(self.image)
        self._write((GAP, GAP), title, self._title, PALE, width - 2 * GAP)
        top = GAP + 28
        for heading, images in sections:
            self._draw.text((GAP, top + 14), heading, DARK, self._heading)
            top += HEADING
            for number, image in enumerate(images):
                self._tile(image, GAP + number % columns * (TILE[0] + GAP), top + number // columns * row)
            top += row * -(-len(images) // columns)

    def _tile(self, image, left, top):
        try:
            picture = load(Path(self._root, image.path))
        except NoPicture as reason:
            self.missing.append(f"{image.path}: {reason}")
            self._draw.rectangle((left, top, left + TILE[0] - 1, top + TILE[1] - 1), GONE)
            self._draw.text((left + TILE[0] / 2, top + TILE[1] / 2), str(reason), GONE_TEXT, self._name, anchor="mm")
        else:
            self._draw.rectangle((left, top, left + TILE[0] - 1, top + TILE[1] - 1), FRAME)
            self.image.paste(picture, (left + (TILE[0] - picture.width) // 2, top + (TILE[1] - picture.height) // 2))
        self._draw.rectangle((left - 1, top - 1, left + TILE[0], top + TILE[1]), outline=GONE)
        self._draw.text((left, top + TILE[1] + 5), f"{image.score:.4g}", DARK, self._score)
        self._write((left, top + TILE[1] + 24), Path(image.path).name, self._name, PALE, TILE[0])

    def _write(self, place, text, font, colour, width):
        """Draws text. If it is too long, its middle is left out, because names often differ at their ends."""
        text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
        kept = len(text)
        shown = text
        while kept > 1 and self._draw.textlength(shown, font) > width:
            kept -= 1
            shown = text[:(kept + 1) // 2] + "\N{HORIZONTAL ELLIPSIS}" + text[len(text) - kept // 2:]
        self._draw.text(place, shown, colour, font)


def sections_of(images, most):
    """Returns up to `most` images with the lowest scores and as many with the highest; no image is in both."""
    ranked = sorted(images, key=lambda image: (image.score, image.path))
    low = ranked[:min(most, (len(ranked) + 1) // 2)]
    high = ranked[len(low):][::-1][:most]
    return [(heading, part) for heading, part in (("Least congested", low), ("Most congested", high)) if part]
